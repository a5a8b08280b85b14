"""Evaluation lines and their results, written by one SQL COPY per table.

ORM creation costs twice as much as measuring fifty thousand customers; lines have no
computes, constraints or chatter that it would serve.
"""

from io import StringIO

from ...policy.criteria import EXPIRED, PRECISION
from ..core.bulk_rows import STAMPS, copy_line, copy_rows, copy_text, next_ids, stamps

LINE_COLUMNS = (
    "id", "evaluation_id", "company_id", "scheme_id", "partner_id", "account_id", "user_id",
    "label_id", "current_tier_id", "suggested_tier_id", "decided_tier_id", "next_tier_id",
    "code", "change", "attention", "is_override", "override_reason", "override_user_id",
    "sales", "sales_previous", "pipeline", "assessment", "expected_increment",
    *STAMPS,
)  # fmt: skip
LINES, RESULTS = "kam_tier_evaluation_line", "kam_tier_evaluation_result"
RESULT_COLUMNS = ("line_id", "criterion_id", "metric_id", "value", "threshold", "verdict")


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
        ids = next_ids(self.env, LINES, len(rows))
        self._prepare_context(rows)
        line_model = self.env["kam.tier.evaluation.line"]
        heads = [f"{cid}\t{mid}\t" for cid, mid, _threshold in self.criteria]
        tails = [f"\t{copy_text(threshold)}\t" for _cid, _mid, threshold in self.criteria]
        for line_id, row in zip(ids, rows, strict=True):
            lines.write(copy_line(self._line_values(line_id, row, line_model)))
            for head, tail, value, verdict in zip(
                heads, tails, row.values, row.verdicts, strict=True
            ):
                number = 0.0 if value is None or value is EXPIRED else round(value, PRECISION)
                results.write(f"{line_id}\t{head}{number}{tail}{verdict}\n")
        copy_rows(self.env.cr, LINES, LINE_COLUMNS, lines)
        copy_rows(self.env.cr, RESULTS, RESULT_COLUMNS, results)
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
        self.stamp = stamps(self.env)

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
