"""What the people are to reach this year: spread as last year went, one month changed by
hand, a target of an account, of the team and of the programme."""

from odoo import Command

from ..models.kpi.subject import KpiSubject, period_of
from .story import WAN

# login: percent more than last year; in 万元 where there was nothing to compare with
PEOPLE = {"zhoumin": (20, 6000), "hetao": (15, 2500)}
ACCOUNTS = {"tianheng": (12, 3000), "hongyue": (25, 1200)}
TEAM = "Key Accounts East 华东大客户组"
# KPI, number
PROGRAMME = (("k17", 20.0),)


def load(story):
    story.ref("group_kam_area_kpi")._kam_switch_on()
    year = period_of(story.company, "year", story.today)
    people = {login: _plan(story, year, "user", login, *row) for login, row in PEOPLE.items()}
    for key, row in ACCOUNTS.items():
        _plan(story, year, "account", key, *row)
    _team(story, year, people.values())
    _programme(story, year)
    for target in people.values():
        target._spread("season")
    _by_hand(people["zhoumin"])
    _banded_and_deducted(story)
    return f"{story.env['kam.target'].search_count([])} targets of {year.start.year}"


def _subject(story, kind, key):
    if kind == "user":
        return story.users[key]
    return story.partners[key].kam_account_id


def _plan(story, year, kind, key, percent, fallback):
    """Last year plus some percent, rounded to 万元."""
    record = _subject(story, kind, key)
    kpi, before = story.ref("kam_kpi_k01"), year.previous_year()
    subject = KpiSubject(kind, record.id)
    actual = kpi._figures_of([subject], before, story.company)[subject, kpi.id].value
    amount = round((actual or 0.0) * (1 + percent / 100) / WAN) * WAN
    return story.env["kam.target"].create(
        {
            "company_id": story.company.id,
            "kpi_id": kpi.id,
            "subject_kind": kind,
            f"{kind}_id": record.id,
            "period_kind": "year",
            "date_from": year.start,
            "amount": amount if amount > 0 else fallback * WAN,
        }
    )


def _team(story, year, targets):
    """A sales team of the account managers, since ever; its target is theirs together."""
    members = [story.users[login].id for login in PEOPLE]
    team = story.env["crm.team"].create(
        {
            "name": TEAM,
            "company_id": story.company.id,
            "user_id": story.users["chenli"].id,
            "member_ids": [Command.set(members)],
        }
    )
    history = story.env["kam.sales.membership"].search([("team_id", "=", team.id)])
    history.date_from = False
    story.env["kam.target"].create(
        {
            "company_id": story.company.id,
            "kpi_id": story.ref("kam_kpi_k01").id,
            "subject_kind": "team",
            "team_id": team.id,
            "period_kind": "year",
            "date_from": year.start,
            "amount": sum(target.amount for target in targets),
        }
    )


def _programme(story, year):
    """Twenty percent more, five new ones.  Source: S1f-04, S1f-05."""
    for code, number in PROGRAMME:
        story.env["kam.target"].create(
            {
                "company_id": story.company.id,
                "kpi_id": story.ref(f"kam_kpi_{code}").id,
                "subject_kind": "programme",
                "period_kind": "year",
                "date_from": year.start,
                "number": number,
            }
        )


def _by_hand(target):
    """The last month of the year is asked for less, the others share the rest."""
    last = target.child_ids.sorted("date_from")[-1]
    last.amount = round(last.amount / 2 / WAN) * WAN
    target._spread("season")


def _banded_and_deducted(story):
    """Loyalty in steps, ten points off for every complaint in a hundred orders."""
    bands = [(0.0, 40.0), (40.0, 70.0), (60.0, 100.0), (80.0, 115.0)]
    story.ref("kam_kpi_set_line_am_quarter_k06").write(
        {
            "method": "banded",
            "band_ids": [Command.create({"value_from": v, "score": s}) for v, s in bands],
        }
    )
    story.ref("kam_kpi_set_line_am_quarter_k07").write({"method": "deduction", "points": 10.0})
