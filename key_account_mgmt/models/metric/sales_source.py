"""Where sales are read from. Each class is one way through one kind of document.

Columns: ``amount`` in company currency, net of refunds; ``profit`` = amount less cost;
``estimated`` = the part of amount whose cost is today's, not the one frozen on the
order; ``tons``; ``orders`` (count); ``months`` (a bit per month with a sale);
``order_months`` (a bit per month with a confirmed order); ``first`` (day of the first
sale). Source: K01, K02, K06, K23.
"""

from odoo.tools import SQL

from .sales_scan import Column, MomentScan, MonthScan, Scan

_SIGN = SQL("(CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END)")
_IS_SALE = SQL("move.move_type IN ('out_invoice', 'out_receipt')")
_PRODUCT_JOINS = ("product", "template", "uom", "product_uom")


def _product_joins(line, uom):
    """Joins from a document line to its product and the units of both."""
    return {
        "product": SQL("LEFT JOIN product_product product ON product.id = %s.product_id", line),
        "template": SQL(
            "LEFT JOIN product_template template ON template.id = product.product_tmpl_id"
        ),
        "uom": SQL("LEFT JOIN uom_uom uom ON uom.id = %s.%s", line, uom),
        "product_uom": SQL("LEFT JOIN uom_uom product_uom ON product_uom.id = template.uom_id"),
    }


def _tons(quantity, scope):
    """Quantity in tons: by unit where it is a weight, else by the product's weight."""
    return SQL(
        """%(quantity)s * COALESCE(
               CASE WHEN uom.id = ANY(%(weights)s) THEN uom.factor / %(ton)s
                    ELSE uom.factor / NULLIF(product_uom.factor, 0) * product.weight * %(unit)s
                END, 0)""",
        quantity=quantity,
        weights=list(scope.weight_uom_ids),
        ton=scope.ton_factor,
        unit=scope.weight_unit_in_tons,
    )


def _todays_cost(company):
    return SQL(
        """COALESCE((product.standard_price ->> (%s)::text)::float8, 0)
           * COALESCE(uom.factor / NULLIF(product_uom.factor, 0), 1)""",
        company,
    )


