from odoo import api, fields, models

from .res_company import CHANNELS

APPROVALS = "key_account_mgmt.kam_approval_request_step_action_mine"
EXCEPTIONS = "key_account_mgmt.kam_exception_kind_action"
WEEK = "key_account_mgmt.kam_week_item_action"
ACCOUNTS = "key_account_mgmt.kam_account_action"
SETTING_UP = "key_account_mgmt.kam_onboarding_action"
JOBS = "key_account_mgmt.kam_job_action"
# Where the app opens; a person of several roles begins at the first.  Source: users §6.
HOMES = (
    ("group_kam_gm", APPROVALS),
    ("group_kam_executive", APPROVALS),
    ("group_kam_director", EXCEPTIONS),
    ("group_kam_officer", EXCEPTIONS),
    ("group_kam_user", WEEK),
    ("group_kam_member", WEEK),
    ("group_kam_service", WEEK),
    ("group_kam_auditor", "key_account_mgmt.kam_approval_request_action_audit"),
)


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

        Approvers start where something waits for them, the office and the directors at
        what is out of order, account managers and specialists in their week, auditors at the
        decisions, administrators at setting up until that is done and then at the scheduled
        work, everybody else at the accounts.
        """
        explicit = self.env.user.group_ids
        admin = self.env.ref("key_account_mgmt.group_kam_admin") in explicit
        if admin and not self.env["onboarding.onboarding.step"]._kam_all_done():
            return SETTING_UP
        for group, action in HOMES:
            if self.env.ref(f"key_account_mgmt.{group}") in explicit:
                return action
        return JOBS if admin else ACCOUNTS

    @api.model
    def action_kam_home(self):
        """Open the home of the current user's role."""
        return self.env["ir.actions.actions"]._for_xml_id(self._kam_home_action_xmlid())

    def _kam_own_people(self):
        """Hook: those whose work the user answers for.  Departments arrive later."""
        return self.browse()
