from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class KamStatusAcknowledgement(models.Model):
    """That somebody has to acknowledge a submitted report, and when he did.

    One row for each of them, made at submission; only he himself acknowledges.
    Source: S3-35.
    """

    _name = "kam.status.acknowledgement"
    _inherit = ["kam.guarded"]
    _description = "Acknowledgement of a Status Report"
    _order = "report_id desc, id"
    _rec_name = "report_id"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    report_id = fields.Many2one("kam.status.report", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Acknowledges", required=True, index=True, ondelete="restrict"
    )
    date_due = fields.Date("Due", required=True)
    acknowledged_on = fields.Datetime("Acknowledged")

    _user_uniq = models.Constraint(
        "UNIQUE (report_id, user_id)", "Everybody acknowledges a report once."
    )

    def action_acknowledge(self):
        """Noted.  The report is acknowledged with the last one's.

        :raise AccessError: it is somebody else's to acknowledge
        :raise UserError: acknowledged already
        """
        self.check_access("read")
        for row in self:
            if row.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "It is %(name)s who acknowledges here.", name=row.sudo().user_id.name
                    )
                )
            if row.acknowledged_on:
                raise UserError(self.env._("You have acknowledged this report already."))
        # sudo and engine: each acknowledges for himself, which was checked.
        rows = self.sudo()._as_engine()
        rows.write({"acknowledged_on": fields.Datetime.now()})
        rows.report_id._follow_acknowledgements()
        return True

    @api.private
    def get_formview_action(self, access_uid=None):
        """What is acknowledged is the report: where My Week opens."""
        self.ensure_one()
        return self.report_id.get_formview_action(access_uid)

    def _week_texts(self):
        """What My Week says of it: ``(title, state)``."""
        # sudo: the name of a report he has to acknowledge.
        title = self.report_id.sudo().display_name
        done = self.env._("Acknowledged") if self.acknowledged_on else self.env._("To Acknowledge")
        return title, done