class InvoiceLines(Scan):
    """Posted customer invoices and refunds, by line. Source: K01 S(A,P)."""

    model = "account.move"
    document = SQL("move.id")
    table = SQL("account_move_line line JOIN account_move move ON move.id = line.move_id")
    where = SQL(
        "line.display_type = 'product' AND line.parent_state = 'posted' "
        "AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    )
    company = SQL("line.company_id")
    currency = SQL("line.company_currency_id")
    date = SQL("line.invoice_date")
    parties = {
        "invoice": SQL("line.partner_id"),
        "order": SQL("COALESCE(sale.partner_id, line.partner_id)"),
        "delivery": SQL("COALESCE(move.partner_shipping_id, line.partner_id)"),
        "end_customer": SQL("COALESCE(move.kam_end_customer_id, line.partner_id)"),
    }

    def _columns(self):
        frozen, joins = SQL("NULL::float8"), _PRODUCT_JOINS
        if self.scope.has_frozen_cost:
            joins += ("sale",)
            frozen = SQL(
                "NULLIF(sale.purchase_price, 0) / NULLIF(sale.currency_rate, 0) "
                "* COALESCE(uom.factor / NULLIF(sale.uom_factor, 0), 1)"
            )
        cost = SQL(
            "%s * line.quantity * COALESCE(%s, %s)", _SIGN, frozen, _todays_cost(self.company)
        )
        active = SQL("%s AND line.balance < 0", _IS_SALE)
        quantity = SQL("%s * line.quantity", _SIGN)
        return {
            "amount": Column(self._amount(), money=True),
            "profit": Column(SQL("-line.balance - %s", cost), money=True, joins=joins),
            "estimated": Column(
                SQL("-line.balance"), money=True, joins=joins, only=SQL("(%s) IS NULL", frozen)
            ),
            "tons": Column(_tons(quantity, self.scope), joins=_PRODUCT_JOINS),
            "months": Column(None, "bit_or", only=active),
            "first": Column(self.date, "min", only=active),
        }

    def _amount(self):
        if self.scope.options.tax == "excluded":
            return SQL("-line.balance")
        # The line's share of tax at the rate its balance was booked with.
        return SQL(
            """CASE WHEN line.price_subtotal != 0
                    THEN -line.balance * line.price_total / line.price_subtotal
                    ELSE COALESCE(%s * line.price_total
                                  / NULLIF(move.invoice_currency_rate, 0), 0)
                END""",
            _SIGN,
        )

    def _joins(self):
        price = SQL("order_line.purchase_price") if self.scope.has_frozen_cost else SQL("NULL")
        sale = SQL(
            """
            LEFT JOIN (
                SELECT DISTINCT ON (rel.invoice_line_id)
                       rel.invoice_line_id, sale_order.partner_id, sale_order.currency_rate,
                       %s AS purchase_price, order_uom.factor AS uom_factor
                  FROM sale_order_line_invoice_rel rel
                  JOIN sale_order_line order_line ON order_line.id = rel.order_line_id
                  JOIN sale_order ON sale_order.id = order_line.order_id
                  LEFT JOIN uom_uom order_uom ON order_uom.id = order_line.product_uom_id
                 ORDER BY rel.invoice_line_id, rel.order_line_id
            ) sale ON sale.invoice_line_id = line.id
            """,
            price,
        )
        return {**_product_joins(SQL("line"), SQL("product_uom_id")), "sale": sale}


class Invoices(Scan):
    """Posted customer invoices as a whole: enough for the day of the first one."""

    model = "account.move"
    document = SQL("move.id")
    table = SQL("account_move move")
    where = SQL("move.state = 'posted' AND %s AND move.amount_untaxed_signed > 0", _IS_SALE)
    company = SQL("move.company_id")
    date = SQL("move.invoice_date")
    parties = {
        "invoice": SQL("move.commercial_partner_id"),
        "delivery": SQL("COALESCE(move.partner_shipping_id, move.commercial_partner_id)"),
        "end_customer": SQL("COALESCE(move.kam_end_customer_id, move.commercial_partner_id)"),
    }

    def _columns(self):
        return {"first": Column(self.date, "min")}


class Orders(MomentScan):
    """Confirmed orders as a whole. Source: K01, basis ``order``."""

    model = "sale.order"
    document = SQL("sale.id")
    table = SQL("sale_order sale JOIN res_company company ON company.id = sale.company_id")
    where = SQL("sale.state = 'sale'")
    company = SQL("sale.company_id")
    currency = SQL("company.currency_id")
    date = SQL("sale.date_order")
    party_joins = {}
    parties = {
        "invoice": SQL("sale.partner_invoice_id"),
        "order": SQL("sale.partner_id"),
        "delivery": SQL("COALESCE(sale.partner_shipping_id, sale.partner_id)"),
        "end_customer": SQL("COALESCE(sale.kam_end_customer_id, sale.partner_invoice_id)"),
    }

    def _columns(self):
        included = self.scope.options.tax == "included"
        amount = SQL("sale.amount_total") if included else SQL("sale.amount_untaxed")
        active = SQL("sale.amount_untaxed > 0")
        return {
            "amount": Column(
                SQL("%s / %s", amount, self._rate()), money=True, joins=("missing_rate",)
            ),
            "orders": Column(SQL("1")),
            "order_months": Column(None, "bit_or"),
            "months": Column(None, "bit_or", only=active),
            "first": Column(self.date, "min", only=active),
        }

    def _rate(self):
        """The order's own rate; where it is zero or missing, that of Odoo's rate table."""
        replaced = SQL("missing_rate.factor") if self._rateless else SQL("NULL")
        return SQL(
            "(CASE WHEN sale.currency_id = company.currency_id THEN 1 "
            "ELSE COALESCE(NULLIF(sale.currency_rate, 0), %s) END)",
            replaced,
        )

    @property
    def _rateless(self):
        """``(company currency, order currency, first day, last day)`` lacking a rate."""
        if self.scope.rateless is None:
            self.scope.rateless = self._execute(
                SQL(
                    """
                    SELECT company.currency_id, sale.currency_id,
                           MIN(%(day)s), MAX(%(day)s)
                      FROM %(table)s
                     WHERE %(where)s AND %(company)s = ANY(%(companies)s)
                       AND COALESCE(sale.currency_rate, 0) = 0
                       AND sale.currency_id != company.currency_id
                     GROUP BY 1, 2
                    """,
                    day=self._day,
                    table=Orders.table,
                    where=Orders.where,
                    company=self.company,
                    companies=list(self.scope.company_ids),
                )
            )
        return self.scope.rateless

    def _joins(self):
        if not self._rateless:
            return {}
        rows = self.scope.replacement_rates(self._rateless)
        return {
            "missing_rate": self._rates_join(
                SQL("missing_rate"), rows, self.currency, SQL("sale.currency_id")
            )
        }


class OrderCounts(Orders):
    """How many orders, and when: no money, so no rates are looked for."""

    def _columns(self):
        return {"orders": Column(SQL("1")), "order_months": Column(None, "bit_or")}

    def _joins(self):
        return {}


class OrderLines(Orders):
    """Confirmed orders by line: weight and cost."""

    table = SQL(
        "%s JOIN sale_order_line line ON line.order_id = sale.id AND line.display_type IS NULL",
        Orders.table,
    )

    def _columns(self):
        rate = self._rate()
        frozen = SQL("NULL::float8")
        if self.scope.has_frozen_cost:
            frozen = SQL("NULLIF(line.purchase_price, 0) / %s", rate)
        cost = SQL("line.product_uom_qty * COALESCE(%s, %s)", frozen, _todays_cost(self.company))
        amount = SQL("line.price_subtotal / %s", rate)
        joins = (*_PRODUCT_JOINS, "missing_rate")
        return {
            "profit": Column(SQL("%s - %s", amount, cost), money=True, joins=joins),
            "estimated": Column(amount, money=True, joins=joins, only=SQL("(%s) IS NULL", frozen)),
            "tons": Column(_tons(SQL("line.product_uom_qty"), self.scope), joins=_PRODUCT_JOINS),
        }

    def _joins(self):
        return {**_product_joins(SQL("line"), SQL("product_uom_id")), **super()._joins()}


class OpeningFigures(MonthScan):
    """Imported month figures of before the database, whatever basis and party."""

    model = "kam.opening.figure"
    document = SQL("figure.id")
    table = SQL(
        "kam_opening_figure figure JOIN res_company company ON company.id = figure.company_id"
    )
    where = SQL("TRUE")
    company = SQL("figure.company_id")
    currency = SQL("company.currency_id")
    date = SQL("figure.month")
    party_joins = {}
    parties = {"invoice": SQL("figure.partner_id")}

    def _columns(self):
        included = self.scope.options.tax == "included"
        active = SQL("figure.amount_untaxed > 0")
        return {
            "amount": Column(
                SQL("figure.amount_total") if included else SQL("figure.amount_untaxed"),
                money=True,
            ),
            "profit": Column(SQL("figure.profit"), money=True),
            "tons": Column(SQL("figure.tons")),
            "orders": Column(SQL("figure.order_count")),
            "order_months": Column(None, "bit_or", only=SQL("figure.order_count > 0")),
            "months": Column(None, "bit_or", only=active),
            "first": Column(self.date, "min", only=active),
        }
