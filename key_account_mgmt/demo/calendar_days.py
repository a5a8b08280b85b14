"""The public holidays and make-up working days (调休) of two Chinese years."""

import csv
from pathlib import Path


def read_rows():
    """The rows of calendar_days.csv: date, kind, English and Chinese name."""
    path = Path(__file__).with_name("calendar_days.csv")
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def load(story):
    rows = read_rows()
    days = story.env["kam.calendar.day"].create(
        [
            {
                "name": row["english"],
                "date": row["date"],
                "kind": row["kind"],
                "company_id": story.company.id,
            }
            for row in rows
        ]
    )
    for day, row in zip(days, rows, strict=True):
        day.with_context(lang="zh_CN").name = row["chinese"]
    holidays = sum(row["kind"] == "holiday" for row in rows)
    return f"{holidays} public holidays, {len(rows) - holidays} make-up working days"
