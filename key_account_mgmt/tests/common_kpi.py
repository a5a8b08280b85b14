"""A quarter with a hand-over in the middle of it, and figures to compute by hand."""

from datetime import date

from odoo import Command

from odoo.addons.key_account_mgmt.models.kpi.subject import PROGRAMME, KpiSubject
from odoo.addons.key_account_mgmt.policy.periods import Period

from .common import KamCase

QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))


class KpiCase(KamCase):
    """Third quarter of 2026.  ``user`` leads A all along and B until 15 August, ``member`` B
    from the 16th on; nobody leads C.  A and C are key accounts.

    ========  ==========  ==============================  ====================
    customer  1 July on   16 August on                    same quarter of 2025
    ========  ==========  ==============================  ====================
    A         100, -30    –                               100 in July
    B         200 (15th)  400 (16th)                      100 before, 300 after
    C         50          –                               –
    D         –           80, no file                     –
    ========  ==========  ==============================  ====================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.a, cls.b, cls.c = (cls._account(cls._new_customer(name)) for name in "ABC")
        cls._lead(cls.a, cls.user)
        cls._lead(cls.b, cls.user, last=date(2026, 8, 15))
        cls._lead(cls.b, cls.member, first=date(2026, 8, 16))
        for account in (cls.a, cls.c):
            cls._hold(account, cls.key)
        for account, day, amount in (
            (cls.a, date(2026, 7, 1), 100.0),
            (cls.a, date(2026, 8, 2), -30.0),
            (cls.a, date(2025, 7, 10), 100.0),
            (cls.b, date(2026, 8, 15), 200.0),
            (cls.b, date(2026, 8, 16), 400.0),
            (cls.b, date(2025, 8, 15), 100.0),
            (cls.b, date(2025, 8, 16), 300.0),
            (cls.c, date(2026, 7, 5), 50.0),
        ):
            cls._invoice(account.partner_id, day, amount)
        cls._invoice(cls._new_customer("D"), date(2026, 9, 30), 80.0)
        cls.env.flush_all()
        cls.me = KpiSubject("user", cls.user.id)
        cls.other = KpiSubject("user", cls.member.id)
        cls.programme = PROGRAMME

    @classmethod
    def _lead(cls, account, user, first=date(2025, 1, 1), last=False):
        """Who led when, as the account file would have kept it."""
        return (
            cls.env["kam.team.member"]
            ._as_engine()
            .create(
                {
                    "account_id": account.id,
                    "user_id": user.id,
                    "role_id": cls.env["kam.team.role"]._lead_role().id,
                    "is_lead": True,
                    "date_from": first,
                    "date_to": last,
                }
            )
        )

    @classmethod
    def _kpi(cls, code):
        return cls.env["kam.kpi"].search([("code", "=", code)])

    @classmethod
    def _team(cls, name, *users):
        return cls.env["crm.team"].create(
            {"name": name, "company_id": cls.company.id, "member_ids": [Command.set(
                [user.id for user in users])]}
        )  # fmt: skip

    @classmethod
    def _member_of(cls, team, user, first=False, last=False):
        """A row of the history of a sales team."""
        return (
            cls.env["kam.sales.membership"]
            ._as_engine()
            .create({"team_id": team.id, "user_id": user.id, "date_from": first, "date_to": last})
        )

    def _of(self, code, *subjects, period=QUARTER, **options):
        """Figures of one KPI, in the order of the subjects."""
        kpi = self._kpi(code)
        found = kpi._figures_of(list(subjects), period, self.company, **options)
        return [found[subject, kpi.id] for subject in subjects]

    def _values_of(self, code, *subjects, **options):
        return [figure.value for figure in self._of(code, *subjects, **options)]
