from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.key_account_mgmt.models.kpi.subject import PROGRAMME, KpiSubject
from odoo.addons.key_account_mgmt.policy.periods import Period

from .common import GROUP
from .common_kpi import QUARTER, KpiCase

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
COLUMNS = ("kpi_id", "subject_kind", "user_id", "period_kind", "date_from", "amount")


class TargetCase(KpiCase):
    @classmethod
    def _target(cls, amount=1200.0, user=None, kpi="K01", period_kind="year", **values):
        column = "amount" if cls._kpi(kpi).unit == "money" else "number"
        if "subject_kind" not in values:
            values["user_id"] = (user or cls.user).id
        return cls.env["kam.target"].create(
            {
                "company_id": cls.company.id,
                "kpi_id": cls._kpi(kpi).id,
                "period_kind": period_kind,
                "date_from": date(2026, 7, 5),
                column: amount,
                **values,
            }
        )


@freeze_time("2026-09-30 04:00:00")
@tagged("post_install", "-at_install")
class TestTarget(TargetCase):
    """What somebody is to reach.  Source: S0-41, S1a-01."""

    def test_any_day_gives_the_period(self):
        for kind, first, last in (
            ("year", YEAR.start, YEAR.end),
            ("quarter", QUARTER.start, QUARTER.end),
            ("month", date(2026, 7, 1), date(2026, 7, 31)),
        ):
            target = self._target(period_kind=kind)
            self.assertEqual((target.date_from, target.date_to), (first, last))
        target.write({"period_kind": "month", "date_from": date(2026, 2, 28)})
        self.assertEqual((target.date_from, target.date_to), (date(2026, 2, 1), date(2026, 2, 28)))

    def test_the_account_shows_its_target_of_the_year(self):
        """Source: design §3"""
        self._target(600.0, subject_kind="account", account_id=self.a.id)
        self._target(900.0, period_kind="month", subject_kind="account", account_id=self.b.id)
        shown = (self.a | self.b | self.c).with_user(self.officer)
        self.assertEqual(shown.mapped("year_target"), [600.0, 0.0, 0.0])

    def test_a_fiscal_year(self):
        self.company.write({"fiscalyear_last_month": "3", "fiscalyear_last_day": 31})
        target = self._target()
        self.assertEqual((target.date_from, target.date_to), (date(2026, 4, 1), date(2027, 3, 31)))
        self.assertEqual(len(target._months()), 12)

    @mute_logger("odoo.sql_db")
    def test_bad_input_is_refused(self):
        """Another currency, a number for money, nobody, twice."""
        self._target()
        for values, error in (
            ({"currency_id": self.usd.id, "period_kind": "month"}, ValidationError),
            ({"number": 3.0, "period_kind": "month"}, ValidationError),
            ({"kpi": "K03", "number": 1.0, "amount": 5.0}, ValidationError),
            ({"kpi": "K27", "amount": 5.0}, ValidationError),
            ({"subject_kind": "user", "period_kind": "month"}, IntegrityError),
            ({"team_id": self._team("T").id, "period_kind": "month"}, IntegrityError),
            ({}, IntegrityError),
        ):
            with self.assertRaises(error), self.cr.savepoint():
                if "kpi" in values:
                    kpi = self._kpi(values["kpi"]).id
                    rest = {k: v for k, v in values.items() if k != "kpi"}
                    self.env["kam.target"].create(
                        {"kpi_id": kpi, "user_id": self.user.id, "company_id": self.company.id,
                         **rest}
                    )  # fmt: skip
                else:
                    self._target(**values)
                self.env.flush_all()

    def test_a_branch_has_none_of_its_own(self):
        branch = self._new_company("Yunting Suzhou", self.cny, parent=self.company)
        with self.assertRaises(ValidationError):
            self._target(company_id=branch.id)

    def test_zero_and_negative_targets_are_kept_as_given(self):
        """They are not measurable, not an error."""
        for amount, kind in ((0.0, "year"), (-50.0, "quarter")):
            target = self._target(amount, period_kind=kind)
            self.assertFalse(target.is_measurable)
            self.assertEqual(target.attainment, 0.0)

    # Reading --------------------------------------------------------------------------

    def _read(self, subject=None, code="K01", period=QUARTER):
        subject, kpi = subject or self.me, self._kpi(code)
        found = self.env["kam.target"]._for_many([subject], kpi, period, self.company)
        return found.get((subject, kpi.id))

    def test_a_quarter_is_its_own_target_or_its_months(self):
        self.assertIsNone(self._read())
        for month, amount in ((7, 10.0), (8, 20.0)):
            self._target(amount, period_kind="month", date_from=date(2026, month, 1))
        self.assertIsNone(self._read(), "one month is missing")
        september = self._target(0.0, period_kind="month", date_from=date(2026, 9, 1))
        self.assertEqual(self._read(), 30.0, "a target of zero is one")
        self._target(77.0, period_kind="quarter")
        self.assertEqual(self._read(), 77.0)
        self.assertIsNone(self._read(period=YEAR))
        september.unlink()
        for quarter in (1, 4, 10):
            self._target(1.0, period_kind="quarter", date_from=date(2026, quarter, 1))
        self.assertEqual(self._read(period=YEAR), 80.0)

    def test_what_does_not_add_up_is_not_added_up(self):
        for month in (7, 8, 9):
            self._target(5.0, kpi="K04", period_kind="month", date_from=date(2026, month, 1))
        self.assertIsNone(self._read(code="K04"))

    def test_every_kind_of_subject(self):
        team = self._team("North", self.user)
        for values, subject in (
            ({"subject_kind": "team", "team_id": team.id}, KpiSubject("team", team.id)),
            ({"subject_kind": "account", "account_id": self.a.id},
             KpiSubject("account", self.a.id)),
            ({"subject_kind": "programme"}, PROGRAMME),
        ):  # fmt: skip
            self._target(9.0, period_kind="quarter", **values)
            self.assertEqual(self._read(subject), 9.0)
        self.assertIsNone(self._read())

    def test_progress_of_a_target_is_a_kpi(self):
        """K27: 270 of 300.  Source: S0-167."""
        self.assertIsNone(self._of("K27", self.me)[0].value, "no target")
        self._target(300.0, period_kind="quarter")
        figure = self._of("K27", self.me)[0]
        self.assertAlmostEqual(figure.value, 90.0)
        self.assertEqual((figure.numerator, figure.denominator), (270.0, 300.0))
        line = self.env.ref("key_account_mgmt.kam_kpi_set_line_am_month_k27")
        self.assertAlmostEqual(line._score(figure.value, line._target(None)), 90.0)

    def test_a_target_of_zero_measures_no_progress(self):
        self._target(0.0, period_kind="quarter")
        self.assertIsNone(self._of("K27", self.me)[0].value)

    # Progress -------------------------------------------------------------------------

    def test_attainment_to_date(self):
        """Only until today: the 200 of 15 August are there, the 400 of the 16th member's."""
        quarter = self._target(540.0, period_kind="quarter")
        self.assertEqual((quarter.actual, quarter.attainment), (270.0, 50.0))
        self.assertTrue(quarter.is_measurable)
        with freeze_time("2026-08-01 04:00:00"):
            self.env.invalidate_all()
            self.assertEqual(quarter.actual, 100.0)
        with freeze_time("2026-06-30 04:00:00"):
            self.env.invalidate_all()
            self.assertFalse(quarter.is_measurable)
            with self.assertRaises(UserError):
                quarter.action_show_documents()
        self.env.invalidate_all()
        action = quarter.action_show_documents()
        self.assertEqual(self.env[action["res_model"]].search_count(action["domain"]), 3)

    def test_less_is_better(self):
        target = self._target(4.0, kpi="K07", period_kind="quarter")
        self._order(self.a.partner_id, "2026-08-01 04:00:00", 10.0)
        self.env.invalidate_all()
        self.assertEqual((target.actual, target.attainment), (0.0, 100.0), "nothing at all")
        self.assertTrue(target.is_measurable)

    def test_a_broken_metric_hides_its_own_figure_only(self):
        """The others are still measured."""
        good = self._target(kpi="K01", period_kind="quarter")
        bad = self._target(4.0, kpi="K07", period_kind="quarter")
        part = self._kpi("K07").metric_id.numerator_id
        with patch.object(
            type(part), "_broken_reason", lambda metric: metric == part and "Its module is gone"
        ):
            self.env.invalidate_all()
            self.assertEqual((good.actual, bad.is_measurable), (270.0, False))

    def test_the_list_costs_the_same_for_three_and_for_thirteen(self):
        def queries(targets):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            targets.mapped("attainment")
            return self.cr.sql_log_count - before

        few = self._target()
        for account in (self.a, self.b):
            few |= self._target(5.0, subject_kind="account", account_id=account.id)
        queries(few)
        count = queries(few)
        many = few
        for partner in self._new_customers(10):
            account = self._account(partner)
            many |= self._target(5.0, subject_kind="account", account_id=account.id)
        self.assertLessEqual(queries(many), count)

    # Spreading ------------------------------------------------------------------------

    def test_evenly(self):
        target = self._target(1000.0)
        target._spread()
        months = target.child_ids.sorted("date_from")
        self.assertEqual(len(months), 12)
        self.assertEqual(months[0].amount, 83.34)
        self.assertEqual(months[-1].amount, 83.33)
        self.assertEqual(round(sum(months.mapped("amount")), 2), 1000.0)
        self.assertEqual(months[1].date_to, date(2026, 2, 28))
        self.assertFalse(any(months.mapped("is_edited")))
        target._spread()
        self.assertEqual(target.child_ids, months, "twice is once")

    def test_by_the_season_of_last_year(self):
        """Last year the user had 100 in July and 400 in August.  Source: users §3.7 (K27)."""
        target = self._target(900.0)
        target._spread("season")
        by_month = {m.date_from.month: m.amount for m in target.child_ids}
        self.assertEqual((by_month[7], by_month[8]), (180.0, 720.0))
        self.assertEqual(sum(by_month.values()), 900.0)

    def test_a_running_year_has_no_season(self):
        """Planned in September, October to December of this year are not nothing."""
        self._invoice(self.a.partner_id, date(2025, 12, 1), 500.0)
        self._invoice(self.a.partner_id, date(2026, 12, 1), 0.01, post=False)
        target = self._target(1000.0, date_from=date(2027, 1, 1))
        target._spread("season")
        by_month = {m.date_from.month: m.amount for m in target.child_ids}
        self.assertEqual((by_month[7], by_month[8], by_month[12]), (100.0, 400.0, 500.0))

    def test_many_are_spread_at_the_cost_of_one(self):
        targets = self._target(900.0)
        targets |= self._target(900.0, user=self.member) | self._target(900.0, user=self.officer)
        counted = []
        figures = type(self.env["kam.kpi"])._figures_of

        def count(kpi, *args, **kwargs):
            counted.append(kpi)
            return figures(kpi, *args, **kwargs)

        with patch.object(type(self.env["kam.kpi"]), "_figures_of", count):
            targets._spread("season")
        self.assertEqual(len(counted), 12)

    def test_without_a_last_year_evenly(self):
        target = self._target(1200.0, user=self.director)
        target._spread("season")
        self.assertEqual(set(target.child_ids.mapped("amount")), {100.0})

    def test_months_changed_by_hand_stay_unless_asked(self):
        target = self._target(1200.0)
        target._spread()
        march, april = target.child_ids.sorted("date_from")[2:4]
        march.with_user(self.officer).amount = 320.0
        self.assertTrue(march.is_edited)
        target._spread()
        self.assertEqual((march.amount, april.amount), (320.0, 80.0))
        self.assertEqual(sum(target.child_ids.mapped("amount")), 1200.0)
        wizard = self.env["kam.target.spread.wizard"].create(
            {"target_ids": [Command.set(target.ids)], "method": "even"}
        )
        self.assertEqual(wizard.edited_count, 1)
        wizard.replace_edited = True
        wizard.action_confirm()
        self.assertEqual((march.amount, march.is_edited), (100.0, False))

    def test_months_entered_before_the_year_stay(self):
        self._target(700.0, period_kind="month", date_from=date(2026, 1, 1))
        target = self._target(1250.0)
        target._spread()
        self.assertEqual(set(target.child_ids.mapped("amount")), {50.0})
        self.assertEqual(len(target.child_ids), 11)

    def test_months_that_do_not_fit_are_refused(self):
        target = self._target(1200.0)
        target._spread()
        target.child_ids[0].amount = 1201.0
        with self.assertRaises(UserError):
            target._spread()

    def test_what_does_not_add_up_is_not_spread(self):
        for target in (self._target(10.0, kpi="K04"), self._target(period_kind="month")):
            with self.assertRaises(UserError):
                target.action_spread()
            with self.assertRaises(UserError):
                target._spread()

    def test_closed_periods_are_left_alone(self):
        """The hook scorecards use: no change, no deletion, spread around them."""
        target = self._target(1200.0)
        target._spread()
        january, february = target.child_ids.sorted("date_from")[:2]

        def check_open(records, new=False):
            if january in records:
                raise UserError(self.env._("Scorecards are kept."))

        self.patch(type(target), "_check_open", check_open)
        for act in (
            lambda: january.write({"amount": 1.0}),
            january.unlink,
            lambda: january.write({"user_id": self.member.id}),
        ):
            with self.assertRaises(UserError):
                act()
        january.note = "no figure"
        target.amount = 2300.0
        target._spread()
        self.assertEqual((january.amount, february.amount), (100.0, 200.0))

    def test_what_was_spread_stays_what_it_is(self):
        target = self._target(1200.0)
        target._spread()
        for values in ({"user_id": self.member.id}, {"date_from": date(2027, 1, 1)},
                       {"period_kind": "quarter"}):  # fmt: skip
            with self.assertRaises(UserError):
                target.write(values)
        target.write({"user_id": self.user.id, "date_from": date(2026, 5, 5), "amount": 2400.0})
        target.child_ids.unlink()
        target.user_id = self.member

    def test_targets_of_a_merged_file_move(self):
        mine = self._target(5.0, subject_kind="account", account_id=self.a.id)
        both = self._target(6.0, subject_kind="account", account_id=self.a.id, period_kind="month")
        self._target(7.0, subject_kind="account", account_id=self.b.id, period_kind="month")
        self.a.sudo()._as_engine()._merge_into(self.b)
        self.assertEqual((mine.account_id, both.account_id), (self.b, self.a))

    # Last year plus -------------------------------------------------------------------

    def _plan(self, user=None, **values):
        wizard = self._as(self.env["kam.target.plan.wizard"], user or self.officer).create(
            {
                "company_id": self.company.id,
                "period_kind": "quarter",
                "date": date(2026, 8, 8),
                "kpi_id": self._kpi("K01").id,
                **values,
            }
        )
        return wizard.action_confirm()

    def test_last_year_plus_some_percent(self):
        """A year before: user 200 until 15 August, then nobody led B: member 300."""
        self.env["kam.team.member"]._as_engine().search([("account_id", "=", self.b.id)]).write(
            {"date_to": False, "is_lead": False}
        )
        self.env["kam.team.member"]._as_engine().search([("account_id", "=", self.b.id)]).unlink()
        self._lead(self.b, self.member)
        self._plan(percent=20.0)
        found = {t.user_id: t.amount for t in self.env["kam.target"].search([])}
        self.assertEqual(found, {self.user: 120.0, self.member: 480.0})
        result = self._plan(percent=50.0)
        self.assertEqual(result["tag"], "display_notification", "targets there are stay")
        self._plan(percent=50.0, replace=True)
        found = {t.user_id: t.amount for t in self.env["kam.target"].search([])}
        self.assertEqual(found, {self.user: 150.0, self.member: 600.0})

    def test_whoever_had_nothing_gets_none_and_is_named(self):
        result = self._plan(user_ids=[Command.set((self.user | self.director).ids)])
        self.assertIn(self.director.name, result["params"]["message"])
        self.assertEqual(self.env["kam.target"].search([]).user_id, self.user)

    def test_accounts_and_programme(self):
        self._plan(subject_kind="account", percent=10.0)
        target = self.env["kam.target"].search([])
        self.assertEqual((target.account_id, target.amount), (self.a, 110.0))
        self._plan(subject_kind="programme", percent=0.0)
        target = self.env["kam.target"].search([("subject_kind", "=", "programme")])
        self.assertEqual(target.amount, 100.0)

    def test_a_running_year_is_said_to_be_one(self):
        """2027 planned in September 2026: nobody takes nine months for twelve unawares."""
        result = self._plan(period_kind="year", date=date(2027, 1, 1), percent=20.0)
        self.assertIn("not over", result["params"]["message"])

    def test_none_of_them_gives_nobody_a_target(self):
        self.env["kam.account"].search([]).sudo()._as_engine().write({"is_key_account": False})
        with self.assertRaisesRegex(UserError, "none of them"):
            self._plan(subject_kind="account")
        self.assertFalse(self.env["kam.target"].search([]))

    def test_a_year_is_spread_at_once(self):
        self._plan(
            period_kind="year", percent=0.0, spread="season",
            user_ids=[Command.set(self.user.ids)],
        )  # fmt: skip
        year = self.env["kam.target"].search([("period_kind", "=", "year")])
        self.assertEqual(year.amount, 500.0, "in 2025 B was the user's all year")
        self.assertEqual(round(sum(year.child_ids.mapped("amount")), 2), 500.0)

    def test_a_rate_is_not_planned_by_last_year(self):
        with self.assertRaises(UserError):
            self._plan(kpi_id=self._kpi("K04").id)
        with self.assertRaises(AccessError):
            self._plan(kpi_id=self._kpi("K02").id)


