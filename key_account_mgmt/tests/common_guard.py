"""Contract control for tests: on for key accounts, from one hundred thousand."""

from datetime import date, timedelta

from odoo import Command

from odoo.addons.key_account_mgmt.models.core.guarded import ENGINE

from .common import GROUP, KamCase

AREA = "key_account_mgmt.group_kam_area_contract"
LIMIT = 100_000.0


class GuardCase(KamCase):
    """Tianheng is a key account, the corner shop is none; ``cls.user`` sells."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref(AREA)
        cls.user.group_ids |= cls.env.ref("sales_team.group_sale_salesman")
        everything = cls.env.ref("sales_team.group_sale_salesman_all_leads")
        (cls.officer | cls.director).group_ids |= everything
        cls.commercial = cls._new_user("commercial", GROUP % "commercial")
        cls.big = cls._customer("Tianheng")
        cls.account = cls._hold(cls._account(cls.big, cls.user), cls.key)
        cls.small = cls._customer("Corner Shop")
        cls.today = cls.company._kam_today()
        cls._switch_on()

    @classmethod
    def _switch_on(cls, day=date(2020, 1, 1), amount=LIMIT, tiers=None):
        cls.company.write(
            {
                "kam_guard_from": day,
                "kam_guard_tier_ids": [Command.set((tiers or cls.strategic | cls.key).ids)],
                "kam_guard_amount": amount,
            }
        )

    @classmethod
    def _quotation(cls, amount=LIMIT, partner=None, user=None, **values):
        return cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.big).id,
                "company_id": cls.company.id,
                "user_id": (user or cls.user).id,
                "order_line": [cls._sold(amount)],
                **values,
            }
        )

    @classmethod
    def _sold(cls, amount, product=None, quantity=1.0, **values):
        return Command.create(
            {
                "product_id": (product or cls.piece).id,
                "product_uom_qty": quantity,
                "price_unit": amount / quantity,
                "tax_ids": [Command.clear()],
                **values,
            }
        )

    @classmethod
    def _contract(cls, orders=None, state="in_force", signed=None, **values):
        """A contract as approval and signature left it."""
        contract = cls.env["kam.contract"].create(
            {
                "name": "Contract",
                "kind": "single",
                "company_id": cls.company.id,
                "own_partner_id": cls.big.id,
                "user_id": cls.commercial.id,
                "amount_total": sum(orders.mapped("amount_total")) if orders else 1e6,
                "date_from": cls.today - timedelta(days=30),
                "date_to": cls.today + timedelta(days=300),
                **values,
            }
        )
        if orders:
            cls._link(orders, contract)
        is_signed = state in ("in_force", "completed") if signed is None else signed
        contract._as_engine().write(
            {"state": state, "signed_on": cls.today if is_signed else False}
        )
        if state == "in_force":
            contract._without_engine()._on_in_force()
        cls.env.flush_all()
        return contract

    @classmethod
    def _link(cls, orders, contract):
        """As the contract itself does it when it is drafted."""
        orders.with_context(kam_engine=ENGINE).write({"kam_contract_id": contract.id})
        return orders

    @classmethod
    def _frame(cls, ceiling=1e6, **values):
        return cls._contract(kind="frame", name="Frame", amount_total=ceiling, **values)

    @classmethod
    def _released(cls, order, days=10, amount=None, user=None):
        """An early release as its approval left it."""
        Release = cls.env["kam.early.release"].with_user(user or cls.env.user).sudo()
        release = Release.create(
            {
                "order_id": order.id,
                "reason": "The line stands still",
                "sign_by": cls.today + timedelta(days=max(days, 0)),
            }
        )
        release._as_engine().write(
            {
                "state": "released",
                "released_on": cls.today,
                "amount": order.amount_total if amount is None else amount,
                "sign_by": cls.today + timedelta(days=days),
            }
        )
        return release.with_env(cls.env)

    @classmethod
    def _provider(cls):
        """A payment provider that needs no other module."""
        method = cls.env.ref("payment.payment_method_unknown")
        provider = cls.env["payment.provider"].create(
            {
                "name": "Dummy",
                "code": "none",
                "state": "test",
                "is_published": True,
                "company_id": cls.company.id,
                "payment_method_ids": [Command.set(method.ids)],
            }
        )
        method.active = True
        return provider

    def _age(self, orders, day=date(2019, 6, 1)):
        """Entered before contract control began."""
        orders.flush_recordset()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = %s WHERE id IN %s", [day, tuple(orders.ids)]
        )
        orders.invalidate_recordset(["create_date"])

    def _confirm(self, orders, user=None):
        self._as(orders, user or self.seller).action_confirm()
        self.env.invalidate_all()

    def _assert_passes(self, orders, user=None):
        self._confirm(orders, user)
        self.assertEqual(set(orders.mapped("state")), {"sale"})
