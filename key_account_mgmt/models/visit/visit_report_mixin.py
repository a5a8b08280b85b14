from odoo import api, fields, models
from odoo.exceptions import UserError

# What every report says something about: one line, or nothing new.
BLOCKS = ("progress", "need_change", "problems", "personnel", "competitor")
TECHNICAL_BLOCKS = ("product_performance", "future_needs")
SATISFACTION = [
    ("1", "1 – Very dissatisfied"),
    ("2", "2 – Dissatisfied"),
    ("3", "3 – Neutral"),
    ("4", "4 – Satisfied"),
    ("5", "5 – Very satisfied"),
]
REPORT_FIELDS = (
    "report",
    "next_action",
    "next_action_date",
    "next_is_visit",
    *BLOCKS,
    *TECHNICAL_BLOCKS,
    *(f"{block}_none" for block in BLOCKS + TECHNICAL_BLOCKS),
    "nothing_else",
    "satisfaction",
    "suggestions",
)


class KamVisitReportMixin(models.AbstractModel):
    """What a visit report asks: one text, the next action, and a few taps.

    Source: S0-76, S0-77, S0-115, S0-116, S3-28, S3-29, S3-39, users §1.
    """

    _name = "kam.visit.report.mixin"
    _description = "Visit Report"

    report = fields.Text(
        copy=False, help="What concerns the customer, what he said, what was agreed."
    )
    next_action = fields.Char(copy=False, help="Becomes an action of yours.")
    next_action_date = fields.Date("Next Action on", copy=False)
    next_is_visit = fields.Boolean(
        "Is a Visit", copy=False, help="The next visit is planned on that day."
    )
    progress = fields.Char("Business Progress", copy=False)
    progress_none = fields.Boolean("Progress: Nothing New", copy=False)
    need_change = fields.Char("Changed Needs", copy=False)
    need_change_none = fields.Boolean("Needs: Nothing New", copy=False)
    problems = fields.Char("Problems and Solutions", copy=False)
    problems_none = fields.Boolean("Problems: Nothing New", copy=False)
    personnel = fields.Char("Personnel Changes", copy=False)
    personnel_none = fields.Boolean("Personnel: Nothing New", copy=False)
    competitor = fields.Char("Competitors", copy=False)
    competitor_none = fields.Boolean("Competitors: Nothing New", copy=False)
    product_performance = fields.Char("Performance of Our Products", copy=False)
    product_performance_none = fields.Boolean("Performance: Nothing New", copy=False)
    future_needs = fields.Char(
        copy=False, help="Technology, performance and cost of what he will need."
    )
    future_needs_none = fields.Boolean("Future Needs: Nothing New", copy=False)
    nothing_else = fields.Boolean(
        "Nothing New in the Rest", copy=False, help="One tap for whatever was left empty."
    )
    satisfaction = fields.Selection(SATISFACTION, copy=False)
    suggestions = fields.Text("Customer's Suggestions", copy=False)
    asks_satisfaction = fields.Boolean(related="purpose_id.asks_satisfaction")
    asks_technical = fields.Boolean(related="purpose_id.asks_technical")
    # Both users of this mixin say which purposes there are.
    purpose_id = fields.Many2one("kam.visit.purpose")

    def _blocks(self):
        """Names of the blocks the purpose asks for."""
        return BLOCKS + (TECHNICAL_BLOCKS if self.purpose_id.asks_technical else ())

    @api.onchange(*BLOCKS, *TECHNICAL_BLOCKS)
    def _onchange_blocks(self):
        """Who writes something has something new to say."""
        for block in BLOCKS + TECHNICAL_BLOCKS:
            if self[block]:
                self[f"{block}_none"] = False

    def _check_report_complete(self):
        """:raise UserError: naming everything the report still lacks, in one sentence"""
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ("report", "next_action", "next_action_date")
            if not (str(self[name] or "")).strip()
        ]
        missing += [
            self._fields[block]._description_string(self.env)
            for block in self._blocks()
            if not ((self[block] or "").strip() or self[f"{block}_none"] or self.nothing_else)
        ]
        if self.purpose_id.asks_satisfaction and not self.satisfaction:
            missing.append(self._fields["satisfaction"]._description_string(self.env))
        if missing:
            raise UserError(
                self.env._(
                    "The report still lacks: %(missing)s. A line each, or “Nothing New in the "
                    "Rest”.",
                    missing=", ".join(missing),
                )
            )
