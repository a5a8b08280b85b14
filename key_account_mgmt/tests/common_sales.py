"""A cast that sells: a company, customers, invoices and orders in one line each."""

from datetime import date

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.key_account_mgmt.models.metric.options import MetricOptions
from odoo.addons.key_account_mgmt.policy.periods import Period


class SalesCommon(TransactionCase):
    """Company in CNY, one product by the piece (8 kg), one by the ton, USD at 8 : 1."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        )
        cls.cny = cls.env.ref("base.CNY")
        cls.usd = cls.env.ref("base.USD")
        (cls.cny | cls.usd).active = True
        cls.company = cls._new_company("Yunting Elevator Components", cls.cny)
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids))
        cls.company = cls.company.with_env(cls.env)
        cls.piece = cls._new_product("Door operator", weight=8.0, cost=600.0)
        cls.rail = cls._new_product("Guide rail", uom="uom.product_uom_ton", cost=4000.0)
        cls.day = date(2026, 11, 22)
        cls.window = Period(date(2025, 11, 1), date(2026, 10, 31))

    @classmethod
    def _new_company(cls, name, currency, parent=None):
        """A company that can invoice: one income and one receivable account, a journal."""
        company = cls.env["res.company"].create(
            {
                "name": name,
                "currency_id": currency.id,
                "country_id": cls.env.ref("base.cn").id,
                "parent_id": parent.id if parent else False,
            }
        )
        cls.env.user.company_ids |= company
        env = cls.env(context=dict(cls.env.context, allowed_company_ids=company.ids))
        if not parent:
            env["account.account"].create(
                [
                    {"code": "600100", "name": "Sales", "account_type": "income"},
                    {
                        "code": "112200",
                        "name": "Receivables",
                        "account_type": "asset_receivable",
                        "reconcile": True,
                    },
                ]
            )
        receivable, income = env["account.account"].search(
            [("company_ids", "in", company.root_id.ids)], order="code"
        )
        env["ir.default"].set(
            "res.partner", "property_account_receivable_id", receivable.id, company_id=company.id
        )
        if not parent:
            journal = env["account.journal"].create(
                {
                    "name": "Sales",
                    "code": "INV",
                    "type": "sale",
                    "default_account_id": income.id,
                }
            )
            journal.refund_sequence = False
        return company.with_env(env)

    @classmethod
    def _new_product(cls, name, uom="uom.product_uom_unit", weight=0.0, cost=0.0):
        return cls.env["product.product"].create(
            {
                "name": name,
                "uom_id": cls.env.ref(uom).id,
                "weight": weight,
                "standard_price": cost,
                "taxes_id": [Command.clear()],
                "type": "consu",
            }
        )

    @classmethod
    def _new_customer(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    @classmethod
    def _new_customers(cls, count, prefix="Customer"):
        return cls.env["res.partner"].create(
            [{"name": f"{prefix} {number}", "is_company": True} for number in range(count)]
        )

    @classmethod
    def _rate(cls, currency, day, units_per_company_unit, company=None):
        return cls.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "name": day,
                "rate": units_per_company_unit,
                "company_id": (company or cls.company).root_id.id,
            }
        )

    @classmethod
    def _invoice(cls, partner, day, amount, *, post=True, company=None, **values):
        """A posted customer invoice of one line; a negative amount is a credit note."""
        company = company or cls.company
        line = {
            "product_id": (values.pop("product", None) or cls.piece).id,
            "quantity": values.pop("quantity", 1.0),
            "tax_ids": [Command.set(values.pop("taxes", []))],
        }
        if uom := values.pop("uom", None):
            line["product_uom_id"] = uom.id
        line["price_unit"] = abs(amount) / line["quantity"]
        move = (
            cls.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_refund" if amount < 0 else "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": day,
                    "date": day,
                    "invoice_line_ids": [Command.create(line)],
                    **values,
                }
            )
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def _order(cls, partner, moment, amount, *, company=None, product=None, quantity=1.0, **values):
        """A confirmed sale order of one line, dated ``moment`` (UTC)."""
        company = company or cls.company
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": (product or cls.piece).id,
                                "product_uom_qty": quantity,
                                "price_unit": amount / quantity,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        order.action_confirm()
        order.date_order = moment
        return order

    @classmethod
    def _metric(cls, code):
        return cls.env["kam.metric"].search([("code", "=", code)])

    def _figure(self, code, partner, period=None, company=None, **options):
        """One figure over one period (default: the last 12 closed months)."""
        company = company or self.company
        result = self._metric(code)._evaluate(
            partner, company, period or self.window, MetricOptions(**options)
        )
        return result[partner.commercial_partner_id.id, company.id]

    def _user(self, login, groups="", **values):
        groups = ",".join(
            f"key_account_mgmt.group_kam_{name}" if "." not in name else name
            for name in groups.split(",")
            if name
        )
        return new_test_user(
            self.env,
            login,
            groups or "base.group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            **values,
        )
