from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.tools import str2bool


class KamNotice(models.Model):
    """One thing a person should hear about.

    Everything queued for a person goes out in one message on the next working
    morning; ``urgent`` ones at once.  E-mail is the shipped channel; another channel
    (chat, webhook) overrides :meth:`_deliver`.
    """

    _name = "kam.notice"
    _inherit = ["kam.guarded"]
    _description = "Notice"
    _order = "id desc"

    _guarded_create = True
    _guarded_write = True

    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="cascade")
    title = fields.Char(required=True)
    lines = fields.Json()
    urgent = fields.Boolean()
    res_model = fields.Char()
    res_id = fields.Many2oneReference(model_field="res_model")
    sent_on = fields.Datetime(index="btree_not_null")

    @api.model
    def _queue(self, user, title, lines=(), urgent=False, record=None):
        """Tell ``user`` something; texts are already in his language.

        :param lines: list of str, one per fact
        :param urgent: at once instead of with the next morning's message
        :param record: what it is about; becomes the link of the message
        """
        # sudo: whoever triggers a notice need not be allowed to read the receiver's.
        notice = (
            self.sudo()
            ._as_engine()
            .create(
                {
                    "user_id": user.id,
                    "title": title,
                    "lines": list(lines),
                    "urgent": urgent,
                    "res_model": record._name if record else False,
                    "res_id": record.id if record else False,
                }
            )
        )
        if urgent:
            notice._send()

    @api.model
    def _cron_send(self):
        """Send every waiting notice, one message per person."""
        groups = self.search([("sent_on", "=", False)], order="id").grouped("user_id")
        companies = self.env["res.users"].union(*groups).company_id
        working = companies.filtered(self._works_today)
        groups = {user: notices for user, notices in groups.items() if user.company_id in working}
        left = len(groups)
        self.env["ir.cron"]._commit_progress(remaining=left)
        for notices in groups.values():
            notices._as_engine()._send()
            left -= 1
            self.env["ir.cron"]._commit_progress(1, remaining=left)

    @api.model
    def _works_today(self, company):
        """Whether it is a working day where a person of the company works."""
        working = company._kam_working_time()
        return working.is_worked(working.local_day(fields.Datetime.now()))

    @api.model
    def _is_silent(self):
        """Whether this is a copied database, from which no message may leave."""
        # sudo: whoever triggers a notice need not be allowed to read settings.
        silent = self.env["ir.config_parameter"].sudo().get_param("key_account_mgmt.silent")
        return str2bool(silent, False)

    def _send(self):
        """Deliver the notices of one person as one message and mark them sent."""
        user = self.user_id.ensure_one()
        # Marked even for an inactive person or in a copied database: nothing waits for ever.
        self.write({"sent_on": fields.Datetime.now()})
        if user.active and user.email and not self._is_silent():
            user_self = self.with_context(lang=user.lang)
            user_self._deliver(user, user_self._message_subject(), user_self._message_body())

    def _message_subject(self):
        if len(self) == 1:
            return self.title
        return self.env._("%(count)s notices: %(first)s …", count=len(self), first=self[0].title)

    def _message_body(self):
        parts = []
        for notice in self:
            items = Markup("").join(Markup("<li>%s</li>") % line for line in notice.lines or [])
            parts.append(
                Markup("<p><strong>%s</strong></p><ul>%s</ul>%s")
                % (notice.title, items, notice._link())
            )
        return Markup("").join(parts)

    def _link(self):
        self.ensure_one()
        if not self.res_id:
            return Markup("")
        url = f"{self.get_base_url()}/odoo/{self.res_model}/{self.res_id}"
        return Markup('<p><a href="%s">%s</a></p>') % (url, escape(self.env._("Open")))

    @api.model
    def _deliver(self, user, subject, body):
        """Channel hook: shipped as e-mail through Odoo's queue."""
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": body,
                "email_to": user.email_formatted,
                "auto_delete": True,
            }
        )
