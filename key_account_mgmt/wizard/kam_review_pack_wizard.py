from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..policy.obligations import window


class KamReviewPackWizard(models.TransientModel):
    """Which period a meeting with the customer looks back on.  Source: S1d-09."""

    _name = "kam.review.pack.wizard"
    _description = "Account Review Pack"

    account_id = fields.Many2one("kam.account", required=True, readonly=True)
    period = fields.Selection(
        [("quarter", "Last Quarter"), ("half", "Last Half-Year"), ("year", "Last Year"),
         ("own", "Other Days")],
        required=True,
        default="quarter",
    )  # fmt: skip
    date_from = fields.Date(
        "From", compute="_compute_dates", store=True, readonly=False, required=True, precompute=True
    )
    date_to = fields.Date(
        "To", compute="_compute_dates", store=True, readonly=False, required=True, precompute=True
    )

    @api.depends("period", "account_id")
    def _compute_dates(self):
        for wizard in self:
            if wizard.period == "own" and wizard.date_from and wizard.date_to:
                continue
            company = wizard.account_id.company_id or self.env.company
            kind = wizard.period if wizard.period != "own" else "quarter"
            begun = window(kind, company._kam_today()).start
            over = window(kind, begun - timedelta(days=1))
            wizard.date_from, wizard.date_to = over.start, over.end

    def action_print(self):
        """The pack as PDF, in the customer's language."""
        self.ensure_one()
        self.account_id.check_access("read")
        if self.date_from > self.date_to:
            raise UserError(self.env._("The first day lies after the last one."))
        report = self.env.ref("key_account_mgmt.action_report_review_pack")
        return report.report_action(self)
