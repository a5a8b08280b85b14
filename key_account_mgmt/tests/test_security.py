import inspect
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.models import BaseModel
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import GROUP
from .common_foreign import ForeignCase

OPERATIONS = {"c": "create", "r": "read", "u": "write", "d": "unlink"}
# What a role may do at most; record rules and guards narrow it further.  The director,
# the executive and the general manager have the rights of the office.
#                                member  user    officer admin   auditor anybody
EXPECTED = {
    "kam.account":               ("ru",   "cru",  "cru",  "r",    "r",    ""),
    "kam.account.pause":         ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.account.pause.wizard":  ("",     "",     "crud", "",     "",     ""),
    "kam.account.state.wizard":  ("",     "crud", "crud", "",     "",     ""),
    "kam.action":                ("cru",  "cru",  "cru",  "r",    "r",    ""),
    "kam.action.cancel.wizard":  ("crud", "crud", "crud", "",     "",     ""),
    "kam.approval.decision":     ("r",    "r",    "r",    "r",    "r",    "r"),
    "kam.approval.decision.wizard": ("cru", "cru", "cru", "cru",  "cru",  "cru"),
    "kam.approval.delegation":   ("crud", "crud", "crud", "crud", "crud", "crud"),
    "kam.approval.escalation":   ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.approval.preview.wizard": ("crud", "crud", "crud", "crud", "",   ""),
    "kam.approval.request":      ("r",    "r",    "r",    "r",    "r",    "r"),
    "kam.approval.request.step": ("r",    "r",    "r",    "r",    "r",    "r"),
    "kam.approval.route":        ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.approval.step":         ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.bid":                   ("cru",  "cru",  "crud", "r",    "r",    ""),
    "kam.bid.bond":              ("cru",  "cru",  "crud", "r",    "r",    ""),
    "kam.bid.bond.wizard":       ("crud", "crud", "crud", "",     "",     ""),
    "kam.bid.clarification":     ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.bid.criterion":         ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.bid.member":            ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.bid.offer":             ("ru",   "ru",   "ru",   "",     "",     ""),
    "kam.bid.opening":           ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.bid.requirement":       ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.bid.score":             ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.bid.wizard":            ("crud", "crud", "crud", "",     "",     ""),
    "kam.certificate":           ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.calendar.day":          ("r",    "r",    "r",    "crud", "r",    "r"),
    "kam.contract.comparison":   ("crud", "crud", "crud", "crud", "crud", ""),
    "kam.contract.condition":    ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.contract.file":         ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.contract.legal.review": ("ru",   "ru",   "ru",   "r",    "r",    ""),
    "kam.contract.reason.wizard": ("crud", "crud", "crud", "",    "",     ""),
    "kam.contract.seal":         ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.contract.signing":      ("ru",   "ru",   "ru",   "r",    "r",    ""),
    "kam.contract.version":      ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.seal":                  ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.contract":              ("ru",   "ru",   "crud", "r",    "r",    ""),
    "kam.contract.clause":       ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.contract.clause.template": ("r", "r",    "r",    "crud", "r",    ""),
    "kam.contract.payment":      ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.contract.template":     ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.contract.type":         ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.contract.check":        ("ru",   "ru",   "ru",   "r",    "r",    ""),
    "kam.contract.check.policy": ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.contract.coordinator":  ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.contract.milestone":    ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.contract.milestone.wizard": ("crud", "crud", "crud", "", "",     ""),
    "kam.contract.report":       ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.contract.stage":        ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.contract.term":         ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.contract.terminate.wizard": ("",  "",    "crud", "",     "",     ""),
    "kam.deal.member":           ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.deal.result.wizard":    ("crud", "crud", "crud", "",     "",     ""),
    "kam.department":            ("r",    "r",    "cru",  "crud", "r",    ""),
    "kam.exception.kind":        ("",     "",     "r",    "crud", "r",    ""),
    "kam.expected.sales":        ("r",    "r",    "cru",  "r",    "r",    ""),
    "kam.export.log":            ("",     "",     "",     "r",    "r",    ""),
    "kam.handover":              ("cru",  "cru",  "cru",  "r",    "r",    ""),
    "kam.handover.line":         ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.handover.refuse.wizard": ("crud", "crud", "crud", "",    "",     ""),
    "kam.industry.standing":     ("r",    "r",    "cru",  "r",    "r",    ""),
    "kam.insight":               ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.insight.aspect":        ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.insight.comparison":    ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.insight.kind":          ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.job":                   ("",     "",     "r",    "r",    "r",    ""),
    "kam.job.run":               ("",     "",     "r",    "r",    "r",    ""),
    "kam.metric":                ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.metric.explanation":    ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.metric.value":          ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.negotiation":           ("cru",  "cru",  "crud", "r",    "r",    ""),
    "kam.negotiation.authorization": ("r", "r",   "cru",  "r",    "r",    ""),
    "kam.negotiation.break.wizard": ("crud", "crud", "crud", "",  "",     ""),
    "kam.negotiation.concession": ("crud", "crud", "crud", "r",   "r",    ""),
    "kam.negotiation.floor":     ("",     "",     "",     "",     "",     ""),
    "kam.negotiation.item":      ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.negotiation.quote":     ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.negotiation.reading":   ("",     "",     "",     "",     "r",    ""),
    "kam.negotiation.round":     ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.notice":                ("",     "",     "",     "r",    "",     ""),
    "kam.obligation":            ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.obligation.kind":       ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.obligation.policy":     ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.obligation.waive.wizard": ("",   "",     "crud", "",     "",     ""),
    "kam.opening.classification": ("",    "",     "r",    "crud", "r",    ""),
    "kam.opening.figure":        ("",     "",     "crud", "crud", "r",    ""),
    "kam.policy.doc":            ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.policy.log":            ("",     "",     "",     "ru",   "r",    ""),
    "kam.policy.transfer.wizard": ("",    "",     "",     "crud", "",     ""),
    "kam.product.scope":         ("r",    "r",    "r",    "crud", "r",    "r"),
    "kam.pursuit":               ("ru",   "crud", "crud", "r",    "r",    ""),
    "kam.pursuit.indicator":     ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.pursuit.member":        ("r",    "crud", "crud", "r",    "r",    ""),
    "kam.pursuit.report":        ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.pursuit.tracking":      ("ru",   "ru",   "cru",  "r",    "r",    ""),
    "kam.pursuit.wizard":        ("crud", "crud", "crud", "",     "",     ""),
    "kam.qualification":         ("r",    "r",    "cru",  "r",    "r",    ""),
    "kam.qualification.wizard":  ("",     "",     "crud", "",     "",     ""),
    "kam.referral":              ("r",    "cru",  "crud", "r",    "r",    ""),
    "kam.request":               ("cru",  "cru",  "cru",  "r",    "r",    ""),
    "kam.request.kind":          ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.request.wizard":        ("crud", "crud", "crud", "",     "",     ""),
    "kam.review":                ("ru",   "ru",   "crud", "r",    "crud", ""),
    "kam.review.figure":         ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.review.kind":           ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.review.line":           ("crud", "crud", "crud", "r",    "crud", ""),
    "kam.review.pack.wizard":    ("crud", "crud", "crud", "crud", "crud", ""),
    "kam.service.deviation":     ("r",    "cru",  "crud", "r",    "r",    ""),
    "kam.service.pack":          ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.service.pack.item":     ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.source.channel":        ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.stage.handover":        ("ru",   "ru",   "ru",   "r",    "r",    ""),
    "kam.stage.handover.wizard": ("crud", "crud", "crud", "",     "",     ""),
    "kam.stage.owner":           ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.stakeholder":           ("cru",  "crud", "crud", "r",    "r",    ""),
    "kam.stakeholder.role":      ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.sales.report":          ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.one.to.one.wizard":     ("",     "crud", "crud", "",     "crud", ""),
    "kam.team.gap":              ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.team.member":           ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.team.role":             ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.tier":                  ("r",    "r",    "r",    "crud", "r",    "r"),
    "kam.tier.assignment":       ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.tier.criterion":        ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.tier.evaluation":       ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.tier.evaluation.criterion": ("r", "r",   "ru",   "r",    "r",    ""),
    "kam.tier.evaluation.line":  ("r",    "r",    "ru",   "r",    "r",    ""),
    "kam.tier.evaluation.result": ("r",   "r",    "r",    "r",    "r",    ""),
    "kam.tier.flag":             ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.tier.override.wizard":  ("",     "",     "crud", "",     "",     ""),
    "kam.tier.scheme":           ("r",    "r",    "r",    "crud", "r",    "r"),
    "kam.tier.suggestion":       ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.tier.team.rule":        ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.visit":                 ("cru",  "cru",  "cru",  "r",    "r",    ""),
    "kam.visit.concession":      ("r",    "r",    "r",    "",     "",     ""),
    "kam.visit.log.wizard":      ("crud", "crud", "crud", "",     "",     ""),
    "kam.visit.mode":            ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.visit.outcome.wizard":  ("crud", "crud", "crud", "",     "",     ""),
    "kam.visit.plan.line":       ("crud", "crud", "crud", "",     "",     ""),
    "kam.visit.plan.wizard":     ("crud", "crud", "crud", "",     "",     ""),
    "kam.visit.purpose":         ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.visit.send.wizard":     ("crud", "crud", "crud", "",     "",     ""),
    "kam.visit.tag":             ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.week.item":             ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.plan":                 ("cru",  "cru",  "cru",  "r",    "r",    ""),
    "kam.plan.initiative":      ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.plan.move.wizard":     ("crud", "crud", "crud", "",     "",     ""),
    "kam.plan.revision":        ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.plan.template":        ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.plan.template.step":   ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.product.generation":   ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.target.account":       ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.target.list":          ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.campaign":             ("r",    "cru",  "cru",  "r",    "r",    ""),
    "kam.campaign.segment":     ("r",    "r",    "r",    "crud", "r",    "r"),
    "kam.campaign.target":      ("r",    "crud", "crud", "r",    "r",    ""),
    "kam.work.calendar":        ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.work.calendar.line":   ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.work.template":        ("",     "",     "r",    "crud", "r",    ""),
    "kam.early.release":        ("crud", "crud", "crud", "r",    "r",    ""),
    "kam.guard.wizard":         ("",     "",     "",     "crud", "",     ""),
    "kam.order.ruling":         ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.order.ruling.wizard":  ("",     "",     "crud", "",     "",     ""),
    "kam.order.split":          ("",     "",     "r",    "r",    "r",    ""),
    "kam.issue":                ("cru",  "cru",  "cru",  "r",    "r",    ""),
    "kam.issue.deadline":       ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.issue.escalation":     ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.issue.kind":           ("r",    "r",    "r",    "crud", "r",    ""),
    "kam.issue.measure.wizard": ("crud", "crud", "crud", "",     "",     ""),
    "kam.issue.wizard":         ("crud", "crud", "crud", "",     "",     ""),
    "kam.price.approval":       ("r",    "cru",  "cru",  "r",    "r",    "cru"),
    "kam.price.step":           ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.kpi":                  ("r",    "r",    "crud", "crud", "r",    ""),
    "kam.kpi.set":              ("r",    "r",    "crud", "crud", "r",    ""),
    "kam.kpi.set.band":         ("r",    "r",    "crud", "crud", "r",    ""),
    "kam.kpi.set.grade":        ("r",    "r",    "crud", "crud", "r",    ""),
    "kam.kpi.set.group":        ("r",    "r",    "crud", "crud", "r",    ""),
    "kam.kpi.set.line":         ("r",    "r",    "crud", "crud", "r",    ""),
    "kam.sales.membership":     ("",     "",     "ru",   "r",    "r",    ""),
    "kam.scorecard":            ("ru",   "ru",   "ru",   "r",    "r",    ""),
    "kam.scorecard.line":       ("ru",   "ru",   "ru",   "r",    "r",    ""),
    "kam.scorecard.objection":  ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.scorecard.object.wizard": ("crud", "crud", "crud", "",  "",     ""),
    "kam.target":               ("r",    "r",    "crud", "r",    "r",    ""),
    "kam.target.plan.wizard":   ("",     "",     "crud", "",     "",     ""),
    "kam.target.spread.wizard": ("",     "",     "crud", "",     "",     ""),
    "kam.status.acknowledgement": ("r",  "r",    "r",    "r",    "r",    ""),
    "kam.status.fact":          ("r",    "r",    "r",    "r",    "r",    ""),
    "kam.status.report":        ("r",    "r",    "ru",   "r",    "r",    ""),
    "kam.status.report.line":   ("ru",   "ru",   "ru",   "r",    "r",    ""),
}  # fmt: skip
# Where the director and above may do more than the office.
DIRECTOR = {"kam.policy.log": "ru"}
DIRECTOR |= {"kam.negotiation.reading": "r"}
DIRECTOR |= {"kam.price.step": "crud"}


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestSecurity(ForeignCase):
    """Who may see and do what; design §6."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._portal_user()
        cls.mine = cls._account(cls._customer("Mine", 30e6, "leading"), cls.user)
        cls.theirs = cls._account(cls._customer("Theirs", 6e6, "medium"), cls.officer)

    @classmethod
    def _portal_user(cls):
        user = cls.env["res.users"].with_context(no_reset_password=True)
        return user.create(
            {
                "name": "Portal",
                "login": "kam_portal",
                "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )

    def _models(self):
        return {
            name
            for name, model in self.env.registry.items()
            if name.startswith("kam.") and not name.startswith("kam.test.")
            and not model._abstract
        }  # fmt: skip

    # Rights

    def test_every_model_has_a_row_here(self):
        """A new model needs a decision about who may do what."""
        self.assertEqual(self._models(), set(EXPECTED))

    def test_every_role_has_exactly_its_rights(self):
        columns = [
            (self.member,),
            (self.user,),
            (self.officer, self.director, self.executive, self.gm),
            (self.admin,),
            (self.auditor,),
            (self.seller,),
        ]
        wrong = []
        for model, rights in EXPECTED.items():
            for users, letters in zip(columns, rights, strict=True):
                for user in users:
                    records = self.env[model].with_user(user)
                    found = "".join(x for x, op in OPERATIONS.items() if records.has_access(op))
                    above = user in (self.director, self.executive, self.gm)
                    wanted = DIRECTOR.get(model, letters) if above else letters
                    if found != wanted:
                        wrong.append(f"{model} {user.name}: {found or '-'}, not {wanted or '-'}")
        self.assertFalse(wrong, "\n".join(wrong))

    def test_portal_and_public_have_nothing(self):
        for user in (self.portal, self.env.ref("base.public_user")):
            for model in self._models():
                for operation in OPERATIONS.values():
                    allowed = self.env[model].with_user(user).has_access(operation)
                    self.assertFalse(allowed, f"{user.login} {operation} {model}")

    def test_every_model_with_a_company_has_a_company_rule(self):
        rules = self.env["ir.rule"].search([("model_id.model", "like", "kam.")])
        ruled = {
            rule.model_id.model for rule in rules if "compan" in rule.domain_force
            and not rule.groups
        }  # fmt: skip
        for model in self._models():
            if "company_id" in self.env[model]._fields and not self.env[model]._transient:
                self.assertIn(model, ruled)

    def test_beside_the_chain_nothing_of_it_is_implied(self):
        chain = self.env.ref(GROUP % "member")
        for role in ("admin", "auditor", "legal", "commercial", "service", "finance",
                     "compliance", "cost", "export"):  # fmt: skip
            self.assertNotIn(chain, self.env.ref(GROUP % role).all_implied_ids, role)

    # Accounts

    def _visible(self, user, model="kam.account"):
        mine_and_theirs = self.mine | self.theirs
        if model == "kam.account":
            return self._as(self.env[model], user).search([("id", "in", mine_and_theirs.ids)])
        return self._as(self.env[model], user).search(
            [("partner_id", "in", mine_and_theirs.partner_id.ids)]
        )

    def test_who_sees_which_account(self):
        """Own and team accounts; the office, administrator and auditor all.  Source: S0-05."""
        both = self.mine | self.theirs
        for user, accounts in (
            (self.user, self.mine),
            (self.member, self.mine.browse()),
            (self.officer, both),
            (self.director, both),
            (self.gm, both),
            (self.admin, both),
            (self.auditor, both),
        ):
            self.assertEqual(self._visible(user), accounts, user.name)
        self.theirs.executive_sponsor_id = self.member
        self.assertEqual(self._visible(self.member), self.theirs)
        with self.assertRaises(AccessError):
            self._visible(self.seller)

    def test_a_member_sees_the_account_from_the_first_to_the_last_day(self):
        """Source: S0-05, S0-37."""
        role = self.env["kam.team.role"].search([], limit=1)
        member = self.env["kam.team.member"].create(
            {
                "account_id": self.theirs.id,
                "user_id": self.member.id,
                "role_id": role.id,
                "date_from": date(2026, 11, 10),
                "date_to": date(2026, 11, 20),
            }
        )
        self._hold(self.theirs, self.main)
        none = self.theirs.browse()
        for day, accounts in (
            (date(2026, 11, 9), none),
            (date(2026, 11, 10), self.theirs),
            (date(2026, 11, 20), self.theirs),
            (date(2026, 11, 21), none),
        ):
            with freeze_time(f"{day} 04:00:00"):
                self.assertEqual(self._visible(self.member), accounts, day)
                history = self._as(self.env["kam.tier.assignment"], self.member).search([])
                self.assertEqual(history.account_id, accounts, day)
                standing = self._visible(self.member, "kam.industry.standing")
                self.assertEqual(standing.partner_id, accounts.partner_id, day)
        member.date_to = False
        with freeze_time("2030-01-01 04:00:00"):
            self.assertEqual(self._visible(self.member), self.theirs)

    def test_declarations_follow_the_account(self):
        for user, partners in (
            (self.user, self.mine.partner_id),
            (self.member, self.env["res.partner"]),
            (self.officer, (self.mine | self.theirs).partner_id),
        ):
            found = self._visible(user, "kam.industry.standing")
            self.assertEqual(found.partner_id, partners, user.name)

    def test_lines_and_evaluations_follow_the_account(self):
        evaluation = self._evaluation((self.mine | self.theirs).partner_id)
        lines = self._as(self.env["kam.tier.evaluation.line"], self.user)
        found = lines.search([("evaluation_id", "=", evaluation.id)])
        self.assertEqual(found.partner_id, self.mine.partner_id)
        self.assertEqual(found.result_ids.line_id, found)
        self.assertFalse(
            self._as(self.env["kam.tier.evaluation.line"], self.member).search(
                [("evaluation_id", "=", evaluation.id)]
            )
        )
        with self.assertRaises(AccessError):
            self._as(evaluation, self.member).read(["name"])

    def test_companies_are_apart(self):
        """Nothing of a company the user does not work for, of a customer shared between
        the companies or not: every model whose records belong to a company."""
        other = self._new_company("Yunting Rail", self.cny)
        for number, owner in enumerate((self.env["res.company"], other)):
            self._foreign_records(self._customer(f"Foreign {number}", company_id=owner.id), other)
        missing = set()
        for name in sorted(self._models()):
            model = self.env[name].sudo().with_context(active_test=False)
            if "company_id" not in model._fields or model._transient:
                continue
            foreign = model.search([("company_id", "=", other.id)])
            if not foreign:
                missing.add(name)
                continue
            for user in (self.seller, self.user, self.officer, self.gm, self.admin, self.auditor):
                self._check_hidden(foreign, user)
        self.assertFalse(missing, "no record to try it with")

    def _check_hidden(self, foreign, user):
        """Neither found nor read, also by a client that claims the company."""
        mine = self._as(foreign.sudo(False), user)
        if not mine.browse().has_access("read"):
            return
        self.assertFalse(mine._filtered_access("read"), f"{mine._name} {user.name}")
        # The figures of a year are hundreds: of those some, all over the year.
        for record in mine[:: len(mine) // 20 + 1]:
            with self.assertRaises(AccessError, msg=f"{record._name} {user.name}"):
                record.read(["id", "company_id"])
        self.assertFalse(mine.search([("id", "in", foreign.ids)]), f"{mine._name} {user.name}")
        claimed = mine.with_context(allowed_company_ids=foreign.company_id.ids)
        with self.assertRaises(AccessError, msg=f"{mine._name} {user.name}"):
            claimed.search([("id", "in", foreign.ids)])

    def test_restricted_figures_are_served_to_their_group_only(self):
        """Criterion results and stored values of profit.  Source: S2-11."""
        value = self._scheme("s2_value")
        value.active = True
        profit = self._metric("annual_profit")
        self.assertEqual(profit.group_ids, self.env.ref(GROUP % "cost"))
        evaluation = self._evaluation(self.mine.partner_id, value)
        for user in (self.officer, self.gm, self.auditor, self.admin, self.user):
            results = self._as(evaluation.sudo().line_ids, user).result_ids
            self.assertNotIn(profit, results.sudo().metric_id, user.name)
            self.assertTrue(results)
        self.officer.group_ids += self.env.ref(GROUP % "cost")
        results = self._as(evaluation.line_ids, self.officer).result_ids
        self.assertIn(profit, results.metric_id)
        self._job("_cron_nightly", self.day)
        values = [("metric_id", "=", profit.id)]
        self.assertFalse(self._as(self.env["kam.metric.value"], self.gm).search(values))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_what_a_role_may_read_opens(self):
        """Lists and forms of every model show no error to whoever may open them."""
        self._records_of_every_kind()
        failed = []
        for name in sorted(self._models()):
            for user in (self.member, self.user, self.officer, self.gm, self.admin, self.auditor):
                if not self.env[name].with_user(user).has_access("read"):
                    continue
                for view_type in ("list", "form"):
                    error = self._opening_error(name, view_type, user)
                    if error:
                        failed.append(f"{name} {view_type} {user.name}: {error}"[:200])
        self.assertFalse(failed, "\n".join(failed))

    def _opening_error(self, name, view_type, user):
        try:
            spec = self._spec(self.env[name], view_type, user)
            self._as(self.env[name], user).web_search_read([], spec, limit=5)
        except UserError as error:
            return error
        return None

    # Methods

    def _public_methods(self, name):
        """Methods of ours a client may call by name, with their required arguments."""
        model = self.env.registry[name]
        for attribute in dir(model):
            if attribute.startswith("_"):
                continue
            owner = next((c for c in model.__mro__ if attribute in c.__dict__), None)
            function = getattr(owner, attribute, None)
            if owner is None or not inspect.isfunction(function):
                continue
            if not owner.__module__.startswith("odoo.addons.key_account_mgmt"):
                continue
            if hasattr(BaseModel, attribute):
                # The ORM's own: rights and rules are checked by the matrix.
                continue
            if getattr(function, "_api_private", False):
                continue
            parameters = list(inspect.signature(function).parameters.values())[1:]
            required = [
                p for p in parameters
                if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
            ]  # fmt: skip
            yield attribute, getattr(function, "_api_model", False), [None] * len(required)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_public_methods_refuse_who_has_no_rights(self):
        """Called over RPC with real records by a plain user and by a portal user."""
        self._records_of_every_kind()
        called, allowed = set(), []
        for name in sorted(self._models()):
            records = self.env[name].sudo().search([], limit=1)
            for method, is_model, arguments in self._public_methods(name):
                if not records and not is_model:
                    continue
                for user in (self.seller, self.portal):
                    called.add((name, method))
                    if not self._refuses(user, name, method, records, is_model, arguments):
                        allowed.append(f"{name}.{method} by {user.login}")
        self.assertGreater(len(called), 40)
        self.assertFalse(allowed, "\n".join(allowed))

    def _refuses(self, user, name, method, records, is_model, arguments):
        self.env.flush_all()
        self.env.invalidate_all()
        env = self.env(user=user, su=False, context={})
        args = arguments if is_model else [records.ids, *arguments]
        try:
            with self.cr.savepoint():
                call_kw(env[name], method, args, {})
        except UserError:
            return True
        return False

    def _records_of_every_kind(self):
        partner = self.mine.partner_id
        self._hold(self.mine, self.main)
        role = self.env["kam.team.role"].search([], limit=1)
        self.env["kam.team.member"].create(
            {"account_id": self.mine.id, "user_id": self.member.id, "role_id": role.id}
        )
        self._qualify(partner, "benchmark")
        self.env["kam.expected.sales"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "amount": 1.0,
                "basis": "contract",
            }
        )
        self.env["kam.opening.classification"].create(
            {"partner_id": self.theirs.partner_id.id, "company_id": self.company.id}
        )
        self.env["kam.department"].create({"name": "Sales"})
        evaluation = self._evaluation(partner)
        evaluation.action_submit()
        self._job("_cron_nightly", self.day)
        self.env["kam.approval.delegation"].with_user(self.gm).create(
            {
                "user_id": self.gm.id,
                "delegate_id": self.executive.id,
                "date_from": self.day,
                "date_to": self.day + timedelta(days=3),
            }
        )
        self._hold(self.mine, self.key)
        self._hand_over(self.mine, self.officer, self.user)
        self._foreign_negotiation(self.mine, self.company, self.gm)

    def test_everything_else_is_private(self):
        """Model methods of ours start with ``_``, are actions, or are named here."""
        known = set()
        for name in self._models():
            for method, _is_model, _arguments in self._public_methods(name):
                if not method.startswith("action_"):
                    known.add(f"{name}.{method}")
        self.assertFalse(known, "not an action_*: " + ", ".join(sorted(known)))

    def _hand_over(self, account, receiver, giver):
        handover = self._as(self.env["kam.handover"], giver).create(
            {
                "company_id": account.company_id.id,
                "from_user_id": giver.id,
                "to_user_id": receiver.id,
                "account_ids": [Command.set(account.ids)],
                "date_from": self.day,
                "note": "Moves to another town",
            }
        )
        self.env["kam.action"].create(
            {
                "name": "Send the drawings",
                "user_id": giver.id,
                "date_due": self.day,
                "account_id": account.id,
                "company_id": account.company_id.id,
            }
        )
        handover.action_propose()
        return handover
