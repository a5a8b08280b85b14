"""Reviews of the programme: made by themselves, with figures, frozen with their minutes."""

from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_kpi import KpiCase

XMLID = "key_account_mgmt.%s"
# The first working day after the holidays would be later; the job runs on the 1st.
FIRST = date(2026, 10, 1)
NOW = "2026-10-09 04:00:00"
TODAY = date(2026, 10, 9)


class ProgrammeCase(KpiCase):
    """It is the fourth quarter; A and C were key accounts in the third."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.env.ref(XMLID % "group_kam_area_programme")._kam_switch_on()
        cls.auditor.company_ids |= cls.company

    def _kind(self, code):
        return self.env.ref(XMLID % f"kam_review_kind_{code}")

    def _reviews(self, code="programme_quarter"):
        domain = [("company_id", "=", self.company.id), ("kind_id", "=", self._kind(code).id)]
        return self.env["kam.review"].search(domain)

    def _run(self, day=TODAY, code="programme_quarter"):
        self._job("_cron_reviews", day, "kam.review")
        return self._reviews(code)

    def _held(self, code="programme_quarter", user=None):
        review = self._as(self._run(code=code), user or self.officer)
        review.chair_id = self.executive
        review.action_start()
        return review

    def _say(self, review):
        for line in review.line_ids:
            line.note = "Said"

    def _decide_on(self, line):
        line.write(
            {
                "decision": "Visit more",
                "decision_user_id": self.user.id,
                "decision_date": date(2026, 12, 1),
            }
        )

    def _closed(self, code="programme_quarter", user=None):
        review = self._held(code, user)
        self._say(review)
        self._decide_on(review.line_ids[0])
        review.action_close()
        return review

    def _figure_of(self, review, code, tier=None):
        return review.figure_ids.filtered(
            lambda f: f.kpi_id.code == code and f.tier_id == (tier or f.tier_id.browse())
        )


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestProgrammeReviewJob(ProgrammeCase):
    """J08, J17, J19: a review exists when its period is over and something happened in it."""

    def test_the_quarter_before(self):
        """S2-70: on the first day after the quarter, about the quarter."""
        self.assertFalse(self._run(date(2026, 9, 30)).filtered(
            lambda r: r.date_from == date(2026, 7, 1)))  # fmt: skip
        review = self._run(FIRST).filtered(lambda r: r.date_from == date(2026, 7, 1))
        self.assertEqual(len(review), 1)
        self.assertEqual(review.date_to, date(2026, 9, 30))
        self.assertEqual(review.state, "planned")
        self.assertGreaterEqual(review.date, FIRST)

    def test_run_twice(self):
        first = self._run()
        figures, lines = first.figure_ids, first.line_ids
        self.assertEqual(self._run(), first)
        self.assertEqual((first.figure_ids, first.line_ids), (figures, lines))

    def test_not_of_a_period_before_going_live(self):
        """Design §1: on its last day there is one, after it there is none."""
        self.company.kam_go_live_date = date(2026, 10, 1)
        self.assertFalse(self._run())
        self.company.kam_go_live_date = date(2026, 9, 30)
        self.assertEqual(len(self._run()), 1)

    def test_run_late(self):
        """The job slept until December: the review of the third quarter is there once."""
        review = self._run(date(2026, 12, 30))
        self.assertEqual(review.mapped("date_from"), [date(2026, 7, 1)])

    def test_not_without_content(self):
        """No key account, no order, no issue: nothing is created."""
        self.env["kam.tier.assignment"]._as_engine().search([]).unlink()
        for code in ("programme_quarter", "programme_year", "price", "service_quality", "audit"):
            self.assertFalse(self._run(code=code), code)

    def test_switched_off(self):
        """A kind that is off makes nothing; nor does one whose area is off."""
        self._kind("programme_quarter").active = False
        self.assertFalse(self._run())
        self.assertTrue(self._reviews("audit"), "others go on")
        self._reviews("audit")
        self._kind("programme_quarter").active = True
        self.env.ref("base.group_user").implied_ids -= self.env.ref(
            XMLID % "group_kam_area_programme"
        )
        self.assertFalse(self._run())

    def test_rhythm(self):
        """The price review is about the half-year that is over.  S0-145."""
        kind = self._kind("price")
        period = kind._period_on(TODAY)
        self.assertEqual((period.start, period.end), (date(2026, 1, 1), date(2026, 6, 30)))
        kind.period = "quarter"
        self.assertEqual(kind._period_on(TODAY).start, date(2026, 7, 1))
        filing = self._kind("filing_month")
        self.assertEqual(filing._period_on(TODAY).start, date(2026, 10, 1))

    def test_agenda(self):
        """S2-67 … S2-69: results, shortcomings, opinions of customers and staff, improvement."""
        topics = self._run().line_ids.mapped("topic")
        for topic in ("results", "shortcomings", "customers", "staff", "improvement"):
            self.assertIn(topic, topics)

    def test_changes_of_level(self):
        """S2-71: the year counts who came to which level."""
        self._hold(self.b, self.key, since=date(2025, 6, 1))
        review = self._run(code="programme_year")
        line = review.line_ids.filtered(lambda li: li.topic == "migration")
        self.assertEqual(review.date_from, date(2025, 1, 1))
        self.assertEqual(len(line), 1)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestProgrammeReviewFigures(ProgrammeCase):
    """S2-67: figures of the programme and of each level, beside target and period before."""

    def _expect_sales(self, amount):
        self.env["kam.target"].create(
            {
                "company_id": self.company.id,
                "kpi_id": self._kpi("K01").id,
                "subject_kind": "programme",
                "period_kind": "quarter",
                "date_from": date(2026, 7, 1),
                "amount": amount,
            }
        )

    def test_value_and_level(self):
        review = self._run()
        self.assertEqual(self._figure_of(review, "K01").value, 120.0)
        self.assertEqual(self._figure_of(review, "K01", self.key).value, 120.0)
        self.assertTrue(self._figure_of(review, "K01").has_previous)
        self.assertEqual(self._figure_of(review, "K01").previous, 0.0)
        self.assertFalse(self._figure_of(review, "K14", self.key), "leads have no level")

    def test_targets(self):
        """Its own target, else the usual one of the set."""
        self._expect_sales(200.0)
        figure = self._figure_of(self._run(), "K01")
        self.assertEqual((figure.target, figure.standing), (200.0, "bad"))
        usual = self._figure_of(self._reviews(), "K08")
        self.assertTrue(usual.has_target)

    def test_frozen_with_the_minutes(self):
        review = self._closed()
        figure = self._figure_of(review, "K01")
        self._invoice(self.a.partner_id, date(2026, 9, 1), 1000.0)
        review._refresh_agenda()
        review._refresh_figures()
        self.assertEqual(figure.value, 120.0)
        with self.assertRaises(UserError):
            figure.sudo()._as_engine().value = 1.0

    def test_its_kind_may_get_another_rhythm(self):
        """A review stays one of its period, and so do its figures."""
        review = self._run()
        before = {figure.id: (figure.value, figure.previous) for figure in review.figure_ids}
        self._kind("programme_quarter").period = "year"
        self._invoice(self.a.partner_id, date(2026, 2, 1), 1000.0)
        self._as(review, self.officer).action_refresh()
        after = {figure.id: (figure.value, figure.previous) for figure in review.figure_ids}
        self.assertEqual(after, before)

    def test_a_figure_keeps_what_it_measured(self):
        """S2-67: closed, it is read as the KPI was then."""
        self._expect_sales(200.0)
        figure = self._figure_of(self._closed(), "K01")
        before = (figure.standing, figure.value_label)
        self.assertEqual(before[0], "bad")
        self._kpi("K01").direction = "lower"
        self.env.invalidate_all()
        self.assertEqual((figure.standing, figure.value_label), before)

    def test_nobody_writes_a_figure(self):
        figure = self._figure_of(self._run(), "K01")
        for user in (self.user, self.officer, self.gm, self.admin, self.auditor):
            with self.assertRaises(AccessError):
                self._as(figure, user).write({"value": 1.0})
            with self.assertRaises(AccessError):
                self._as(figure, user).unlink()

    def test_documents(self):
        """The figure opens exactly the invoices behind it."""
        figure = self._as(self._figure_of(self._run(), "K01", self.key), self.officer)
        action = figure.action_open_documents()
        self.assertIn(action["res_model"], ("account.move", "kam.metric.explanation"))

    def _every_figure(self, review):
        return self.env["kam.review.figure"].sudo().search([("review_id", "=", review.id)])

    def test_margin_is_for_who_may_see_it(self):
        """S0-145: the margin of levels is shown to its groups only."""
        self.env["sale.order"].create(
            {
                "partner_id": self.a.partner_id.id,
                "company_id": self.company.id,
                "date_order": "2026-03-02 04:00:00",
                "order_line": [(0, 0, {
                    "product_id": self.env["product.product"].create({"name": "Door"}).id,
                    "product_uom_qty": 1, "price_unit": 100.0, "discount": 10.0})],
            }
        ).write({"state": "sale", "date_order": "2026-03-02 04:00:00"})  # fmt: skip
        review = self._run(code="price")
        self.assertEqual(len(review), 1)
        discount = self._figure_of(review, "P01")
        self.assertAlmostEqual(discount.value, 10.0, 4)
        seen = self._as(review, self.officer).figure_ids.kpi_id.mapped("code")
        self.assertIn("P01", seen)
        self.assertNotIn("P02", seen)
        before = self._every_figure(review)
        # What he sees stands in the cache: the others must not be made once more.
        self.env.invalidate_all()
        office = self._as(review, self.officer)
        self.assertTrue(office.figure_ids)
        office.action_refresh()
        self.assertEqual(self._every_figure(review), before)
        self.officer.group_ids += self.env.ref(XMLID % "group_kam_cost")
        self.env.invalidate_all()
        self.assertIn("P02", self._as(review, self.officer).figure_ids.kpi_id.mapped("code"))

    def test_constant_queries(self):
        review = self._run()
        review._refresh_figures()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            review._refresh_figures()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = count()
        for number in range(6):
            account = self._account(self._new_customer(f"More {number}"))
            self._hold(account, self.key)
        review._refresh_figures()
        self.assertLessEqual(count(), few + 2)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestProgrammeReviewClosing(ProgrammeCase):
    """S0-07: a review ends in actions; P28, P32."""

    def test_what_has_to_be_said(self):
        review = self._held()
        for blank in (False, "  \n"):
            review.line_ids.note = blank
            with self.assertRaisesRegex(UserError, "What Was Said"):
                review.action_close()
        self._say(review)
        with self.assertRaisesRegex(UserError, "improvement"):
            review.action_close()
        self._decide_on(review.line_ids[0])
        review.action_close()
        self.assertEqual(review.state, "reported")
        self.assertEqual(review.sudo().action_ids.user_id, self.user)

    def test_papers(self):
        """P28 in both languages, with figures; what the reader may not see is not in it."""
        self.env["res.lang"]._activate_lang("zh_CN")
        review = self._closed()
        for lang in ("en_US", "zh_CN"):
            report = self._as(self.env["ir.actions.report"], self.officer).with_context(lang=lang)
            html = report._render_qweb_html(
                XMLID % "report_review_minutes", review.ids
            )[0].decode()  # fmt: skip
            self.assertIn("Visit more", html)
            self.assertIn("K01", html)
            self.assertNotIn("K02", html, "profit is restricted")


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestAudit(ProgrammeCase):
    """S2-59: auditors prepare and write audits, and nothing else."""

    def test_made_for_an_auditor(self):
        review = self._run(code="audit")
        self.assertEqual(review.user_id, self.env["kam.review"]._first_of(
            XMLID % "group_kam_auditor", self.company))  # fmt: skip
        self.assertEqual(set(review.line_ids.mapped("topic")), {"scope", "findings", "corrective"})

    def test_auditor_writes_audits(self):
        review = self._closed("audit", self.auditor)
        self.assertEqual(review.state, "reported")
        self.assertEqual(review.sudo().action_ids.name, "Visit more")
        with self.assertRaises(UserError):
            review.line_ids[0].note = "Later"
        html = (
            self._as(self.env["ir.actions.report"], self.auditor)
            ._render_qweb_html(XMLID % "report_review_minutes", review.ids)[0]
            .decode()
        )
        self.assertIn("Audit Report", html)

    def test_auditor_writes_nothing_else(self):
        review = self._as(self._run(), self.auditor)
        self.assertTrue(review.name, "reads it")
        with self.assertRaises(AccessError):
            review.note = "Mine"
        with self.assertRaises(AccessError):
            review.action_start()
        with self.assertRaises(AccessError):
            review.line_ids[0].note = "Mine"
        with self.assertRaises(AccessError):
            self.env["kam.review"].with_user(self.auditor).create(
                {"name": "Mine", "date": TODAY, "kind_id": self._kind("price").id}
            )

    def test_nobody_else_writes_audits(self):
        review = self._run(code="audit")
        for user in (self.officer, self.gm):
            mine = self._as(review, user)
            self.assertFalse(mine.can_edit)
            with self.assertRaises(AccessError):
                mine.note = "Ours"
            with self.assertRaises(AccessError):
                mine.action_start()
            with self.assertRaises(AccessError):
                mine.line_ids[0].note = "Ours"
            with self.assertRaises(AccessError):
                mine.line_ids.create({"review_id": review.id, "name": "Ours"})
        for user in (self.user, self.admin):
            with self.assertRaises(AccessError):
                self._as(review, user).note = "Ours"

    def test_salesperson_reads_nothing(self):
        review = self._run()
        with self.assertRaises(AccessError):
            self._as(review, self.user).read(["name"])
        with self.assertRaises(AccessError):
            self._as(review.figure_ids, self.user).read(["value"])


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestOtherReviews(ProgrammeCase):
    """J19, S1q-23: service quality; what stands in Exceptions."""

    def test_service_quality(self):
        """Issues of the quarter make the review; customers answered late have a line."""
        self.env.ref(XMLID % "group_kam_area_issue")._kam_switch_on()
        issue = self.env["kam.issue"].create(
            {
                "account_id": self.a.id,
                "kind_id": self.env.ref(XMLID % "kam_issue_kind_technical").id,
                "description": "The door hums",
                "reported_on": "2026-09-10 04:00:00",
            }
        )
        issue._as_engine().write({"reported_day": "2026-09-10"})
        review = self._run(code="service_quality")
        self.assertEqual(review.date_from, date(2026, 7, 1))
        self.assertIn("issues", review.line_ids.mapped("topic"))
        self.assertIn(self.a, review.line_ids.account_id)
        line = review.line_ids.filtered(lambda li: li.topic == "issues")
        self.assertIn("1", line.progress_text)

    def test_whoever_is_late_no_more_leaves_the_agenda_at_once(self):
        """All of them, in one run; whom something was said about stays."""
        self.env.ref(XMLID % "group_kam_area_issue")._kam_switch_on()
        accounts = [self._account(self._new_customer(f"Late {n}")) for n in range(4)]
        issues = self.env["kam.issue"]
        for account in accounts:
            issues |= issues.create(
                {
                    "account_id": account.id,
                    "kind_id": self.env.ref(XMLID % "kam_issue_kind_technical").id,
                    "description": "The door hums",
                    "reported_on": "2026-09-10 04:00:00",
                }
            )
        issues._as_engine().write({"reported_day": "2026-09-10"})
        review = self._run(code="service_quality")
        self.assertEqual(len(review.line_ids.account_id), 4)
        said = review.line_ids.filtered(lambda li: li.account_id == accounts[0])
        self._as(said, self.officer).note = "They were away"
        issues._as_engine().write({"state": "rejected"})
        self._as(review, self.officer).action_refresh()
        self.assertEqual(review.line_ids.account_id, accounts[0])

    def test_a_topic_keeps_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        review = self._run()
        names = review.line_ids.mapped("name")
        self._as(review, self.officer).with_context(lang="zh_CN").action_refresh()
        self.assertEqual(review.line_ids.mapped("name"), names)

    def test_exceptions(self):
        """A review not held on its day, and a decision not done by its day."""
        not_held = self.env.ref(XMLID % "kam_exception_kind_programme_not_held")
        overdue = self.env.ref(XMLID % "kam_exception_kind_programme_decision_overdue")
        kinds = self._as(not_held | overdue, self.officer)
        review = self._closed()
        self.assertEqual(kinds[1].count, 0)
        with freeze_time("2026-12-02 04:00:00"):
            self.env.invalidate_all()
            counts = kinds.mapped("count")
        others = self.env["kam.review"].search_count(
            [("kind_id.area", "=", "programme"), ("state", "=", "planned")]
        )
        self.assertEqual(counts[0], others)
        self.assertEqual(counts[1], 1)
        self.assertEqual(review.state, "reported")
