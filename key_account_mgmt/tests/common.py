"""The cast of the tests: who works at Yunting, and which scheme is in force."""

from datetime import date

from lxml import etree

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from .common_sales import SalesCommon

GROUP = "key_account_mgmt.group_kam_%s"
ROLES = ("member", "user", "officer", "director", "executive", "gm", "admin", "auditor")
MILLION = 1_000_000


class KamCase(SalesCommon):
    """Scheme S3 is primary; one user per role, ``cls.<role>``; ``cls.sales`` sells
    without any group of ours.

    Sales come from opening figures: one row, no posting.  ``cls.day`` is 22 November
    2026, so the window is November 2025 to October 2026.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = cls.env["res.groups"].concat(*(cls.env.ref(GROUP % role) for role in ROLES))
        # Whoever the database brings along is not part of the story.
        groups.sudo().write({"user_ids": [Command.clear()]})
        for role in ROLES:
            setattr(cls, role, cls._new_user(role, GROUP % role))
        cls.seller = cls._new_user("seller", "sales_team.group_sale_salesman_all_leads")
        cls.s3 = cls._scheme("s3")
        cls.s0 = cls._scheme("s0")
        cls.s1n = cls._scheme("s1n")
        # The database may have switched on others.
        others = cls.env["kam.tier.scheme"].search([("is_primary", "=", True)])
        others.write({"is_primary": False})
        cls.env["kam.tier.scheme"].search([]).write({"active": False})
        cls.env["res.company"].search([("id", "!=", cls.company.id)]).kam_go_live_date = date(
            2999, 1, 1
        )
        cls.s3.action_make_primary()
        cls.strategic, cls.key, cls.main, cls.general = cls.s3.tier_ids.sorted("rank")
        cls.evidence = cls.env["ir.attachment"].create({"name": "proof.txt", "raw": b"seen"})

    @classmethod
    def _new_user(cls, login, groups, **values):
        user = new_test_user(
            cls.env,
            f"kam_{login}",
            groups=f"base.group_user,{groups}",
            # to write to each of them would take most of the time
            context={"no_reset_password": True},
            name=login.title(),
            lang="en_US",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **values,
        )
        return user.with_env(cls.env)

    @classmethod
    def _scheme(cls, code):
        return cls.env.ref(f"key_account_mgmt.kam_tier_scheme_{code}")

    @classmethod
    def _sell(cls, partner, amount, month=date(2026, 3, 1), company=None, **values):
        """Sales of one month, as an opening figure (one row, no posting)."""
        return cls.env["kam.opening.figure"].create(
            {
                "partner_id": partner.id,
                "company_id": (company or cls.company).id,
                "month": month,
                "amount_untaxed": amount,
                "amount_total": amount,
                **values,
            }
        )

    @classmethod
    def _customer(cls, name, sales=0.0, standing=None, **values):
        partner = cls._new_customer(name, **values)
        if sales:
            cls._sell(partner, sales)
        if standing:
            cls._stand(partner, standing)
        return partner

    @classmethod
    def _stand(cls, partner, standing, **values):
        return cls.env["kam.industry.standing"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "standing": standing,
                "date": date(2026, 1, 1),
                "attachment_ids": [Command.set(cls.evidence.ids)],
                **values,
            }
        )

    @classmethod
    def _qualify(cls, partner, flag, **values):
        return cls.env["kam.qualification"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "flag_id": cls.env.ref(f"key_account_mgmt.kam_tier_flag_{flag}").id,
                "date": date(2026, 1, 1),
                "attachment_ids": [Command.set(cls.evidence.ids)],
                **values,
            }
        )

    @classmethod
    def _account(cls, partner, user=None, parent=None, company=None, **values):
        return cls.env["kam.account"].create(
            {
                "partner_id": partner.id,
                "company_id": (company or cls.company).id,
                "user_id": user.id if user else False,
                "parent_id": parent.id if parent else False,
                **values,
            }
        )

    @classmethod
    def _hold(cls, account, tier, since=date(2025, 1, 1), scheme=None):
        """Give an account a level as an earlier decision did."""
        scheme = scheme or tier.scheme_id
        account._assign_tier(
            scheme, tier, since, "opening", label=None if scheme.exclusive else tier
        )
        return account

    @classmethod
    def _evaluation(cls, partners=None, schemes=None, compute=True, user=None, **values):
        """A computed evaluation of some customers, prepared by the office."""
        evaluation = (
            cls.env["kam.tier.evaluation"]
            .with_user(user or cls.officer)
            .create(
                {
                    "name": "Evaluation",
                    "company_id": cls.company.id,
                    "day": cls.day,
                    "scheme_ids": [Command.set((schemes or cls.s3).ids)],
                    "partner_ids": [Command.set(partners.ids if partners else [])],
                    **values,
                }
            )
        )
        if compute:
            evaluation.action_compute()
        return evaluation

    def _line(self, evaluation, partner, scheme=None, label=None):
        lines = evaluation.line_ids.filtered(
            lambda line: (
                line.partner_id == partner
                and (not scheme or line.scheme_id == scheme)
                and (not label or line.label_id == label)
            )
        )
        return lines.ensure_one()

    def _approve(self, evaluation):
        """Submit by the office, approve by the general manager."""
        evaluation.with_user(self.officer).action_submit()
        self._decide(evaluation, "approve")
        return evaluation

    def _decide(self, evaluation, kind, comment="seen"):
        request = evaluation.sudo()._approval_request().with_user(self.gm).sudo(False)
        getattr(request, f"action_{kind}")(comment)
        self.env.invalidate_all()

    def _as(self, records, user):
        """The records as a client of ``user`` reaches them, nothing cached for others."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_env(records.env(user=user, su=False, context={}))

    def _job(self, name, day, model="kam.tier.evaluation"):
        """Run a scheduled job; it commits between its units, which a test must not."""
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0)
        getattr(self.env[model].with_user(self.env.ref("base.user_root")).sudo(), name)(day)

    def _failing_job(self, name, day):
        with mute_logger("odoo.addons.key_account_mgmt.models.core.job_mixin", "odoo.sql_db"):
            self._job(name, day)

    def _spec(self, records, view_type, user):
        """What the client asks for when it shows a view to ``user``."""
        model = self._as(records.browse(), user)
        arch = etree.fromstring(model.get_view(view_type=view_type)["arch"])
        return self._fields_spec(model, arch)

    def _fields_spec(self, model, node):
        spec = {}
        for child in node.iterchildren(tag=etree.Element):
            if child.tag == "field" and child.get("name") in model._fields:
                field = model._fields[child.get("name")]
                spec[field.name] = {}
                if field.type in ("one2many", "many2many"):
                    comodel = self.env[field.comodel_name]
                    views = [c for c in child if c.tag in ("list", "kanban")]
                    inner = self._fields_spec(comodel, views[0]) if views else {"display_name": {}}
                    spec[field.name] = {"fields": inner}
                elif field.type == "many2one":
                    spec[field.name] = {"fields": {"display_name": {}}}
            else:
                spec |= self._fields_spec(model, child)
        return spec


class EvaluationCase(KamCase):
    """Four customers: key, not assessed, main, general."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.s0 | cls.s1n).active = True
        cls.big = cls._customer("Tianheng", 30e6, "leading")
        cls.open = cls._customer("Hongyue", 25e6)
        cls.medium = cls._customer("Jinmao", 6e6, "medium")
        cls.small = cls._customer("Corner Shop", 10_000)
        cls.partners = cls.big | cls.open | cls.medium | cls.small
