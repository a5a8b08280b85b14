from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date


class KamVisitSendWizard(models.TransientModel):
    """A report sent to colleagues: with their next morning's message, never to customers.

    Only to who may read the visit anyway.  Source: (f) P11, g Q36.
    """

    _name = "kam.visit.send.wizard"
    _description = "Send Report Inside"

    visit_id = fields.Many2one("kam.visit", required=True)
    user_ids = fields.Many2many(
        "res.users", string="To", required=True, domain=[("share", "=", False)]
    )
    note = fields.Char()

    def action_send(self):
        """Queue one notice per colleague and write down who got it.

        :raise UserError: somebody may not read the visit
        """
        self.ensure_one()
        visit = self.visit_id
        visit.check_access("write")
        if visit.state != "reported":
            raise UserError(self.env._("Hand in the report first, then send it."))
        outside = self.user_ids.filtered(
            lambda user: user.share or not visit.with_user(user).has_access("read")
        )
        if outside:
            raise UserError(
                self.env._(
                    "%(names)s may not read this account: add them to its team first.",
                    names=", ".join(outside.mapped("name")),
                )
            )
        Notice = self.env["kam.notice"]
        Notice._queue_all([self._prepare_notice(user) for user in self.user_ids])
        # sudo: a line of the history, of who may change the visit.
        visit.sudo().message_post(
            body=self.env._(
                "Report sent to %(names)s", names=", ".join(self.user_ids.mapped("name"))
            ),
            subtype_xmlid="mail.mt_note",
        )
        return {"type": "ir.actions.act_window_close"}

    def _prepare_notice(self, user):
        visit = self.visit_id.with_context(lang=user.lang)
        title = visit.env._("Visit report: %(visit)s", visit=visit.display_name)
        promise = visit.env._(
            "Next: %(action)s (%(day)s)",
            action=visit.next_action,
            day=format_date(visit.env, visit.next_action_date),
        )
        lines = [line for line in (self.note, visit.report, promise) if line]
        return self.env["kam.notice"]._prepare_vals(
            user, title, lines, record=visit, topic="visit_report_sent"
        )