@freeze_time("2026-09-30 04:00:00")
@tagged("post_install", "-at_install")
class TestTargetImport(TargetCase):
    """A spreadsheet is imported as a whole or not at all."""

    def _load(self, *rows, columns=COLUMNS, user=None):
        targets = self._as(self.env["kam.target"], user or self.officer)
        return targets.load(list(columns), [list(row) for row in rows])

    def _row(self, **values):
        row = {
            "kpi_id": "K01",
            "subject_kind": "Person",
            "user_id": self.user.name,
            "period_kind": "Month",
            "date_from": "2026-07-01",
            "amount": "100",
            **values,
        }
        return tuple(row[name] for name in COLUMNS)

    def test_good_rows(self):
        result = self._load(self._row(), self._row(date_from="2026-08-15", amount="200.5"))
        self.assertEqual(len(result["ids"]), 2, result["messages"])
        months = self.env["kam.target"].search([("user_id", "=", self.user.id)])
        self.assertEqual(sorted(months.mapped("amount")), [100.0, 200.5])
        self.assertEqual(months.currency_id, self.cny)

    @mute_logger("odoo.sql_db")
    def test_a_long_file_is_not_cut_into_parts(self):
        """Odoo's import keeps the first two thousand rows before it reads the others."""
        self.env.flush_all()
        rows = [self._row(), self._row(date_from="2026-08-01"), self._row(user_id="Nobody Atall")]
        targets = self._as(self.env["kam.target"], self.officer).with_context(_import_limit=2)
        result = targets.load(list(COLUMNS), [list(row) for row in rows])
        self.assertFalse(result["ids"])
        self.assertFalse(self.env["kam.target"].search([]))

    @mute_logger("odoo.sql_db")
    def test_a_wrong_name_refuses_the_file_and_names_its_line(self):
        result = self._load(self._row(), self._row(user_id="Nobody Atall"), self._row(kpi_id="K99"))
        self.assertFalse(result["ids"])
        self.assertEqual({m["rows"]["from"] for m in result["messages"]}, {1, 2})
        self.assertFalse(self.env["kam.target"].search([]))

    def test_a_name_two_people_have_is_refused(self):
        self._new_user("twin", GROUP % "user").name = self.user.name
        result = self._load(self._row(user_id=self.user.name))
        self.assertFalse(result["ids"])
        self.assertEqual(result["messages"][0]["type"], "error")
        self.assertFalse(self.env["kam.target"].search([]))

    @mute_logger("odoo.sql_db")
    def test_another_currency_refuses_the_file_and_names_its_line(self):
        columns = [*COLUMNS, "currency_id"]
        result = self._load(
            (*self._row(), "CNY"),
            (*self._row(date_from="2026-08-01"), "USD"),
            columns=columns,
        )
        self.assertFalse(result["ids"])
        found = [(m["rows"]["from"], m["message"]) for m in result["messages"]]
        self.assertEqual({row for row, _text in found}, {1}, found)
        self.assertIn("CNY", found[0][1])
        self.assertFalse(self.env["kam.target"].search([]))

    @mute_logger("odoo.sql_db")
    def test_twice_the_same_refuses_the_file(self):
        result = self._load(self._row(), self._row(date_from="2026-07-31"))
        self.assertFalse(result["ids"])
        self.assertFalse(self.env["kam.target"].search([]))

    def test_only_the_office_imports(self):
        for user in (self.user, self.auditor, self.admin):
            result = self._load(self._row(), user=user)
            self.assertFalse(result["ids"], user.name)
        self.assertFalse(self.env["kam.target"].search([]))


