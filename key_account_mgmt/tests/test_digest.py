from datetime import date, datetime

from freezegun import freeze_time

from odoo.tests import tagged

from .common import KamCase


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestDigest(KamCase):
    """Key accounts in Odoo's digest, each reader his own.  Source: design §4.6."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._hold(cls._account(cls._customer("Tianheng"), cls.user), cls.key)
        cls.others = cls._hold(cls._account(cls._customer("Hongyue"), cls.officer), cls.key)
        for account, amount in ((cls.mine, 100.0), (cls.others, 40.0)):
            cls._invoice(account.partner_id, date(2026, 11, 20), amount)
        cls.digest = cls.env["digest.digest"].create(
            {
                "name": "Ours",
                "company_id": cls.company.id,
                "kpi_kam_sales": True,
                "kpi_kam_visits": True,
                "kpi_kam_obligations": True,
            }
        )

    def _value(self, name, user, start=datetime(2026, 11, 15), end=datetime(2026, 11, 22)):
        digest = self._as(self.digest, user).with_context(start_datetime=start, end_datetime=end)
        return digest.with_company(self.company)[name]

    def test_each_reader_gets_his_own(self):
        self.assertEqual(self._value("kpi_kam_sales_value", self.director), 140.0)
        self.assertEqual(self._value("kpi_kam_sales_value", self.user), 100.0)
        self.assertEqual(self._value("kpi_kam_visits_value", self.user), 0)
        self.assertEqual(self._value("kpi_kam_obligations_value", self.user), 0)

    def test_a_day_counts_in_one_time_frame_only(self):
        """From the 15th on, before the 22nd: as Odoo's own figures, which end with a moment."""
        partner = self.mine.partner_id
        for day, amount in ((14, 1.0), (15, 10.0), (21, 20.0), (22, 2.0)):
            self._invoice(partner, date(2026, 11, day), amount)
        self.assertEqual(self._value("kpi_kam_sales_value", self.user), 130.0)

    def test_yesterday_is_that_of_the_company(self):
        """Sent at two in the morning of the 22nd in Shanghai, while it is the 21st in London."""
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        for day, amount in ((20, 1.0), (21, 30.0), (22, 2.0)):
            self._invoice(self.mine.partner_id, date(2026, 11, day), amount)
        moments = datetime(2026, 11, 20, 18), datetime(2026, 11, 21, 18)
        self.assertEqual(self._value("kpi_kam_sales_value", self.user, *moments), 30.0)

    def test_nobody_else_gets_anything(self):
        names = {kpi["kpi_name"] for kpi in self.digest._compute_kpis(self.company, self.seller)}
        self.assertFalse(names & {"kpi_kam_sales", "kpi_kam_visits", "kpi_kam_obligations"})

    def test_it_is_off_until_somebody_wants_it(self):
        default = self.env.ref("digest.digest_digest_default")
        self.assertFalse(default.kpi_kam_sales or default.kpi_kam_visits)
