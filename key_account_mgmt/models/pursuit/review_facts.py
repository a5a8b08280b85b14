from datetime import timedelta

from odoo import models
from odoo.fields import Domain

from .review_agenda import ON_AGENDA

SHORT = 200


class KamPursuit(models.Model):
    """What a filing meeting hears of a pursuit, as plain data without a language.

    ``{pursuit id: [{"day", "text", "who", "code"}]}``; one query per kind of thing, however
    many pursuits there are.  Source: S1n-12, S1n-16, J06.
    """

    _inherit = "kam.pursuit"

    def _review_progress(self, since):
        """Registered, steps done, stage reports, how it ended: after the day of the last
        meeting, or on it."""
        found = {pursuit.id: [] for pursuit in self}
        for pursuit in self:
            if pursuit.registered_on and pursuit.registered_on >= since:
                self._review_add(found, pursuit, pursuit.registered_on, code="registered")
            if pursuit.state not in ON_AGENDA and pursuit.ended_on:
                self._review_add(found, pursuit, pursuit.ended_on, code=pursuit.state)
        working = {company: company._kam_working_time() for company in self.company_id}
        done = Domain("pursuit_id", "in", self.ids) & Domain("state", "=", "done")
        # A day earlier: the day of a moment is the company's.
        earlier = since - timedelta(days=1)
        for action in self.env["kam.action"].sudo().search(done & Domain("done_on", ">=", earlier)):
            day = working[action.pursuit_id.company_id].local_day(action.done_on)
            if day >= since:
                text = f"{action.name}: {action.result}" if action.result else action.name
                self._review_add(found, action.pursuit_id, day, text, action.user_id)
        reports = self.env["kam.pursuit.report"].sudo()
        handed = Domain("pursuit_id", "in", self.ids) & Domain("state", "=", "reported")
        for report in reports.search(handed & Domain("reported_on", ">=", since)):
            text = (report.text or "").strip()[:SHORT]
            self._review_add(
                found, report.pursuit_id, report.reported_on, text, report.user_id, "report"
            )
        return {key: sorted(facts, key=lambda fact: fact["day"]) for key, facts in found.items()}

    def _review_late(self, today):
        """Steps and reports overdue, decisions of earlier meetings overdue, silence."""
        found = {pursuit.id: [] for pursuit in self}
        running = self.filtered(lambda pursuit: pursuit.state in ON_AGENDA)
        Action = self.env["kam.action"].sudo()
        late = Domain("state", "=", "open") & Domain("is_overdue", "=", True)
        for action in Action.search(late & Domain("pursuit_id", "in", running.ids)):
            self._review_add(found, action.pursuit_id, action.date_due, action.name, action.user_id)
        for action in Action.search(late & Domain("review_line_id.pursuit_id", "in", running.ids)):
            pursuit = action.review_line_id.pursuit_id
            self._review_add(
                found, pursuit, action.date_due, action.name, action.user_id, "decision"
            )
        reports = self.env["kam.pursuit.report"].sudo()
        owed = Domain("pursuit_id", "in", running.ids) & Domain("is_overdue", "=", True)
        for report in reports.search(owed):
            self._review_add(
                found,
                report.pursuit_id,
                report.date_due,
                report.action_id.name,
                report.user_id,
                "report",
            )
        found = {key: sorted(facts, key=lambda fact: fact["day"]) for key, facts in found.items()}
        for pursuit in running:
            if pursuit.is_silent:
                self._review_add(found, pursuit, pursuit.last_progress_on, code="silent")
            if pursuit.protected_until and pursuit.protected_until < today:
                self._review_add(found, pursuit, pursuit.protected_until, code="unprotected")
        return found

    def _review_add(self, found, pursuit, day, text="", user=None, code=""):
        fact = {"day": day.isoformat(), "text": text or ""}
        if user:
            fact["who"] = user.sudo().name
        if code:
            fact["code"] = code
        found[pursuit.id].append(fact)

    # On the pursuit ------------------------------------------------------------------

    def action_open_reviews(self):
        """The meetings that had this pursuit on their agenda, as far as one may read them."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_review_action")
        return action | {
            "name": self.env._("Meetings"),
            "domain": [("line_ids.pursuit_id", "=", self.id)],
            "context": {"create": False},
        }
