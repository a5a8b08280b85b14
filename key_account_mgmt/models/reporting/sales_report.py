from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...policy.periods import Period, add_months, month_end
from ..metric.options import MetricOptions
from ..metric.sales_scan import Column, Scan
from ..metric.sales_scope import SalesScope
from ..metric.sales_source import InvoiceLines, OpeningFigures

# A row is an account, a person and a month; the three make its number, below 2 ** 53.
ACCOUNT_FACTOR, USER_FACTOR, FIRST_YEAR = 1 << 32, 1 << 12, 1900
# A target of a person beyond those of his accounts belongs to none of them.
NO_ACCOUNT = 1 << 20
# What a part of the report may say; what it leaves out is nothing.
COLUMNS = (
    "sales", "last_year", "last_year_to_date", "target", "target_to_date", "collected",
    "profit", "profit_last_year", "profit_last_year_to_date", "profit_target",
    "profit_target_to_date",
)  # fmt: skip
# Whom an account counts for on a day.  Whoever led it first also for what was before: a file is
# opened for a customer one sells to already.  Days in between nobody led count for nobody.
LEADS = SQL(
    """(
    SELECT account_id, user_id, date_to,
           CASE WHEN row_number() OVER (PARTITION BY account_id ORDER BY date_from, id) = 1
                THEN '-infinity'::date ELSE date_from END AS date_from
      FROM kam_team_member WHERE is_lead)"""
)
# Of last year only what has come round again.
PAST = ("last_year_to_date", "profit_last_year_to_date")


class Collections(Scan):
    """Money received of customers, less what was paid back.  Source: K32."""

    table = SQL(
        "account_move_line line JOIN account_move move ON move.id = line.move_id "
        "JOIN account_account ledger ON ledger.id = line.account_id "
        "JOIN account_journal journal ON journal.id = line.journal_id"
    )
    where = SQL(
        "line.parent_state = 'posted' AND move.move_type = 'entry' "
        "AND ledger.account_type = 'asset_receivable' "
        "AND journal.type IN ('bank', 'cash', 'credit')"
    )
    company = SQL("line.company_id")
    date = SQL("line.date")
    parties = {"invoice": SQL("line.partner_id")}

    def _columns(self):
        return {"amount": Column(SQL("-line.balance"))}


