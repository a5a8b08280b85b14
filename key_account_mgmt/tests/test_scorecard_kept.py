from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.key_account_mgmt.policy.periods import Period

from .test_scorecard import QUARTER, ScorecardCase


@tagged("post_install", "-at_install")
class TestScorecardKept(ScorecardCase):
    """What a card keeps whoever touches it, and whatever becomes of KPIs, sets and customers.

    Source: (c13), S0-167 … S0-171.
    """

    def _as_reader(self, card, user):
        """The card as the user's own request finds it."""
        self.env.flush_all()
        self.env.invalidate_all()
        return card.with_user(user)

    def _set_line(self, code, **values):
        kpi = self._kpi(code)
        self.set.line_ids = [Command.create({"kpi_id": kpi.id, **values})]
        return self.set.line_ids.filtered(lambda line: line.kpi_id == kpi)

    def _restrict_growth(self):
        """35 % against 10 %, for those who may see costs."""
        cost = self.env.ref("key_account_mgmt.group_kam_cost")
        self._kpi("K04").metric_id.group_ids = cost
        self._set_line("K04", has_default_target=True, default_target=10.0)

    # A KPI its reviewer may not see ----------------------------------------------------

    def test_a_reviewer_without_costs_leaves_profit_in_the_score(self):
        """K01 90 and K04 120 at the same weight, M02 50: (40·105 + 15·50) ÷ 55 = 90.  S0-167"""
        self._restrict_growth()
        card = self._sent()
        self.assertEqual(self._line_of(card, "K04").score, 120.0)
        mine = self._as_reader(card, self.director)
        self.assertNotIn("K04", mine.line_ids.mapped("kpi_code"))
        mine.manual_score = 50.0
        self.assertNotIn("K04", mine.line_ids.mapped("kpi_code"))
        self.env.invalidate_all()
        self.assertAlmostEqual(card.total, 90.0)
        self.assertAlmostEqual(sum(card.line_ids.mapped("weight")), 100.0, delta=0.02)
        self._as_reader(card, self.officer).line_ids.mapped("kpi_code")
        card.with_user(self.officer).action_compute()
        self.env.invalidate_all()
        self.assertAlmostEqual(card.total, 90.0)

    def test_the_sheet_counts_what_its_reader_does_not_see(self):
        """Source: (f) P25"""
        self._restrict_growth()
        card = self._as_reader(self._sent(), self.director)
        self.assertNotIn("K04", card.line_ids.mapped("kpi_code"))
        sheet = self.env["report.key_account_mgmt.report_scorecard_sheet"]
        paper = sheet.with_user(self.director)._paper(card)
        self.assertIn("1 more", paper["hidden"])

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_each_score_by_hand_is_given_on_the_card(self):
        """What the form sends: lines of the card, each with its own score.  Source: S0-168"""
        self._set_line("M01", method="manual")
        self._restrict_growth()
        card = self._as_reader(self._sent(), self.director)
        first, second = (self._line_of(card, code) for code in ("M01", "M02"))
        rows = [Command.update(first.id, {"manual_score": 40.0})]
        rows.append(Command.update(second.id, {"manual_score": 60.0}))
        spec = {"line_ids": {"fields": {"score_label": {}}}, "manual_score": {}}
        [shown] = card.web_save({"line_ids": rows, "feedback": "Fine"}, spec)
        self.assertEqual(shown["manual_score"], 50.0)
        self.assertEqual((first.score, second.score), (40.0, 60.0))
        measured = self._line_of(card, "K01")
        for command in (
            Command.update(measured.id, {"manual_score": 1.0}),
            Command.update(first.id, {"score": 100.0}),
            Command.delete(first.id),
            Command.unlink(first.id),
            Command.clear(),
            Command.create({"kpi_id": measured.kpi_id.id}),
        ):
            with self.subTest(command=command), self.assertRaises(UserError):
                card.write({"line_ids": [command]})
        with self.assertRaises(AccessError):
            card.with_user(self.officer).write({"line_ids": rows})

    # Vetoes and information ------------------------------------------------------------

    def test_a_veto_of_the_year_makes_the_year_0(self):
        """Its quarters were good: the year is 0 all the same.  Source: g Q21, g Q25"""
        self._closed()
        year = self._kpi_set(
            "year",
            K01={"default_target": 540.0},
            K04={"method": "veto", "default_target": 10_000.0},
        )
        year.write({"quarter_set_id": self.set.id, "veto_effect": "zero"})
        self._run(date(2027, 1, 2))
        card = self._card(period_kind="year", period=Period(date(2026, 1, 1), date(2026, 12, 31)))
        self.assertEqual(card.quarters_count, 1)
        self.assertEqual((card.total, card.is_scored, card.grade), (0.0, True, "D"))

    def test_what_is_for_information_vetoes_nothing(self):
        self.set.veto_effect = "zero"
        self._set_line(
            "K04",
            method="veto",
            is_informative=True,
            has_default_target=True,
            default_target=10_000.0,
        )
        self._run()
        card = self._card()
        self.assertAlmostEqual(card.total, 90.0)
        line = self._line_of(card, "K04")
        self.assertEqual((line.is_scored, line.excluded), (False, "informative"))

    # Changed policy --------------------------------------------------------------------

    def test_a_score_given_after_the_set_changed_is_one_of_the_new_set(self):
        """Never new weights with old targets.  K01: 270 of 270, M02 80: (40·100 + 15·80) ÷ 55"""
        card = self._sent()
        self.set.line_ids.filtered(lambda li: li.kpi_id.code == "K01").default_target = 270.0
        self._as_reader(card, self.director).manual_score = 80.0
        self.env.invalidate_all()
        self.assertEqual(self._line_of(card, "K01").target, 270.0)
        self.assertAlmostEqual(card.total, 94.55)
        self.assertEqual(card.set_number, self.set.version)
        self.assertFalse(card.warning)

    def test_a_closed_figure_opens_what_it_was_measured_on(self):
        """The KPI counts orders from now on: the invoices stay behind the figure.  S0-169"""
        card = self._closed()
        line = self._line_of(card, "K01")
        label = line.value_label
        self._kpi("K01").basis = "order"
        self.env.invalidate_all()
        self.assertEqual(line.value_label, label)
        self.assertFalse(line.differs)
        action = line.action_show_documents()
        self.assertEqual(action["res_model"], "account.move")
        moves = self.env["account.move"].search(action["domain"])
        self.assertEqual(sorted(moves.mapped("amount_untaxed_signed")), [-30.0, 100.0, 200.0])

    def test_what_was_reached_keeps_what_its_target_was_about(self):
        """K27 stands on K01: it is another KPI when K01 counts orders.  Source: S0-167"""
        self._set_line("K27")
        card = self._sent()
        open_card = self._sent(self.member)
        self._reviewed()
        card.with_user(self.user).action_acknowledge()
        line = self._line_of(card, "K27")
        self.assertFalse(line.is_scored, "without a target")
        version = line.kpi_version
        self._kpi("K01").basis = "order"
        self.env.invalidate_all()
        self.assertEqual(self._kpi("K27").version, version + 1)
        self.assertIn("K27", open_card.warning)
        base = line._kpi().base_kpi_id
        self.assertEqual((base._origin, base.basis), (self._kpi("K01"), False))
        self.assertFalse(line.differs)
        self.assertEqual(line.action_show_documents()["res_model"], "account.move")

    def test_a_figure_keeps_its_unit(self):
        card = self._closed()
        line = self._line_of(card, "K01")
        label = line.value_label
        count = self._kpi("K03").metric_id
        self._kpi("K01").metric_id = count
        self.env.invalidate_all()
        self.assertEqual((line.value_label, line.differs), (label, False))

    def test_targets_inside_a_closed_card_stay(self):
        """The months of the quarter add up to its target; those around it do not."""
        vals = {
            "kpi_id": self._kpi("K01").id,
            "subject_kind": "user",
            "user_id": self.user.id,
            "company_id": self.company.id,
            "amount": 100.0,
        }
        months = self.env["kam.target"].create(
            [{**vals, "period_kind": "month", "date_from": date(2026, m, 1)} for m in range(6, 11)]
        )
        card = self._closed()
        self.assertEqual(self._line_of(card, "K01").target, 300.0)
        for month in months[1:4]:
            with self.assertRaisesRegex(UserError, "is closed"):
                month.amount = 1.0
            with self.assertRaisesRegex(UserError, "is closed"):
                month.unlink()
        (months[0] | months[-1]).amount = 1.0
        year = self.env["kam.target"].create(
            {**vals, "period_kind": "year", "date_from": date(2026, 1, 1), "amount": 1200.0}
        )
        year._spread(replace_edited=True)
        self.assertEqual(months[1:4].mapped("amount"), [100.0] * 3)
        self.assertEqual(sum(year.child_ids.mapped("amount")), 900.0)

    def test_what_was_reached_of_a_target_keeps_it(self):
        """K27 stands on the target of K01.  Source: S0-167"""
        self.set.line_ids.filtered(lambda line: line.kpi_id.code == "K01").unlink()
        self._set_line("K27")
        target = self.env["kam.target"].create(
            {
                "kpi_id": self._kpi("K01").id,
                "subject_kind": "user",
                "user_id": self.user.id,
                "company_id": self.company.id,
                "period_kind": "quarter",
                "date_from": QUARTER.start,
                "amount": 300.0,
            }
        )
        self._closed()
        with self.assertRaisesRegex(UserError, "is closed"):
            target.amount = 1.0

    # Customers -------------------------------------------------------------------------

    def test_merged_customers_keep_the_documents_behind_a_figure(self):
        """A customer of the card becomes one with another.  Source: S0-169"""
        card = self._closed()
        kept = self._new_customer("Kept")
        gone = self.a.partner_id
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((kept | gone).ids, kept)
        self.env.invalidate_all()
        self.assertFalse(gone.exists())
        line = self._line_of(card, "K01")
        self.assertFalse(line.differs, line.today_label)
        action = line.action_show_documents()
        moves = self.env["account.move"].search(action["domain"])
        self.assertEqual(sorted(moves.mapped("amount_untaxed_signed")), [-30.0, 100.0, 200.0])

    def test_customers_held_as_two_are_counted_once(self):
        card = self._closed()
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((self.a.partner_id | self.b.partner_id).ids, self.a.partner_id)
        self.env.invalidate_all()
        [[partner_id, first, last]] = card.sudo().holders
        self.assertEqual(partner_id, self.a.partner_id.id)
        self.assertEqual((first, last), (str(QUARTER.start), str(QUARTER.end)))

    # Service ---------------------------------------------------------------------------

    def test_service_people_read_and_acknowledge_their_cards(self):
        """Source: (d) shipped KPI sets"""
        service = self._new_user("service", "key_account_mgmt.group_kam_service")
        self._lead(self._hold(self._account(self._new_customer("S")), self.key), service)
        card = self._as_reader(self._reviewed(service), service)
        spec = {"line_ids": {"fields": {"value_label": {}, "today_label": {}}}}
        [shown] = card.web_read({**spec, "total": {}, "previous_total": {}, "warning": {}})
        self.assertTrue(shown["line_ids"])
        self._line_of(card, "K01").action_show_documents()
        card._object("Too low", self._line_of(card, "K01"))
        card.with_user(self.director)._rule("rejected", "It is right")
        card.with_user(self.director).action_review()
        card.action_acknowledge()
        self.assertEqual(card.state, "closed")

    # Reviewers and rulings -------------------------------------------------------------

    def test_a_card_without_a_reviewer_is_not_sent(self):
        self._run(date(2026, 10, 2))
        card = self._card()
        card.sudo()._as_engine().reviewer_id = False
        with self.assertRaisesRegex(UserError, "has no reviewer"):
            card.with_user(self.officer).action_send()
        self.assertEqual(card.state, "computed")

    def test_a_reviewer_works_in_the_company(self):
        self._run()
        card = self._card()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("stranger", "key_account_mgmt.group_kam_director")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        with self.assertRaisesRegex(UserError, "works with key accounts"):
            card.with_user(self.officer).reviewer_id = stranger
        branch = self.env["res.company"].create({"name": "B", "parent_id": self.company.id})
        stranger.write({"company_ids": [Command.set(branch.ids)], "company_id": branch.id})
        card.with_user(self.officer).reviewer_id = stranger
        self.assertEqual(card.reviewer_id, stranger)

    def test_an_objection_is_decided_one_way_or_the_other(self):
        card = self._reviewed()
        card.with_user(self.user)._object("Too low", self._line_of(card, "K01"))
        wizard = self.env["kam.scorecard.object.wizard"].with_user(self.director)
        wizard = wizard.create({"card_id": card.id, "step": "rule", "ruling": False, "text": "x"})
        with self.assertRaisesRegex(UserError, "is upheld"):
            wizard.action_apply()
        self.assertTrue(card.has_objection)

    def test_earlier_cards_are_those_before(self):
        card = self._closed()
        self._run(date(2027, 1, 8))
        later = self._card(period=Period(date(2026, 10, 1), date(2026, 12, 31)))
        self.assertTrue(later)
        found = self.env["kam.scorecard"].search(later.action_previous()["domain"])
        self.assertIn(card, found)
        self.assertNotIn(later, found)
        self.assertNotIn(later, found.search(card.action_previous()["domain"]))
