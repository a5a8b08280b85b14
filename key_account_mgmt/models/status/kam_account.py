from odoo import api, fields, models
from odoo.fields import Domain

from .status_report import OPEN


class KamAccount(models.Model):
    """Where an account stood, month by month; the lines follow its account manager."""

    _inherit = "kam.account"

    status_line_count = fields.Integer("Status Reports", compute="_compute_status_line_count")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_status_line_count(self):
        Line = self.env["kam.status.report.line"]
        mine = Domain("account_id", "in", self.ids)
        counts = {}
        if Line.has_access("read"):
            counts = dict(Line._read_group(mine, ["account_id"], ["__count"]))
        for account in self:
            account.status_line_count = counts.get(account._origin, 0)

    def action_open_status_lines(self):
        """What the status reports said about these accounts, the latest first."""
        self.check_access("read")
        self.env["kam.status.report.line"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_status_report_line_action"
        )
        return action | {"domain": [("account_id", "in", self.ids)], "context": {"create": False}}

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals:
            # sudo and engine: who completes a line is who leads its account; a submitted
            # report keeps who did.
            lines = self.env["kam.status.report.line"].sudo()._as_engine()
            waiting = Domain("report_state", "in", OPEN)
            own = lines.search(Domain("account_id", "in", self.ids) & waiting)
            own.write({"user_id": vals["user_id"]})
        return result

    def _merge_into(self, kept):
        # sudo and engine: as the merge itself.  A submitted report that names both keeps both
        # lines; an open one goes on with one, which says what was written in either.
        lines = self.env["kam.status.report.line"].sudo()._as_engine()
        known = lines.search([("account_id", "=", kept.id)]).grouped("report_id")
        for line in lines.search([("account_id", "=", self.id)]):
            twin = known.get(line.report_id)
            if not twin:
                line.write({"account_id": kept.id})
            elif line.report_state in OPEN:
                twin._take_over(line)
        return super()._merge_into(kept)