@freeze_time("2026-09-30 04:00:00")
@tagged("post_install", "-at_install")
class TestTargetAccess(TargetCase):
    """One's own, one's people's, the office all."""

    def _seen(self, user):
        return self._as(self.env["kam.target"], user).search([]).sudo()

    def test_who_sees_which(self):
        mine, theirs = self._target(), self._target(user=self.officer)
        account = self._target(subject_kind="account", account_id=self.a.id)
        programme = self._target(subject_kind="programme")
        every = mine | theirs | account | programme
        for user, seen in (
            (self.user, mine | account), (self.member, mine.browse()), (self.officer, every),
            (self.gm, every), (self.admin, every), (self.auditor, every),
        ):  # fmt: skip
            self.assertEqual(self._seen(user), seen, user.name)
        with self.assertRaises(AccessError):
            self._seen(self.seller)
        self.a.user_id = self.member
        self.assertEqual(self._seen(self.member), account)

    def test_a_manager_sees_his_people(self):
        mine = self._target()
        self.assertFalse(self._seen(self.member))
        department = self.env["kam.department"].create(
            {"name": "Sales", "company_id": self.company.id, "manager_id": self.member.id,
             "member_ids": [Command.set(self.user.ids)]}
        )  # fmt: skip
        self.assertEqual(self._seen(self.member), mine)
        department.manager_id = False
        self.assertFalse(self._seen(self.member))
        team = self._team("North", self.user)
        of_team = self._target(subject_kind="team", team_id=team.id)
        self.assertEqual(self._seen(self.user), mine | of_team)
        self.assertFalse(self._seen(self.member))
        team.user_id = self.member
        self.assertEqual(self._seen(self.member), mine | of_team)

    def test_only_the_office_writes(self):
        target = self._target()
        for user in (self.user, self.member, self.admin, self.auditor, self.seller):
            mine = self._as(target, user)
            for act in (
                lambda mine=mine: mine.write({"amount": 1.0}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.action_spread(),
                lambda mine=mine: mine.copy({"period_kind": "month"}),
            ):
                with self.assertRaises(AccessError):
                    act()
            for wizard in ("kam.target.spread.wizard", "kam.target.plan.wizard"):
                with self.assertRaises(AccessError):
                    self._as(self.env[wizard], user).create({})
        for user, amount in ((self.officer, 7.0), (self.director, 8.0)):
            self._as(target, user).amount = amount
            self.assertEqual(target.amount, amount)

    def test_what_the_system_keeps_is_not_written(self):
        target = self._target()
        target._spread()
        month = self._as(target.child_ids[0], self.officer)
        for values in ({"is_edited": True}, {"parent_id": False}):
            with self.assertRaises(AccessError):
                month.write(values)
            with self.assertRaises(AccessError):
                month.with_context(kam_engine="yes").write(values)

    def test_targets_of_profit_are_for_its_groups(self):
        """Neither read, searched, grouped nor set by others.  Source: S2-11."""
        target = self._target(kpi="K02")
        for user in (self.user, self.officer, self.gm, self.auditor):
            self.assertFalse(self._seen(user), user.name)
            with self.assertRaises(AccessError):
                self._as(target, user).read(["amount"])
        values = {"kpi_id": self._kpi("K02").id, "user_id": self.member.id, "amount": 1.0,
                  "company_id": self.company.id}  # fmt: skip
        with self.assertRaises(AccessError):
            self._as(self.env["kam.target"], self.officer).create(values)
        sales = self._target(user=self.member)
        with self.assertRaises(AccessError):
            self._as(sales, self.officer).kpi_id = self._kpi("K02")
        with self.assertRaises(AccessError):
            self._as(self._kpi("K02"), self.officer).metric_id = self._kpi("K01").metric_id
        with self.assertRaises(AccessError):
            self._as(self._kpi("K02").metric_id, self.admin).group_ids = False
        self.officer.group_ids |= self.env.ref(GROUP % "cost")
        self.assertEqual(self._seen(self.officer), target | sales)

    def test_a_ratio_of_profit_is_for_its_groups(self):
        """Profit ÷ 1 would tell it.  Source: S2-11."""
        with self.assertRaises(ValidationError):
            self.env["kam.metric"].create(
                {
                    "name": "Open",
                    "code": "open_profit",
                    "kind": "ratio",
                    "numerator_id": self._kpi("K02").metric_id.id,
                    "denominator_id": self._kpi("K01").metric_id.id,
                }
            )

    def test_the_usual_target_of_profit_is_for_its_groups(self):
        """It would tell the profit from the score."""
        kpi_set = self.env.ref("key_account_mgmt.kam_kpi_set_am_quarter")
        line = kpi_set.line_ids.filtered(lambda li: li.kpi_id.code == "K02")
        for user, seen in ((self.user, False), (self.officer, True)):
            found = self._as(self.env["kam.kpi.set.line"], user).search([("id", "=", line.id)])
            self.assertEqual(bool(found), seen, user.login)

    def test_documents_of_somebody_elses_target(self):
        target = self._target(user=self.officer)
        with self.assertRaises(AccessError):
            self._as(target, self.user).action_show_documents()
