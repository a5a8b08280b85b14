"""Plans for Tianheng: what a complete one says."""

from datetime import date

from odoo import Command

from .common_visit import VisitCase

TEXTS = {
    "goal": "Second supplier of door operators",
    "solution": "Silent door operator with remote service",
    "cooperation_proposal": "Trial on two sites",
    "expected_result": "800 sets a year",
}


class PlanCase(VisitCase):
    """``user`` leads Tianheng, ``member`` is on its team; 23 November 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.groups"].browse(
            cls.env.ref("key_account_mgmt.group_kam_area_plan").id
        )._kam_switch_on()

    def _plan(self, user=None, steps=1, **values):
        user = user or self.user
        return self._as(self.env["kam.plan"], user).create(
            {
                "name": "Development",
                "account_id": self.tianheng.id,
                "date_from": date(2026, 11, 23),
                "date_to": date(2027, 5, 31),
                **TEXTS,
                "action_ids": [
                    Command.create(
                        {
                            "name": f"Step {number}",
                            "user_id": self.member.id,
                            "date_due": date(2026, 12, 1 + number),
                        }
                    )
                    for number in range(steps)
                ],
                **values,
            }
        )

    def _running(self, **values):
        plan = self._plan(**values)
        plan.action_confirm()
        return plan

    def _move(self, plan, move, text="because"):
        wizard = plan.env["kam.plan.move.wizard"].create(
            {"plan_id": plan.id, "move": move, "text": text}
        )
        wizard.action_confirm()
