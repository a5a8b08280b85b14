from odoo import fields, models
from odoo.tools import SQL

from .kam_account import KamAccount as AccountTier

HEADLINE = {
    "sales": "annual_sales",
    "sales_ytd": "sales_ytd",
    "sales_last_year": "sales_previous_ytd",
    "growth": "sales_growth",
    "overdue": "overdue_receivables",
    "pipeline": "open_pipeline",
}


class KamAccount(models.Model):
    """The one-glance figures of the header: copies of last night's stored values, kept
    on our own small table so that lists sort and pivots add up.
    """

    _inherit = "kam.account"

    _guarded_initial = AccountTier._guarded_initial | dict.fromkeys(HEADLINE, 0.0)

    sales = fields.Monetary("Sales (12 Months)", readonly=True, copy=False)
    sales_ytd = fields.Monetary("Sales This Year", readonly=True, copy=False)
    sales_last_year = fields.Monetary("Same Time Last Year", readonly=True, copy=False)
    growth = fields.Float("Growth (%)", readonly=True, copy=False, aggregator="avg")
    overdue = fields.Monetary("Overdue Receivables", readonly=True, copy=False)
    pipeline = fields.Monetary("Open Pipeline", readonly=True, copy=False)

    group_sales = fields.Monetary("Sales of the Group", compute="_compute_group_sales")

    def _compute_group_sales(self):
        """Sales of an account and every member below it, for who may see all of them."""
        for account in self:
            members = self.search([("id", "child_of", account.ids)])
            # sudo: only to know whether a member is hidden from the reader.
            hidden = self.sudo().search_count([("id", "child_of", account.ids)]) - len(members)
            account.group_sales = 0.0 if hidden else sum(members.mapped("sales"))

    def _refresh_headline(self):
        """Copy the latest stored values of these accounts, in one statement.

        Files whose figures are those of yesterday are not written.
        """
        self.env.flush_all()
        columns = SQL(", ").join(
            SQL("%s = COALESCE(figures.%s, 0)", SQL.identifier(column), SQL.identifier(column))
            for column in HEADLINE
        )
        figures = SQL(", ").join(
            SQL("max(v.value) FILTER (WHERE m.code = %s) AS %s", code, SQL.identifier(column))
            for column, code in HEADLINE.items()
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE kam_account a SET %s
                  FROM (SELECT v.partner_id, v.company_id, %s
                          FROM kam_metric_value v JOIN kam_metric m ON m.id = v.metric_id
                         WHERE v.kind = 'latest' AND m.code IN %s
                         GROUP BY v.partner_id, v.company_id) figures
                 WHERE figures.partner_id = a.partner_id
                   AND figures.company_id = a.company_id
                   AND a.id = ANY(%s)
                   AND (%s) IS DISTINCT FROM (%s)
                """,
                columns,
                figures,
                tuple(HEADLINE.values()),
                self.ids,
                SQL(", ").join(SQL("a.%s", SQL.identifier(name)) for name in HEADLINE),
                SQL(", ").join(
                    SQL("COALESCE(figures.%s, 0)", SQL.identifier(name)) for name in HEADLINE
                ),
            )
        )
        self.invalidate_model(list(HEADLINE))

    def _refresh_life_cycle(self):
        """Prospect, active and dormant follow the sales of the last twelve months.

        Paused, lost and blacklisted are decisions and stay.
        """
        self.fetch(["state", "sales", "sales_ytd"])
        sold = self.filtered(lambda a: a.sales > 0 or a.sales_ytd > 0)
        awake = sold.filtered(lambda a: a.state in ("prospect", "dormant"))
        asleep = (self - sold).filtered(lambda a: a.state == "active")
        for accounts, state in ((awake, "active"), (asleep, "dormant")):
            if accounts:
                accounts._set_life_cycle(state)
