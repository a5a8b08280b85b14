from odoo import api, models
from odoo.tools.misc import format_date

from ..models.plan.plan import CONTENT

HEAD = ("account_id", "kind", "user_id", "date_from", "date_to", "state", "version")


class PlanPaper(models.AbstractModel):
    """Plan of an account (P9): goal, texts, steps with owners and days, revisions.

    Source: S0-71, S0-72, (f) P9.
    """

    _name = "report.key_account_mgmt.report_plan"
    _inherit = ["kam.profile.paper"]
    _description = "Plan on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        plans = self.env["kam.plan"].browse(docids)
        plans.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": plans._name,
            "docs": plans,
            "papers": {plan.id: self._paper(plan) for plan in plans},
        }

    def _paper(self, plan):
        states = dict(plan.action_ids._fields["state"]._description_selection(self.env))
        joint = dict(plan.initiative_ids._fields["state"]._description_selection(self.env))
        shown = [name for name in CONTENT if name not in (*HEAD, "name") and plan[name]]
        return {
            "head": [
                *self._facts(plan, HEAD),
                (self.env._("Progress"), self.env._("%(rate)s %%", rate=round(plan.progress))),
            ],
            "texts": self._facts(plan, shown),
            "steps": [
                {
                    "name": step.name,
                    "owner": step.user_id.name,
                    "due": format_date(self.env, step.date_due),
                    "done": format_date(self.env, step.done_on) if step.done_on else "",
                    "state": states[step.state],
                }
                for step in plan.action_ids
            ],
            "initiatives": [
                {
                    "name": line.name,
                    "ours": line.our_part or "",
                    "theirs": line.their_part or "",
                    "due": format_date(self.env, line.date_due) if line.date_due else "",
                    "state": joint[line.state],
                }
                for line in plan.initiative_ids
            ],
            "revisions": [
                {
                    "version": one.version,
                    "day": format_date(self.env, one.revised_on),
                    "user": one.user_id.name,
                    "reason": one.reason,
                }
                for one in plan.revision_ids
            ],
            "outcome": plan.outcome or plan.cancel_reason or "",
        }


class TargetListPaper(models.AbstractModel):
    """Target accounts of a year (P30).  Source: S1l-10, (f) P30."""

    _name = "report.key_account_mgmt.report_target_list"
    _inherit = ["kam.profile.paper"]
    _description = "Target Accounts on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        lists = self.env["kam.target.list"].browse(docids)
        lists.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": lists._name,
            "docs": lists,
            "papers": {one.id: self._paper(one) for one in lists},
        }

    def _line_count(self, target_list):
        # sudo: how many there are, not which.
        Line = self.env["kam.target.account"].sudo()
        return Line.search_count([("list_id", "=", target_list.id)])

    def _paper(self, target_list):
        # A line is printed for whoever may read it.
        lines = target_list.line_ids._filtered_access("read")
        return {
            "head": self._facts(
                target_list, ["year", "user_id", "min_potential", "plan_by", "state"]
            )[1:],
            "unit": target_list.company_id._kam_amount_unit_label(),
            "lines": [
                {
                    "account": line.account_id.display_name,
                    "owner": line.user_id.name or "–",
                    "potential": round(line.potential),
                    "tier": line.tier_id.name or "–",
                    "sales": target_list.company_id._kam_amount_number(line.sales),
                    "goal": line.goal or line.reason or "",
                    "plan": line.plan_id.name or "–",
                    "progress": round(line.plan_progress),
                }
                for line in lines
            ],
            "hidden": self._line_count(target_list) - len(lines),
        }
