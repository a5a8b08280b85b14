from odoo import api, models
from odoo.tools.misc import format_date


class BidPaper(models.AbstractModel):
    """Team appointment, bid plan and task list (P12).

    Read with the rights of the person who prints; what we offer is not on it.
    Source: S0-83 … S0-90, P12.
    """

    _name = "report.key_account_mgmt.report_bid"
    _description = "Bid Team, Plan and Tasks"

    @api.model
    def _get_report_values(self, docids, data=None):
        bids = self.env["kam.bid"].browse(docids)
        bids.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": bids._name,
            "docs": bids,
            "papers": {bid.id: self._paper(bid) for bid in bids},
        }

    def _paper(self, bid):
        return {
            "head": self._head(bid),
            "team": self._team(bid),
            "plan": self._plan(bid),
            "tasks": self._tasks(bid),
            "requirements": self._requirements(bid),
        }

    def _label(self, record, name):
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")

    def _day(self, day):
        return format_date(self.env, day) if day else "–"

    def _head(self, bid):
        """What the tender is, as (label, value)."""
        return [
            (self.env._("Customer"), bid.partner_id.name or "–"),
            (self.env._("Project"), bid.project or "–"),
            (self.env._("Tender No."), bid.tender_no or "–"),
            (self.env._("Tender Type"), self._label(bid, "kind")),
            (self.env._("Deadline"), bid._deadline_text() if bid.deadline_date else "–"),
            (self.env._("Bid Leader"), bid.user_id.name),
            (self.env._("Decision"), self._label(bid, "go_decision") or "–"),
            (self.env._("Competitors"), ", ".join(bid.competitor_ids.mapped("name")) or "–"),
        ]

    def _team(self, bid):
        """The appointment: ``[(name, role, department, duties)]``, the leader first."""
        # sudo: which department somebody works in, for a member who may not read the list.
        department = self.env["kam.department"]._of_user(bid.user_id, bid.company_id).sudo()
        leader = (bid.user_id.name, self.env._("Bid Leader"), department.name or "–", "")
        return [
            leader,
            *(
                (
                    m.user_id.name,
                    self._label(m, "role"),
                    m.department_id.name or "–",
                    m.duties or "",
                )
                for m in bid.member_ids
                if m.user_id != bid.user_id
            ),
        ]

    def _plan(self, bid):
        """The dates in their order: ``[(day, what)]``."""
        zone = bid.company_id._kam_working_time()
        opening = bid.opening_on and zone.local_day(bid.opening_on)
        days = [
            (bid.issued_on, self.env._("Tender issued")),
            (bid.questions_until, self.env._("Last day for questions")),
            (bid.deadline_date, self.env._("Deadline")),
            (opening, self.env._("Bid opening")),
            (bid.valid_until, self.env._("Offer valid until")),
        ]
        return [(self._day(day), text) for day, text in sorted(d for d in days if d[0])]

    def _tasks(self, bid):
        """``[(what, owner, due, state)]``."""
        return [
            (task.name, task.user_id.name, self._day(task.date_due), self._label(task, "state"))
            for task in bid.task_ids
        ]

    def _requirements(self, bid):
        """``[(clause, requirement, owner, status)]``."""
        return [
            (line.clause or "", line.name, line.user_id.name or "–", self._label(line, "status"))
            for line in bid.requirement_ids
        ]
