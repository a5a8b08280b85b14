from odoo import fields, models
from odoo.exceptions import UserError

from .insight_kind import BLOCKS

# Where a fact may come from; nothing else is opened.
SOURCES = (
    "kam.visit",
    "kam.insight",
    "kam.issue",
    "kam.action",
    "kam.tier.assignment",
    "kam.contract",
)


class KamStatusFact(models.Model):
    """Something said or done in the month, as it was gathered, with the record it stands in.

    Source: S3-33.
    """

    _name = "kam.status.fact"
    _inherit = ["kam.guarded"]
    _description = "Fact in a Status Report"
    _order = "line_id, block, day, id"
    _rec_name = "text"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    line_id = fields.Many2one(
        "kam.status.report.line", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    report_state = fields.Selection(related="line_id.report_state")
    block = fields.Selection(
        [("progress", "Business Progress"), *BLOCKS, ("next", "Next Month")], required=True
    )
    day = fields.Date()
    text = fields.Char(required=True)
    user_id = fields.Many2one("res.users", "Said by", ondelete="restrict")
    res_model = fields.Char("Model", required=True)
    res_id = fields.Many2oneReference("Source", model_field="res_model", required=True)

    def action_open_source(self):
        """The visit report, insight, issue … it was gathered from.

        :raise UserError: it does not exist any more
        :raise AccessError: the reader may not read it
        """
        self.ensure_one()
        self.check_access("read")
        source = self.env[self.res_model].browse(self.res_id).exists()
        if self.res_model not in SOURCES or not source:
            raise UserError(self.env._("What this was gathered from does not exist any more."))
        source.check_access("read")
        return source.get_formview_action()
