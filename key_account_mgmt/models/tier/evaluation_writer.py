"""Evaluation lines and their results, written by one SQL COPY per table.

ORM creation costs twice as much as measuring fifty thousand customers; lines have no
computes, constraints or chatter that it would serve.
"""

from io import StringIO

from odoo.tools import SQL

from ...policy.criteria import EXPIRED, PRECISION

LINE_COLUMNS = (
    "id", "evaluation_id", "company_id", "scheme_id", "partner_id", "account_id", "user_id",
    "label_id", "current_tier_id", "suggested_tier_id", "decided_tier_id", "next_tier_id",
    "code", "change", "attention", "is_override", "override_reason", "override_user_id",
    "sales", "sales_previous", "pipeline", "assessment", "expected_increment",
    "create_uid", "create_date", "write_uid", "write_date",
)  # fmt: skip
RESULT_COLUMNS = ("line_id", "criterion_id", "metric_id", "value", "threshold", "verdict")
NULL = "\\N"


def _text(value):
    """A value in PostgreSQL's COPY text format."""
    if value is None:
        return NULL
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, str):
        value = value.replace("\\", "\\\\").replace("\t", "\\t")
        return value.replace("\n", "\\n").replace("\r", "\\r")
    return str(value)


class EvaluationWriter:
    """Writes the rows of a :class:`~.engine.TierEngine` under an evaluation.

    :param kept: ``{(scheme id, partner id, label id): {column: value}}``; what the office
        decided or noted before and must survive a recomputation
    """

    def __init__(self, evaluation, engine, kept):
        self.env = evaluation.env
        self.evaluation = evaluation
        self.engine = engine
        self.kept = kept
        self.criteria = [
            (
                criterion.id,
                criterion.metric_id.id,
                criterion._threshold_value() if not criterion.operator.startswith("has") else None,
            )
            for criterion in engine.criteria
        ]

    def store(self):
        """Store every line; returns their number."""
        lines, results = StringIO(), StringIO()
        rows = list(self.engine.rows())
        ids = self._next_ids(len(rows))
        self._prepare_context(rows)
        line_model = self.env["kam.tier.evaluation.line"]
        heads = [f"{cid}\t{mid}\t" for cid, mid, _threshold in self.criteria]
        tails = [f"\t{_text(threshold)}\t" for _cid, _mid, threshold in self.criteria]
        for line_id, row in zip(ids, rows, strict=True):
            values = self._line_values(line_id, row, line_model)
            lines.write("\t".join(map(_text, values)) + "\n")
            for head, tail, value, verdict in zip(
                heads, tails, row.values, row.verdicts, strict=True
            ):
                number = 0.0 if value is None or value is EXPIRED else round(value, PRECISION)
                results.write(f"{line_id}\t{head}{number}{tail}{verdict}\n")
        self._copy("kam_tier_evaluation_line", LINE_COLUMNS, lines)
        self._copy("kam_tier_evaluation_result", RESULT_COLUMNS, results)
        return len(rows)

    def _prepare_context(self, rows):
        run, engine = self.engine.run, self.engine
        # Added up over a group, 0.1 + 0.2 is not 0.3: amounts are kept in cents.
        self.digits = engine.company.currency_id.decimal_places
        self.figures = [
            run.values(metric) for metric in (engine.sales, engine.previous, engine.pipeline)
        ]
        accounts = engine.env["kam.account"].search_fetch(
            [("company_id", "=", engine.company.id)], ["partner_id", "user_id"]
        )
        self.accounts = {a.partner_id.id: (a.id, a.user_id.id or None) for a in accounts}
        now = self.env.cr.now().replace(tzinfo=None, microsecond=0)
        self.stamp = (self.env.uid, now, self.env.uid, now)

    def _line_values(self, line_id, row, line_model):
        pid = row.partner_id
        account_id, user_id = self.accounts.get(pid, (None, None))
        values = {
            "decided_tier_id": row.decided_id,
            "change": row.change,
            "is_override": False,
            "override_reason": None,
            "override_user_id": None,
            "assessment": None,
            "expected_increment": None,
        }
        key = (self.engine.scheme.id, pid, row.label_id)
        kept = self.kept.get(key)
        if kept:
            values |= kept
            if values["is_override"] and values["decided_tier_id"] == row.suggested_id:
                # The figures have come round to the decision.
                values |= {"is_override": False, "override_reason": None, "override_user_id": None}
            values["change"] = self.engine.change(row.current_id, values["decided_tier_id"])
            if row.label_id and values["change"] == "new":
                values["change"] = "added"
        return (
            line_id, self.evaluation.id, self.evaluation.company_id.id, self.engine.scheme.id, pid,
            account_id, user_id, row.label_id, row.current_id, row.suggested_id,
            values["decided_tier_id"], row.next_id, row.code, values["change"],
            line_model._attention(values["change"], row.code, values["is_override"]),
            values["is_override"], values["override_reason"], values["override_user_id"],
            *(round(figures.get(pid, 0.0), self.digits) for figures in self.figures),
            values["assessment"], values["expected_increment"], *self.stamp,
        )  # fmt: skip

    def _next_ids(self, count):
        self.env.cr.execute(
            SQL(
                "SELECT nextval('kam_tier_evaluation_line_id_seq') FROM generate_series(1, %s)",
                count,
            )
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _copy(self, table, columns, buffer):
        buffer.seek(0)
        self.env.cr.copy_from(buffer, table, columns=columns, null=NULL)
