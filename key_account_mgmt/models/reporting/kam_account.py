from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ...policy.periods import Period, window

# Money that should have come so many days ago.  Source: users §2 (director).
LONG_OVERDUE_DAYS = 60
# What counts as owed: what was waived or called off does not.
OWED = ("open", "awaiting", "met", "overdue", "met_late")


class KamAccount(models.Model):
    """What a director looks at with one account manager, account by account.

    Nothing is stored: every figure is read for all rows of the list at once.
    Source: users §2 (director), (f) last paragraph.
    """

    _inherit = "kam.account"

    target_to_date = fields.Monetary(
        "Target to Date",
        compute="_compute_target_to_date",
        help="Target of this fiscal year until today; the running month by its days.",
    )
    obligation_due = fields.Integer(
        "Obligations Due", compute="_compute_obligations_done", help="Owed so far this year."
    )
    obligation_done = fields.Integer(
        "Obligations Done", compute="_compute_obligations_done", help="Of those, held and reported."
    )
    next_step = fields.Char(compute="_compute_next_step", help="The open action that is due first.")
    overdue_long = fields.Monetary(
        "Overdue for 60 Days",
        compute="_compute_overdue_long",
        search="_search_overdue_long",
        help="Receivables that were due more than 60 days ago, as they stand now.",
    )
    overdue_since = fields.Date(compute="_compute_overdue_long")

    # Against target -------------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_target_to_date(self):
        amounts = {}
        for company, accounts in self.grouped("company_id").items():
            domain = Domain("account_id", "in", accounts._origin.ids)
            domain &= Domain("month", ">=", company._kam_year_to_date().start)
            domain &= Domain("month", "<=", company._kam_year_to_date().end)
            # In the currency of the account, also for who works in a branch of its company.
            own = self.env.companies.filtered(lambda c, root=company: c.root_id == root)[:1]
            amounts |= dict(
                self.env["kam.sales.report"]
                .with_company(own or self.env.company)
                ._read_group(domain, ["account_id"], ["target_to_date:sum"])
            )
        for account in self:
            account.target_to_date = amounts.get(account._origin, 0.0)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_obligations_done(self):
        """Of the periods of this year that have begun, as the reader may see them."""
        counts = {}
        for company, accounts in self.grouped("company_id").items():
            year = company._kam_year_to_date()
            domain = Domain("account_id", "in", accounts._origin.ids)
            domain &= Domain("state", "in", OWED) & Domain("date_from", "<=", year.end)
            domain &= Domain("date_to", ">=", year.start)
            for account, due, done in self.env["kam.obligation"]._read_group(
                domain, ["account_id"], ["required:sum", "done:sum"]
            ):
                counts[account] = (due, done)
        for account in self:
            account.obligation_due, account.obligation_done = counts.get(account._origin, (0, 0))

    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_next_step(self):
        first = {}
        Action = self.env["kam.action"]
        if Action.has_access("read"):
            domain = Domain("account_id", "in", self._origin.ids) & Domain("state", "=", "open")
            actions = Action.search_fetch(
                domain, ["account_id", "name", "date_due"], order="date_due, id"
            )
            for action in actions:
                first.setdefault(action.account_id, action)
        for account in self:
            action = first.get(account._origin)
            account.next_step = action and self.env._(
                "%(day)s: %(what)s",
                day=format_date(self.env, action.date_due),
                what=action.name,
            )

    # Old debts ------------------------------------------------------------------------

    @api.depends_context("allowed_company_ids")
    def _compute_overdue_long(self):
        rows = self._overdue_long_rows(self._origin.ids)
        for account in self:
            since, amount = rows.get(account._origin.id, (False, 0.0))
            account.overdue_long = amount
            account.overdue_since = since

    @api.model
    def _search_overdue_long(self, operator, value):
        if operator not in (">", ">="):
            return NotImplemented
        rows = self._overdue_long_rows(None)
        if not value and operator == ">=":
            return Domain.TRUE
        fits = [
            key
            for key, (_since, amount) in rows.items()
            if amount > value or (operator == ">=" and amount >= value)
        ]
        return Domain("id", "in", fits)

    @api.model
    def _overdue_long_rows(self, account_ids):
        """``{account id: (due since, amount)}`` in company currency, one query.

        More than 60 days after the due date; exactly 60 days is not yet.  As the metric
        *overdue receivables*: a figure of the account is its readers' to see, whoever may
        open the invoices.
        """
        self.env["account.move.line"].flush_model()
        self.env["kam.account"].flush_model(["partner_id", "company_id", "active"])
        # sudo: the reader's day, whatever he may see of the company.
        limit = self.env.company.root_id.sudo()._kam_today() - timedelta(days=LONG_OVERDUE_DAYS)
        only = SQL("TRUE") if account_ids is None else SQL("a.id = ANY(%s)", list(account_ids))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT a.id, MIN(l.date_maturity), SUM(l.amount_residual)::float8
                  FROM kam_account a
                  JOIN res_partner p ON p.commercial_partner_id = a.partner_id
                  JOIN account_move_line l ON l.partner_id = p.id
                  JOIN account_account ledger ON ledger.id = l.account_id
                  JOIN res_company branch ON branch.id = l.company_id
                 WHERE a.active AND %(only)s
                   AND l.parent_state = 'posted' AND NOT COALESCE(l.reconciled, FALSE)
                   AND ledger.account_type = 'asset_receivable'
                   AND l.date_maturity < %(limit)s
                   AND split_part(branch.parent_path, '/', 1)::int = a.company_id
                 GROUP BY a.id
                HAVING SUM(l.amount_residual) > 0
                """,
                only=only,
                limit=limit,
            )
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    # The list -------------------------------------------------------------------------

    def action_kam_one_to_one(self):
        """The list of whoever leads these accounts.

        :raise UserError: several people lead them, or nobody
        """
        self.check_access("read")
        if len(self.user_id) != 1:
            raise UserError(self.env._("Choose accounts of one account manager."))
        return self._one_to_one_action(self.user_id)

    @api.model
    def _one_to_one_action(self, user):
        """The accounts one person leads, for a talk about them.

        :raise AccessError: neither himself, nor the office, an auditor, or his director
        """
        self.check_access("read")
        readers = ("group_kam_officer", "group_kam_auditor")
        allowed = (
            user == self.env.user
            or any(self.env.user.has_group(f"key_account_mgmt.{name}") for name in readers)
            or user in self.env.user._kam_own_people()
        )
        if not allowed:
            raise AccessError(
                self.env._("Everybody sees this list of himself, and directors of their people.")
            )
        if not user:
            raise UserError(self.env._("Choose the account manager first."))
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_account_action_one_to_one"
        )
        return action | {
            "name": self.env._("1:1 with %(name)s", name=user.name),
            "domain": [("user_id", "=", user.id)],
        }


class ResCompany(models.Model):
    _inherit = "res.company"

    def _kam_year_to_date(self):
        """From the first day of the running fiscal year until today."""
        self.ensure_one()
        # sudo: a day says nothing about the company.
        company = self.root_id.sudo()
        today = company._kam_today()
        year = window(
            "fiscal_year_to_date", today, int(company.fiscalyear_last_month),
            company.fiscalyear_last_day,
        )  # fmt: skip
        return Period(year.start, today)
