from datetime import date, datetime

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.key_account_mgmt.policy.periods import Period

from .common_sales import SalesCommon

IN_TIME, LATE = datetime(2026, 11, 10, 2), datetime(2026, 11, 12, 2)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


@freeze_time("2026-11-23 02:00:00")
@tagged("post_install", "-at_install")
class TestPriceMetrics(SalesCommon):
    """K11, K31: contracts executed as agreed, deliveries in time.  Source: S0-164, S3-44."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._new_customer("Hongyue Elevator")
        cls.env["kam.account"]._open_for(cls.customer, cls.company)
        cls.worker = cls.env["res.users"].create(
            {
                "name": "Worker",
                "login": "kam_worker",
                "company_ids": [(6, 0, cls.company.ids)],
                "company_id": cls.company.id,
                "group_ids": [(6, 0, cls.env.ref("key_account_mgmt.group_kam_member").ids)],
            }
        )
        cls.contract = (
            cls.env["kam.contract"]
            .sudo()
            ._as_engine()
            .create(
                {
                    "name": "Door operators",
                    "kind": "single",
                    "type_id": cls.env["kam.contract.type"].search([], limit=1).id,
                    "own_partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "amount_total": 1.0,
                    "date_from": date(2026, 8, 1),
                    "date_to": date(2027, 7, 31),
                }
            )
        )
        cls.contract.write({"state": "in_force", "signed_on": date(2026, 8, 1)})

    def _milestone(self, done=None, conformity="conform", day=date(2026, 11, 11), **facts):
        milestone = (
            self.env["kam.contract.milestone"]
            .sudo()
            ._as_engine()
            .create(
                {
                    "contract_id": self.contract.id,
                    "name": "Delivery",
                    "user_id": self.worker.id,
                    "date_due": day,
                    "is_delivery": True,
                }
            )
        )
        milestone.write({"conformity": conformity})
        action = milestone.action_id.sudo()._as_engine()
        if done:
            facts |= {"state": "done", "done_on": done, "is_on_time": done == IN_TIME}
        if facts:
            action.write(facts)
        return milestone

    def _of_month(self, code):
        return self._figure(code, self.customer, NOVEMBER)

    def test_nothing_due_is_not_known(self):
        self.assertFalse(self._of_month("execution_accuracy"))

    def test_k11_kept_and_conform_of_those_due(self):
        self._milestone(IN_TIME)
        self._milestone(IN_TIME, "not_conform")
        self._milestone(LATE)
        self._milestone()
        self._milestone(state="cancelled")
        self._milestone(day=date(2026, 12, 1))
        self.assertEqual(self._of_month("milestones_due"), 4)
        self.assertEqual(self._of_month("execution_accuracy"), 25.0)

    def test_k31_deliveries_in_time(self):
        self._milestone(IN_TIME, "not_conform")
        self._milestone(LATE)
        self._milestone()
        if "stock.picking" not in self.env:
            self.assertEqual(self._of_month("deliveries_made"), 2)
            self.assertEqual(self._of_month("on_time_delivery"), 50.0)
