from odoo import fields, models

RULINGS = [("upheld", "Upheld"), ("rejected", "Rejected")]


class KamScorecardObjection(models.Model):
    """What a person objected to on his scorecard, and how it was decided; kept for ever.

    Source: (c13), users §2.
    """

    _name = "kam.scorecard.objection"
    _inherit = ["kam.guarded"]
    _description = "Objection to a Scorecard"
    _order = "id desc"
    _rec_name = "text"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    card_id = fields.Many2one("kam.scorecard", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="card_id.company_id", store=True, index=True)
    reviewer_id = fields.Many2one(related="card_id.reviewer_id")
    line_id = fields.Many2one("kam.scorecard.line", "Disputed", ondelete="restrict")
    kpi_id = fields.Many2one(related="line_id.kpi_id", string="Disputed KPI")
    figure = fields.Char("Figure Then", readonly=True)
    text = fields.Text("Objection", required=True)
    user_id = fields.Many2one("res.users", "Objected by", required=True, ondelete="restrict")
    raised_on = fields.Datetime(required=True)
    ruling = fields.Selection(RULINGS)
    reason = fields.Text()
    ruled_by_id = fields.Many2one("res.users", "Decided by", ondelete="restrict")
    ruled_on = fields.Datetime("Decided on")

    def action_show_documents(self):
        """The documents of the disputed figure."""
        self.ensure_one()
        self.check_access("read")
        return self.line_id.action_show_documents() if self.line_id else self.card_id.action_open()
