from odoo import api, fields, models
from odoo.tools import SQL

from ...policy.periods import add_months

MONTHS = 12
CATEGORIES = 3


class KamAccount(models.Model):
    """How a customer really buys, computed from confirmed orders of the last 12 months.

    It stands beside what he declares.  Source: S0-64, S0-66, S1a-12, S1b-05, S2-47.
    """

    _inherit = "kam.account"

    order_count = fields.Integer("Orders (12 Months)", compute="_compute_buying")
    order_interval = fields.Float(
        "Days Between Orders",
        compute="_compute_buying",
        help="Median of the days between two days with an order, last 12 months. Empty: "
        "fewer than two such days.",
    )
    order_average = fields.Monetary("Average Order", compute="_compute_buying")
    order_categories = fields.Char("Bought Most", compute="_compute_buying")
    customer_since = fields.Date(
        compute="_compute_customer_since",
        help="Day of the first confirmed order or posted invoice.",
    )

    def _compute_buying(self):
        """Two queries for all accounts of a company."""
        for company, accounts in self.grouped("company_id").items():
            figures = accounts._buying_figures(company) if company else {}
            tops = accounts._buying_categories(company) if company else {}
            for account in accounts:
                partner_id = account.partner_id.id
                count, interval, average = figures.get(partner_id, (0, 0.0, 0.0))
                account.order_count = count
                account.order_interval = interval
                account.order_average = average
                account.order_categories = ", ".join(tops.get(partner_id, ()))

    @api.depends_context("uid")
    def _compute_customer_since(self):
        for company, accounts in self.grouped("company_id").items():
            days = accounts._first_days(company) if company else {}
            for account in accounts:
                account.customer_since = days.get(account.partner_id.id)

    # The boundary: figures about a customer, for whoever may see his file, whatever orders
    # and invoices he may open himself. Nothing but the numbers leaves it.

    def _order_clause(self, company):
        """FROM and WHERE of the confirmed orders of these customers; o, p and the day."""
        self.env["sale.order"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        branches = self.env["res.company"].sudo().search([("id", "child_of", company.id)])
        since = add_months(company._kam_today(), -MONTHS)
        day = SQL(
            "(o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            company.resource_calendar_id.sudo().tz or "UTC",
        )
        clause = SQL(
            """sale_order o JOIN res_partner p ON p.id = o.partner_id
               WHERE o.state = 'sale' AND o.company_id = ANY(%s)
                 AND p.commercial_partner_id = ANY(%s) AND %s >= %s""",
            branches.ids,
            self.partner_id.ids,
            day,
            since,
        )
        return clause, day

    def _buying_figures(self, company):
        """``{commercial partner id: (orders, median days between them, average amount)}``."""
        clause, day = self._order_clause(company)
        rows = self.env.execute_query(
            SQL(
                """
                WITH orders AS (
                    SELECT p.commercial_partner_id AS partner_id, %s AS day,
                           o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1) AS amount
                      FROM %s
                ), gaps AS (
                    SELECT partner_id,
                           day - lag(day) OVER (PARTITION BY partner_id ORDER BY day) AS gap
                      FROM (SELECT DISTINCT partner_id, day FROM orders) days
                )
                SELECT t.partner_id, t.orders, COALESCE(g.median, 0), t.average
                  FROM (SELECT partner_id, count(*) AS orders, avg(amount) AS average
                          FROM orders GROUP BY partner_id) t
                  LEFT JOIN (SELECT partner_id,
                                    percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS median
                               FROM gaps GROUP BY partner_id) g USING (partner_id)
                """,
                day,
                clause,
            )
        )
        return {row[0]: (row[1], float(row[2]), float(row[3] or 0.0)) for row in rows}

    def _buying_categories(self, company):
        """``{commercial partner id: names of what is bought most}``.

        Product categories; a product without one stands for itself.
        """
        self.env["sale.order.line"].flush_model(["price_subtotal", "product_id", "order_id"])
        clause, _day = self._order_clause(company)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT orders.partner_id, t.categ_id,
                       CASE WHEN t.categ_id IS NULL THEN t.id END AS template_id
                  FROM (SELECT o.id, p.commercial_partner_id AS partner_id FROM %s) orders
                  JOIN sale_order_line l ON l.order_id = orders.id AND l.display_type IS NULL
                  JOIN product_product v ON v.id = l.product_id
                  JOIN product_template t ON t.id = v.product_tmpl_id
                 GROUP BY 1, 2, 3
                HAVING sum(l.price_subtotal) > 0
                 ORDER BY 1, sum(l.price_subtotal) DESC, 2, 3
                """,
                clause,
            )
        )
        tops = {}
        for partner_id, *bought in rows:
            top = tops.setdefault(partner_id, [])
            if len(top) < CATEGORIES:
                top.append(bought)
        shown = [bought for top in tops.values() for bought in top]
        # sudo: names only, whoever may read products.
        categories = self.env["product.category"].sudo().browse({b[0] for b in shown if b[0]})
        templates = self.env["product.template"].sudo().browse({b[1] for b in shown if b[1]})
        names = {category.id: category.name for category in categories}
        own_names = {template.id: template.name for template in templates}
        return {
            partner_id: [names.get(b[0]) or own_names[b[1]] for b in top]
            for partner_id, top in tops.items()
        }

    def _first_days(self, company):
        """``{commercial partner id: day}`` of the first order or invoice ever.

        A later domain adds what is known from before the database.
        """
        # sudo: a day about the customer, not the documents.
        Order, Move = self.env["sale.order"].sudo(), self.env["account.move"].sudo()
        company_ids = self.env["res.company"].sudo().search([("id", "child_of", company.id)]).ids
        common = [
            ("company_id", "in", company_ids),
            ("commercial_partner_id", "in", self.partner_id.ids),
        ]
        orders = Order._read_group(
            [
                ("company_id", "in", company_ids),
                ("partner_id.commercial_partner_id", "in", self.partner_id.ids),
                ("state", "=", "sale"),
            ],
            ["partner_id"],
            ["date_order:min"],
        )
        days = {}
        for partner, moment in orders:
            day = fields.Date.to_date(moment)
            customer_id = partner.commercial_partner_id.id
            days[customer_id] = min(day, days.get(customer_id, day))
        invoices = Move._read_group(
            [*common, ("state", "=", "posted"), ("move_type", "=", "out_invoice")],
            ["commercial_partner_id"],
            ["invoice_date:min"],
        )
        for customer, day in invoices:
            if day:
                days[customer.id] = min(day, days.get(customer.id, day))
        return days
