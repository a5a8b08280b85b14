from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_status_report import NOW, StatusCase


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestStatusAccess(StatusCase):
    """An account manager sees his own lines; the office, the auditor all.  Source: S0-05."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expert = cls._new_user("expert", "key_account_mgmt.group_kam_user")

    def _lines(self, report, user):
        lines = self._as(self.env["kam.status.report.line"], user)
        return lines.search([("report_id", "=", report.id)]).account_id

    def test_who_sees_which_line(self):
        report = self._run()
        both = self.tianheng | self.other
        for user, accounts in (
            (self.user, self.tianheng),
            (self.member, self.tianheng),
            (self.stranger, self.other),
            (self.expert, both.browse()),
            (self.officer, both),
            (self.director, both),
            (self.gm, both),
            (self.admin, both),
            (self.auditor, both),
        ):
            self.assertEqual(self._lines(report, user).ids, accounts.ids, user.name)
        with self.assertRaises(AccessError):
            self._lines(report, self.seller)

    def test_who_sees_the_report(self):
        report = self._run()
        for user in (self.user, self.member, self.officer, self.gm, self.admin, self.auditor):
            self._as(report, user).read(["state"])
        for user in (self.expert, self.seller):
            with self.assertRaises(AccessError):
                self._as(report, user).read(["state"])
        own = self._as(report, self.user)
        self.assertEqual((own.line_count, own.open_line_count), (1, 1))
        self.assertEqual(own.missing_names, "Tianheng")

    def test_facts_follow_the_line(self):
        self._in_october(personnel="Buyer Li leaves")
        report = self._run()
        Fact = self.env["kam.status.fact"]
        for user, sees in ((self.user, True), (self.stranger, False), (self.auditor, True)):
            found = self._as(Fact, user).search([("line_id.report_id", "=", report.id)])
            self.assertEqual(bool(found), sees, user.name)

    def test_only_the_account_manager_and_the_office_write(self):
        """A member of the team reads."""
        report = self._run()
        for user in (self.member, self.stranger, self.admin, self.auditor, self.seller):
            line = self._of(report, user=user)
            with self.assertRaises(AccessError):
                line.write({"demand": "x"})
            with self.assertRaises(AccessError):
                line.action_complete()
        self.assertEqual(self._of(report).status, "open")
        for user in (self.officer, self.user):
            self._of(report, user=user).write({"demand": user.name})

    def test_only_the_office_submits_reminds_and_refreshes(self):
        report = self._run()
        for user in (self.user, self.member, self.admin, self.auditor, self.seller):
            for name in ("action_submit", "action_remind_late", "action_refresh"):
                with self.assertRaises(AccessError):
                    getattr(self._as(report, user), name)()
            with self.assertRaises(AccessError):
                self._as(report, user).write({"summary": "x"})
        self._as(report, self.officer).write({"summary": "A good month"})

    def test_a_line_is_not_written_through_the_report(self):
        report = self._run()
        line = self._of(report)
        with self.assertRaises(AccessError):
            self._as(report, self.user).write(
                {"line_ids": [Command.update(line.id, {"demand": "x"})]}
            )
        with self.assertRaises(AccessError):
            self._as(report, self.officer).write(
                {"line_ids": [Command.update(line.id, {"sales_month": 1.0})]}
            )

    def test_nobody_forges_an_acknowledgement(self):
        """Design §5: no client, no context, no default."""
        report = self._submitted()
        row = report.acknowledgement_ids
        for user in (self.officer, self.gm, self.admin):
            mine = self._as(row, user).with_context(kam_engine=True)
            with self.assertRaises(AccessError):
                mine.write({"acknowledged_on": "2026-11-03 00:00:00"})
            with self.assertRaises(AccessError):
                mine.create({"report_id": report.id, "user_id": user.id})
            with self.assertRaises(AccessError):
                mine.unlink()
        with self.assertRaises(AccessError):
            row.sudo().write({"acknowledged_on": "2026-11-03 00:00:00"})

    def test_a_leader_reads_from_the_submission_on(self):
        """Named in Settings, he is on none of the accounts.  Source: S3-35."""
        self.company.kam_status_leader_ids = [Command.set(self.expert.ids)]
        report = self._run()
        with self.assertRaises(AccessError):
            self._as(report, self.expert).read(["state"])
        self._as(report, self.officer).action_submit()
        self.assertEqual(len(self._lines(report, self.expert)), 2)

    def test_constant_queries(self):
        """Lists: the number of queries does not depend on the number of lines."""

        def opened():
            lines = self._as(self.env["kam.status.report.line"], self.officer)
            spec = self._spec(lines, "list", self.officer)
            self._as(lines, self.officer)
            before = self.cr.sql_log_count
            lines.with_env(lines.env).web_search_read([], spec)
            return self.cr.sql_log_count - before

        self._run()
        few = opened()
        for number in range(8):
            account = self._account(self._customer(f"More {number}"), self.user)
            self._hold(account, self.key)
        self._run()
        self.assertLessEqual(opened(), few + 1)
