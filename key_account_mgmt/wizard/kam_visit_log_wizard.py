from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.visit.visit_report_mixin import REPORT_FIELDS


class KamVisitLogWizard(models.TransientModel):
    """A visit, call, WeChat contact or received visit that took place, with its report, in
    one dialog.  Source: S0-76, S0-79, S0-117, users §2.
    """

    _name = "kam.visit.log.wizard"
    _inherit = ["kam.visit.report.mixin"]
    _description = "Log a Visit"

    partner_id = fields.Many2one("res.partner", "Customer")
    account_id = fields.Many2one("kam.account")
    also_account_ids = fields.Many2many("kam.account", string="Also for")
    commercial_partner_ids = fields.Many2many(
        "res.partner", compute="_compute_commercial_partner_ids"
    )
    mode_id = fields.Many2one(
        "kam.visit.mode", "How", required=True, default=lambda self: self._default_mode()
    )
    purpose_id = fields.Many2one(
        "kam.visit.purpose",
        required=True,
        default=lambda self: self.env["kam.visit.purpose"].search([], limit=1),
    )
    start = fields.Datetime(
        "When", required=True, default=lambda self: fields.Datetime.now() - timedelta(hours=1)
    )
    duration = fields.Float("Hours", default=1.0, required=True)
    contact_ids = fields.Many2many("res.partner", "kam_visit_log_contact_rel", string="Contacts")
    lead_id = fields.Many2one("crm.lead", "Opportunity")
    participant_ids = fields.Many2many(
        "res.users",
        string="Our Participants",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    tag_ids = fields.Many2many("kam.visit.tag", string="Information Passed On")
    location = fields.Char("Place")
    photo = fields.Image(max_width=1280, max_height=1280)

    @api.model
    def _default_mode(self):
        """The one the user logged last: who calls all morning chooses once."""
        Visit = self.env["kam.visit"]
        last = Visit.search([("reported_by_id", "=", self.env.uid)], order="id desc", limit=1)
        return last.mode_id or Visit._first_mode()

    @api.depends("account_id", "also_account_ids")
    def _compute_commercial_partner_ids(self):
        for wizard in self:
            accounts = wizard.account_id | wizard.also_account_ids
            wizard.commercial_partner_ids = accounts.partner_id

    def action_open_account(self):
        """A customer without a file: open it, by the user's own right, and go on."""
        self.ensure_one()
        self.partner_id.action_kam_open_account()
        self.account_id = self.partner_id.commercial_partner_id.kam_account_id
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_log(self):
        """The visit and its report in one."""
        self._log().action_report()
        return {"type": "ir.actions.act_window_close"}

    def action_log_only(self):
        """The visit only: the report follows."""
        self._log()
        return {"type": "ir.actions.act_window_close"}

    def action_log_and_ask(self):
        """The visit and its report, and then a request to a colleague about it."""
        visit = self._log()
        visit.action_report()
        defaults = {"default_account_id": visit.account_id.id, "default_lead_id": visit.lead_id.id}
        return self.env["kam.request"]._ask_action(defaults)

    def _log(self):
        """Create the visit as one that is over.

        :raise UserError: without an account file, or still to come
        """
        self.ensure_one()
        if not self.account_id:
            raise UserError(self.env._("Choose the account, or open its file first."))
        now = fields.Datetime.now()
        if self.start > now:
            raise UserError(
                self.env._("A visit still to come is planned, not logged. Use “Plan Visits”.")
            )
        return self.env["kam.visit"].create(self._prepare_visit(now))

    def _prepare_visit(self, now):
        lists = ("also_account_ids", "contact_ids", "participant_ids", "tag_ids")
        vals = {name: self._fields[name].convert_to_write(self[name], self) for name in (
            "account_id", "mode_id", "purpose_id", "lead_id", "location", *lists, *REPORT_FIELDS,
        )}  # fmt: skip
        return vals | {
            "start": self.start,
            "stop": min(self.start + timedelta(hours=max(self.duration, 0.0)), now),
            "user_id": self.env.uid,
            "check_in_photo": self.photo,
        }
