from odoo import api, fields, models

from .res_company import CHANNELS


class ResUsers(models.Model):
    _inherit = "res.users"

    # No default: installing must not rewrite the rows of users.
    kam_notice_channel = fields.Selection(
        CHANNELS, "Key Account Notices by", help="Empty: as the company has chosen."
    )

    @property
    def SELF_READABLE_FIELDS(self):  # noqa: N802
        return [*super().SELF_READABLE_FIELDS, "kam_notice_channel"]

    @property
    def SELF_WRITEABLE_FIELDS(self):  # noqa: N802
        return [*super().SELF_WRITEABLE_FIELDS, "kam_notice_channel"]

    def _kam_notice_channel(self):
        """How the person hears: his own choice, else the company's, else by e-mail."""
        self.ensure_one()
        # sudo: whoever triggers a notice need not read the receiver or his company.
        user = self.sudo()
        company = user.company_id.root_id
        channel = user.kam_notice_channel or company.kam_notice_channel
        if channel == "webhook" and not company.kam_notice_webhook_url:
            channel = None
        return channel or "email"

    @api.model
    def _kam_home_action_xmlid(self):
        """The screen on which the app opens for the current user.

        Approvers start where something waits for them, administrators at setting up until
        that is done and then at the scheduled work, everybody else at the accounts.
        """
        explicit = self.env.user.group_ids
        groups = self.env["res.groups"].concat
        ref = self.env.ref

        def has(*names):
            return bool(explicit & groups(*(ref(f"key_account_mgmt.group_kam_{n}") for n in names)))

        if has("executive", "gm"):
            return "key_account_mgmt.kam_approval_request_step_action_mine"
        if has("admin"):
            if not self.env["onboarding.onboarding.step"]._kam_all_done():
                return "key_account_mgmt.kam_onboarding_action"
            if not has("member", "user", "officer", "director"):
                return "key_account_mgmt.kam_job_action"
        return "key_account_mgmt.kam_account_action"

    @api.model
    def action_kam_home(self):
        """Open the home of the current user's role."""
        return self.env["ir.actions.actions"]._for_xml_id(self._kam_home_action_xmlid())