class KamSalesReport(models.Model):
    """Sales of account files by month against last year and target.

    One row per account, lead account manager of the day and month, nothing stored.  Sales
    are read off the same lines as the metric *annual sales* with its plain options: posted
    invoices less credit notes, untaxed, in the currency of the company one works in, branches
    included, opening figures of whole months added.  Money received is that of *collections*.
    Last year stands beside the month it is compared with.  Tier, industry and sales team are
    today's.  Profit is shown to its group only.
    Source: K01, K02, K32, (f) last paragraph, S3-02.
    """

    _name = "kam.sales.report"
    _description = "Sales Analysis of Key Accounts"
    _auto = False
    _order = "month desc, tier_rank, account_id, id"
    _rec_name = "account_id"
    # What this transaction has not written yet is not in the tables.
    _depends = {
        "account.account": ["account_type"],
        "account.journal": ["type"],
        "account.move": ["state", "move_type", "partner_id", "invoice_date"],
        "account.move.line": [
            "account_id", "balance", "company_id", "date", "display_type", "journal_id",
            "move_id", "parent_state", "partner_id", "product_id", "product_uom_id", "quantity",
        ],
        "kam.account": [
            "active", "company_id", "is_key_account", "partner_id", "tier_id", "tier_rank",
            "user_id",
        ],
        "kam.kpi": ["code"],
        "kam.opening.figure": ["amount_untaxed", "company_id", "month", "partner_id", "profit"],
        "kam.target": [
            "account_id", "amount", "company_id", "date_from", "date_to", "kpi_id", "period_kind",
            "subject_kind", "user_id",
        ],
        "kam.team.member": ["account_id", "date_from", "date_to", "is_lead", "user_id"],
        "product.product": ["product_tmpl_id", "standard_price"],
        "res.partner": ["commercial_partner_id", "industry_id"],
        "res.users": ["sale_team_id"],
    }  # fmt: skip

    account_id = fields.Many2one("kam.account", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    month = fields.Date(readonly=True)
    is_key_account = fields.Boolean("Key Account", readonly=True)
    tier_id = fields.Many2one("kam.tier", readonly=True, help="The one held today.")
    tier_rank = fields.Integer(readonly=True, aggregator=None)
    user_id = fields.Many2one(
        "res.users",
        "Lead Account Manager",
        readonly=True,
        help="Who led the account on the day of the invoice; of days before the account had a "
        "file, who led it first.",
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, help="That of the account manager today."
    )
    industry_id = fields.Many2one("res.partner.industry", readonly=True)
    sales = fields.Monetary(readonly=True)
    last_year = fields.Monetary(
        "Same Month Last Year", readonly=True, help="Sales of the same month one year earlier."
    )
    last_year_to_date = fields.Monetary(
        "Same Days Last Year",
        readonly=True,
        help="Of last year only the days that have come round again: to compare a year that "
        "is not over.",
    )
    target = fields.Monetary(
        readonly=True,
        help="Of the account; what the target of a person goes beyond those of his accounts "
        "stands in a row of its own.",
    )
    target_to_date = fields.Monetary(
        "Target to Date",
        readonly=True,
        help="The running month by the days that have passed, none of later ones.",
    )
    collected = fields.Monetary(readonly=True, help="Money received, less what was paid back.")
    profit = fields.Monetary(
        "Gross Profit",
        readonly=True,
        groups="key_account_mgmt.group_kam_cost",
        help="Sales less cost: of the order where it is kept there, else today's.",
    )
    profit_last_year = fields.Monetary(
        "Gross Profit, Same Month Last Year",
        readonly=True,
        groups="key_account_mgmt.group_kam_cost",
    )

    profit_last_year_to_date = fields.Monetary(
        "Gross Profit, Same Days Last Year",
        readonly=True,
        groups="key_account_mgmt.group_kam_cost",
    )
    profit_target = fields.Monetary(
        "Gross Profit Target", readonly=True, groups="key_account_mgmt.group_kam_cost"
    )
    profit_target_to_date = fields.Monetary(
        "Gross Profit Target to Date", readonly=True, groups="key_account_mgmt.group_kam_cost"
    )
    period_day = fields.Date(
        "Months of the Days",
        compute="_compute_period_day",
        search="_search_period_day",
        help="To filter by any days: their months count as a whole.",
    )

    def _compute_period_day(self):
        for row in self:
            row.period_day = row.month

    @api.model
    def _search_period_day(self, operator, value):
        if operator not in (">", ">=", "<", "<="):
            return NotImplemented
        day = fields.Date.to_date(value)
        if operator in (">", ">="):
            return Domain("month", ">=", day.replace(day=1))
        return Domain("month", operator, day)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT COALESCE(part.account_id, %(no_account)s + part.company_id)::bigint
                   * %(account_factor)s + COALESCE(part.user_id, 0)::bigint * %(user_factor)s
                   + (EXTRACT(YEAR FROM part.month)::int - %(first_year)s) * 12
                   + EXTRACT(MONTH FROM part.month)::int AS id,
                   part.account_id, part.user_id, part.month,
                   account.partner_id, part.company_id,
                   CASE WHEN money.rate IS NULL THEN root.currency_id
                        ELSE %(currency)s END AS currency_id,
                   CASE WHEN part.account_id IS NULL THEN TRUE
                        ELSE COALESCE(account.is_key_account, FALSE) END AS is_key_account,
                   account.tier_id, COALESCE(account.tier_rank, 9999) AS tier_rank,
                   person.sale_team_id AS team_id, partner.industry_id, %(columns)s
              FROM (%(parts)s) part
              JOIN res_company root ON root.id = part.company_id
              LEFT JOIN (VALUES %(rates)s) AS money(company_id, rate)
                ON money.company_id = root.id
              LEFT JOIN kam_account account ON account.id = part.account_id
              LEFT JOIN res_partner partner ON partner.id = account.partner_id
              LEFT JOIN res_users person ON person.id = part.user_id
            """,
            no_account=NO_ACCOUNT,
            account_factor=ACCOUNT_FACTOR,
            user_factor=USER_FACTOR,
            first_year=FIRST_YEAR,
            columns=SQL(", ").join(
                SQL("part.%s * COALESCE(money.rate, 1) AS %s", *[SQL.identifier(name)] * 2)
                for name in COLUMNS
            ),
            currency=self.env.company.sudo().currency_id.id,
            rates=SQL(", ").join(self._rates_sql()),
            parts=self._rows_sql(),
        )

    @api.model
    def _rates_sql(self):
        """Of several companies everything is in the currency of the first one, so that it adds
        up; at today's rate, as in Odoo's own reports."""
        # sudo: currencies of companies the user works in.
        company = self.env.company.sudo()
        today = company.root_id._kam_today()
        for root in self.env.companies.sudo().root_id:
            rate = root.currency_id._get_conversion_rate(
                root.currency_id, company.currency_id, company, today
            )
            yield SQL("(%s, %s::numeric)", root.id, rate)

    @api.model
    def _rows_sql(self):
        """One row per account, person and month."""
        return SQL(
            "SELECT account_id, company_id, user_id, month, %s FROM (%s) piece GROUP BY 1, 2, 3, 4",
            SQL(", ").join(
                SQL("SUM(%s) AS %s", SQL.identifier(name), SQL.identifier(name)) for name in COLUMNS
            ),
            SQL(" UNION ALL ").join(self._pieces_sql()),
        )

    @api.model
    def _pieces_sql(self):
        """Hook: the queries that are put together, each made by :meth:`_piece_sql`."""
        # The registry of figures reads documents whoever asks; see ``_figures_env``.
        company = self.env.company.root_id
        env = self.env["kam.metric"]._figures_env(company)
        scope = SalesScope(env, company.with_env(env), MetricOptions())
        today = company.sudo()._kam_today()
        pieces = []
        for scan in (InvoiceLines(env, scope), OpeningFigures(env, scope)):
            pieces += [self._now_sql(scan), self._before_sql(scan, today)]
        received = Collections(env, scope)
        month = self._month_sql(received)
        pieces.append(self._piece_sql(received, month, {"collected": "amount"}))
        pieces.append(self._targets_sql("K01", ("target", "target_to_date"), today))
        if self._sees_profit():
            names = ("profit_target", "profit_target_to_date")
            pieces.append(self._targets_sql("K02", names, today))
        return pieces

    @api.model
    def _targets_sql(self, code, names, today):
        """Targets of a KPI by month: of accounts, and of persons beyond those of their accounts.

        The finest target of a month counts: its own, else a third of the quarter's, else a
        twelfth of the year's.  Source: K27.

        :param names: columns of the whole target and of what is due by today
        """
        return SQL(
            """
            SELECT goal.account_id, goal.company_id, goal.user_id, goal.month, %(columns)s
              FROM (
                WITH due AS (
                    SELECT DISTINCT ON (t.company_id, t.account_id, t.user_id, m.day)
                           t.company_id, t.account_id, t.user_id, m.day::date AS month,
                           t.amount / CASE t.period_kind WHEN 'month' THEN 1
                                      WHEN 'quarter' THEN 3 ELSE 12 END AS amount
                      FROM kam_target t
                      JOIN kam_kpi kpi ON kpi.id = t.kpi_id AND kpi.code = %(code)s
                     CROSS JOIN LATERAL generate_series(
                           date_trunc('month', t.date_from::timestamp), t.date_to::timestamp,
                           interval '1 month') m(day)
                     WHERE t.subject_kind IN ('account', 'user')
                     ORDER BY t.company_id, t.account_id, t.user_id, m.day,
                              CASE t.period_kind
                              WHEN 'month' THEN 1 WHEN 'quarter' THEN 2 ELSE 3 END
                ), held AS (
                    SELECT due.account_id, due.company_id, lead.user_id, due.month, due.amount
                      FROM due
                      JOIN kam_account account ON account.id = due.account_id AND account.active
                      LEFT JOIN %(leads)s lead
                        ON lead.account_id = account.id AND lead.date_from <= due.month
                       AND (lead.date_to IS NULL OR lead.date_to >= due.month)
                )
                SELECT account_id, company_id, user_id, month, amount FROM held
                 UNION ALL
                SELECT NULL, due.company_id, due.user_id, due.month,
                       due.amount - COALESCE(SUM(held.amount), 0)
                  FROM due
                  LEFT JOIN held ON held.user_id = due.user_id AND held.month = due.month
                                AND held.company_id = due.company_id
                 WHERE due.account_id IS NULL
                 GROUP BY due.company_id, due.user_id, due.month, due.amount
                HAVING due.amount > COALESCE(SUM(held.amount), 0)
              ) goal
            """,
            code=code,
            leads=LEADS,
            columns=SQL(", ").join(
                SQL("%s AS %s", self._target_column_sql(name, names, today), SQL.identifier(name))
                for name in COLUMNS
            ),
        )

    @api.model
    def _target_column_sql(self, name, names, today):
        if name not in names:
            return SQL("NULL::numeric")
        if name == names[0]:
            return SQL("goal.amount::numeric")
        return SQL(
            "(goal.amount * CASE WHEN goal.month < %(first)s THEN 1 "
            "WHEN goal.month = %(first)s THEN %(share)s ELSE 0 END)::numeric",
            first=today.replace(day=1),
            share=today.day / month_end(today).day,
        )

    @api.model
    def _month_sql(self, scan):
        return SQL("date_trunc('month', %s)::date", scan.date)

    @api.model
    def _now_sql(self, scan):
        values = {"sales": "amount"}
        if self._sees_profit():
            values["profit"] = "profit"
        return self._piece_sql(scan, self._month_sql(scan), values)

    @api.model
    def _before_sql(self, scan, today):
        """The same lines, put beside the month a year later and whoever leads the account then.

        After a hand-over a person is compared with what his accounts sold before him.
        """
        # A month that is one figure counts once it is over, as in the metric.
        day = scan.date
        if isinstance(scan, OpeningFigures):
            day = SQL("(%s + interval '1 month' - interval '1 day')::date", scan.date)
        values = {"last_year": "amount", "last_year_to_date": "amount"}
        if self._sees_profit():
            values |= dict.fromkeys(("profit_last_year", "profit_last_year_to_date"), "profit")
        month = SQL("(date_trunc('month', %s) + interval '1 year')::date", scan.date)
        past = SQL("%s <= %s", day, add_months(today, -12))
        later = SQL("(%s + interval '1 year')::date", scan.date)
        return self._piece_sql(scan, month, values, dict.fromkeys(PAST, past), later)

    @api.model
    def _sees_profit(self):
        """Nobody else's query reads costs at all."""
        return self.env.su or self.env.user.has_group("key_account_mgmt.group_kam_cost")

    @api.model
    def _piece_sql(self, scan, month, values, only=None, day=None):
        """Documents of one scan by account, lead account manager of the day and month.

        :param values: ``{column here: column of the scan}``; the others stay empty
        :param only: ``{column here: condition}``
        :param day: on which the account manager counts, else the day of the document
        """
        used = [scan.columns[name] for name in values.values()]
        needed = {name for column in used for name in column.joins}
        joins = [join for name, join in scan.joins.items() if name in needed]
        return SQL(
            """
            SELECT account.id AS account_id, account.company_id, lead.user_id,
                   %(month)s AS month, %(columns)s
              FROM %(table)s %(joins)s
              JOIN res_partner customer ON customer.id = %(party)s
              JOIN res_company branch ON branch.id = %(company)s
              JOIN kam_account account
                ON account.partner_id = customer.commercial_partner_id
               AND account.company_id = split_part(branch.parent_path, '/', 1)::int
               AND account.active
              LEFT JOIN %(leads)s lead
                ON lead.account_id = account.id AND lead.date_from <= %(day)s
               AND (lead.date_to IS NULL OR lead.date_to >= %(day)s)
             WHERE %(where)s
             GROUP BY 1, 2, 3, 4
            """,
            month=month,
            columns=self._columns_sql(scan, values, only or {}),
            table=scan.table,
            leads=LEADS,
            joins=SQL(" ").join(joins),
            party=scan._party,
            company=scan.company,
            day=day or scan.date,
            where=scan.where,
        )

    @api.model
    def _columns_sql(self, scan, values, only):
        columns = []
        for name in COLUMNS:
            part = SQL("NULL::numeric")
            if name in values:
                part = SQL(
                    "(SUM(%s) FILTER (WHERE %s))::numeric",
                    scan.columns[values[name]].sql,
                    only.get(name) or SQL("TRUE"),
                )
            columns.append(SQL("%s AS %s", part, SQL.identifier(name)))
        return SQL(", ").join(columns)

    # Documents -----------------------------------------------------------------------

    def action_show_documents(self):
        """Exactly the documents of the month behind the sales, as far as one may read them.

        Of a month in which the account changed hands, those of this person's days.
        """
        self.ensure_one()
        self.check_access("read")
        self._check_account()
        metric = self.env.ref("key_account_mgmt.metric_annual_sales")
        account = self.account_id
        return metric._explain_action(account.partner_id, account.company_id, self._days())

    def _days(self):
        """The part of the month in which this person led the account: see ``LEADS``."""
        start, end = self.month, month_end(self.month)
        # sudo: who reads the account's row knows whose it is.
        domain = Domain("account_id", "=", self.account_id.id) & Domain("is_lead", "=", True)
        leads = self.env["kam.team.member"].sudo().search(domain, order="date_from, id")
        first = leads[:1]
        mine = [
            (start if lead == first else lead.date_from, lead.date_to or end)
            for lead in leads.filtered(lambda lead: lead.user_id == self.user_id)
        ]
        mine = [(since, until) for since, until in mine if since <= end and until >= start]
        if not mine:
            return Period(start, end)
        since, until = min(days[0] for days in mine), max(days[1] for days in mine)
        return Period(max(start, since), min(end, until))

    def action_open_account(self):
        """The account file."""
        self.ensure_one()
        self.check_access("read")
        self._check_account()
        return self.account_id.get_formview_action()

    def _check_account(self):
        if not self.account_id:
            raise UserError(
                self.env._(
                    "This is the target of a person beyond those of his accounts: no documents "
                    "stand behind it."
                )
            )
