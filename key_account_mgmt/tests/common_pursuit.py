"""Deals for tests: an opportunity of ``cls.user``, and pursuits in every state."""

from odoo import Command

from .common import KamCase


class PursuitCase(KamCase):
    """Lingfeng, a prospect with a file led by ``cls.user``; ``cls.rival`` sells, too.

    The area is on; the company's day is 22 November 2026.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("key_account_mgmt.group_kam_area_pursuit")._kam_switch_on()
        sales = cls.env.ref("sales_team.group_sale_salesman")
        cls.user.group_ids |= sales
        cls.officer.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.rival = cls._new_user(
            "rival", "key_account_mgmt.group_kam_user,sales_team.group_sale_salesman"
        )
        cls.doors, cls.rails = cls.env["kam.product.scope"].create(
            [{"name": "Doors"}, {"name": "Rails"}]
        )
        cls.lingfeng = cls._customer("Lingfeng Elevator Co., Ltd.", is_company=True)
        cls.account = cls._account(cls.lingfeng, cls.user)
        cls.lead = cls._lead(cls.user)

    @classmethod
    def _lead(cls, user, partner=None, **values):
        return cls.env["crm.lead"].create(
            {
                "name": "First supply",
                "type": "opportunity",
                "partner_id": (partner or cls.lingfeng).id,
                "user_id": user.id,
                "company_id": cls.company.id,
                "kam_project": "Door operators 2027",
                "kam_scope_ids": [Command.set(cls.doors.ids)],
                "expected_revenue": 8e6,
                **values,
            }
        )

    def _draft(self, user=None, lead=None, **values):
        user = user or self.user
        return self._as(self.env["kam.pursuit"], user).create(
            {
                "lead_id": (lead or self.lead).id,
                "objective": "Half of their door operators",
                "first_step": "See their engineers",
                **values,
            }
        )

    def _applied(self, user=None, lead=None, **values):
        pursuit = self._draft(user, lead, **values)
        pursuit.action_apply()
        return pursuit

    def _registered(self, user=None, lead=None, **values):
        pursuit = self._applied(user, lead, **values)
        self._as(pursuit, self.officer).action_register()
        return pursuit

    def _planned(self, user=None, lead=None, **values):
        """Registered, with a plan fit for approval."""
        pursuit = self._registered(user, lead)
        self._as(pursuit, user or self.user).write(
            {
                "kind": "customer",
                "mode": "own",
                "background": "Served by a competitor",
                "budget": 20_000,
                "indicator_ids": [Command.create({"name": "Share", "target": "50 %"})],
                "member_ids": [Command.create({"user_id": self.member.id, "role": "Engineer"})],
                **values,
            }
        )
        return pursuit

    def _running(self, user=None, lead=None, **values):
        """Approved by the executive."""
        pursuit = self._planned(user, lead, **values)
        self._as(pursuit, user or self.user).action_submit()
        self._decide_pursuit(pursuit, self.executive)
        return pursuit

    def _decide_pursuit(self, pursuit, user, kind="approve"):
        request = pursuit.sudo()._approval_request().with_user(user).sudo(False)
        getattr(request, f"action_{kind}")("seen")
        self.env.invalidate_all()

    def _night(self, day):
        self._job("_cron_pursuits", day, "kam.pursuit")
        self.env.invalidate_all()
