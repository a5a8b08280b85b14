from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.key_account_mgmt.models.core.guarded import ENGINE

from .common import KamCase


@tagged("post_install", "-at_install")
class TestGuarded(KamCase):
    """What happened is written by the system only, by whatever road.  Source: S0-36, S2-07."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Tianheng", 30e6, "leading")
        cls.account = cls._account(cls.customer, cls.user)
        cls.evaluation = cls._evaluation(cls.customer)

    def _users(self):
        yield self.env.user  # superuser, as a server action or another addon
        for role in ("user", "officer", "gm", "admin"):
            yield getattr(self, role)

    def _assert_refused(self, function):
        for user in self._users():
            with (
                self.subTest(user=user.login),
                self.assertRaises(AccessError),
                self.cr.savepoint(),
            ):
                function(user)
                self.env.flush_all()

    def test_no_context_value_opens_the_guard(self):
        """A client can send any JSON value; only the object itself opens."""
        for value in (True, 1, "ENGINE", str(ENGINE), repr(ENGINE), {}, [True]):
            account = self.account.with_context(kam_engine=value)
            with self.subTest(value=value), self.assertRaises(AccessError):
                account.write({"tier_id": self.key.id})

    def test_history_cannot_be_created(self):
        vals = {
            "account_id": self.account.id,
            "company_id": self.company.id,
            "scheme_id": self.s3.id,
            "tier_id": self.key.id,
            "exclusive": True,
            "date_from": "2026-01-01",
            "origin": "evaluation",
        }
        self._assert_refused(
            lambda user: self.env["kam.tier.assignment"].with_user(user).create(vals)
        )
        self._assert_refused(
            lambda user: self.account.with_user(user).write({"assignment_ids": [(0, 0, vals)]})
        )

    def test_history_cannot_be_changed_or_deleted(self):
        self._hold(self.account, self.key)
        assignment = self.account.assignment_ids
        ended = {"date_to": "2026-01-01"}
        self._assert_refused(lambda user: assignment.with_user(user).write(ended))
        self._assert_refused(lambda user: assignment.with_user(user).unlink())

    def test_results_and_lines_cannot_be_created_or_deleted(self):
        line = self.evaluation.line_ids
        result = line.result_ids[0]
        for record in (line, result):
            vals = record.sudo().copy_data()[0]
            model = self.env[record._name]
            self._assert_refused(lambda user, m=model, v=vals: m.with_user(user).create(v))
            self._assert_refused(lambda user, r=record: r.with_user(user).unlink())
        self._assert_refused(lambda user: result.with_user(user).write({"value": 1.0}))
        self._assert_refused(lambda user: result.with_user(user).write({"verdict": "met"}))

    def test_figures_of_a_line_cannot_be_written(self):
        """Source: S2-07, S0-34."""
        for name, value in {
            "decided_tier_id": self.strategic.id,
            "suggested_tier_id": self.strategic.id,
            "current_tier_id": self.strategic.id,
            "sales": 99.0,
            "is_override": True,
            "override_reason": "because",
            "override_user_id": self.gm.id,
            "change": "up",
            "code": "matched",
            "partner_id": self.company.partner_id.id,
        }.items():
            self._assert_refused(
                lambda user, n=name, v=value: self.evaluation.line_ids.with_user(user).write({n: v})
            )

    def test_suggestions_belong_to_the_night(self):
        self.env["kam.tier.evaluation"]._suggest_scheme(self.company, self.s3, self.day)
        suggestion = self.env["kam.tier.suggestion"].search([("partner_id", "=", self.customer.id)])
        vals = suggestion.copy_data()[0]
        model = self.env["kam.tier.suggestion"]
        self._assert_refused(lambda user: model.with_user(user).create(vals))
        self._assert_refused(lambda user: suggestion.with_user(user).write({"change": "up"}))
        self._assert_refused(lambda user: suggestion.with_user(user).unlink())

    def test_the_state_of_an_evaluation_cannot_be_written_or_created(self):
        """Source: S3-20."""
        for state in ("approved", "applied", "to_approve"):
            self._assert_refused(
                lambda user, s=state: self.evaluation.with_user(user).write({"state": s})
            )
            vals = {"name": "X", "company_id": self.company.id, "state": state}
            vals["scheme_ids"] = [(6, 0, self.s3.ids)]
            self._assert_refused(
                lambda user, v=vals: self.env["kam.tier.evaluation"].with_user(user).create(v)
            )

    def test_defaults_do_not_set_a_state(self):
        """Neither from the context, nor personal, nor global defaults."""
        self.env["ir.default"].set("kam.tier.evaluation", "state", "approved")
        self.env["ir.default"].set("kam.tier.evaluation", "kind", "auto")
        evaluation = (
            self.env["kam.tier.evaluation"]
            .with_user(self.officer)
            .with_context(default_state="applied", default_applied_on="2026-01-01 00:00:00")
            .create({"name": "X", "scheme_ids": [(6, 0, self.s3.ids)]})
        )
        self.assertEqual(
            (evaluation.state, evaluation.kind, evaluation.applied_on), ("draft", "adhoc", False)
        )

    def test_a_copy_starts_at_the_beginning(self):
        copy = self.evaluation.copy()
        self.assertEqual((copy.state, copy.line_ids.ids, copy.computed_on), ("draft", [], False))
        self.assertFalse(copy.approval_request_ids)

    def test_the_copy_of_the_criteria_belongs_to_the_evaluation(self):
        criterion = self.evaluation.criterion_ids[0]
        model = self.env["kam.tier.evaluation.criterion"]
        vals = criterion.copy_data()[0]
        self._assert_refused(lambda user: model.with_user(user).create(vals))
        self._assert_refused(lambda user: criterion.with_user(user).unlink())
        for name, value in {
            "operator": "<",
            "tier_id": self.general.id,
            "group_no": 9,
            "changed_after_computing": False,
            "metric_id": self._metric("order_count").id,
        }.items():
            self._assert_refused(
                lambda user, n=name, v=value: criterion.with_user(user).write({n: v})
            )

    def test_the_message_says_what_to_do(self):
        with self.assertRaisesRegex(AccessError, "Tier.*Use the buttons"), self.cr.savepoint():
            self.account.write({"tier_id": self.key.id})
