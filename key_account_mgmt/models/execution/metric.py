from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

MILLION = 1_000_000.0
SALES_MOVES = ("out_invoice", "out_refund", "out_receipt")


class KamMetric(models.Model):
    """Contracts signed in time, collections, collection rate, overdue ratio.

    Source: K07, K10, K32 … K34, users §3.7.
    """

    _inherit = "kam.metric"

    # K07 --------------------------------------------------------------------------

    def _metric_sales_millions(self, run, param=None):
        """Annual sales in millions: what complaints of frame customers are compared with."""
        sales = run.env.ref("key_account_mgmt.metric_annual_sales")
        return {partner: value / MILLION for partner, value in run.values(sales).items()}

    # K10 --------------------------------------------------------------------------

    def _metric_contracts_to_sign(self, run, param=None):
        """Contracts whose last day for signing lies in the window and that were signed, or
        were not by then; cancelled ones do not count.  Source: S0-163, K10."""
        return self._contract_counts(self._contracts_due(run))

    def _metric_contracts_signed_in_time(self, run, param=None):
        """Of those, signed on that day or before."""
        return self._contract_counts(self._contracts_due(run).filtered(self._is_signed_in_time))

    def _is_signed_in_time(self, contract):
        return bool(contract.signed_on) and contract.signed_on <= contract.sign_deadline

    def _contracts_due(self, run):
        period = run.period(self)
        today = run.company._kam_today()
        domain = Domain("company_id", "in", run.company.root_id.ids)
        domain &= Domain("state", "!=", "cancelled")
        domain &= Domain("sign_deadline", ">=", period.start)
        domain &= Domain("sign_deadline", "<=", period.end)
        domain &= Domain("signed_on", "!=", False) | Domain("sign_deadline", "<", today)
        contracts = run.env["kam.contract"].search(domain)
        if run.partner_ids is not None:
            wanted = set(run.partner_ids)
            contracts = contracts.filtered(lambda c: self._contract_customer(c) in wanted)
        return contracts

    def _contract_customer(self, contract):
        return contract.partner_id.commercial_partner_id.id

    def _contract_counts(self, contracts):
        counts = {}
        for contract in contracts:
            key = self._contract_customer(contract)
            counts[key] = counts.get(key, 0.0) + 1.0
        return counts

    def _contract_documents(self, contracts, partner_ids):
        wanted = set(partner_ids)
        ours = contracts.filtered(lambda c: self._contract_customer(c) in wanted)
        return [("kam.contract", dict.fromkeys(ours.ids, 1.0))]

    def _explain_contracts_to_sign(self, run, partner_ids):
        return self._contract_documents(self._contracts_due(run), partner_ids)

    def _explain_contracts_signed_in_time(self, run, partner_ids):
        contracts = self._contracts_due(run).filtered(self._is_signed_in_time)
        return self._contract_documents(contracts, partner_ids)

    # K32 --------------------------------------------------------------------------

    def _metric_collections(self, run, param=None):
        """Money received from the customer in the window, less what was paid back.

        Read off the receivables: entries of bank and cash, whether a payment was entered
        or the statement was matched directly.  Source: K32, users §3.7.
        """
        rows = run.env["account.move.line"]._read_group(
            self._collections_domain(run, run.partner_ids),
            ["partner_id.commercial_partner_id"],
            ["balance:sum"],
        )
        return {partner.id: -balance for partner, balance in rows if partner}

    def _collections_domain(self, run, partner_ids):
        period = run.period(self)
        domain = Domain("parent_state", "=", "posted") & Domain("move_id.move_type", "=", "entry")
        domain &= Domain("account_id.account_type", "=", "asset_receivable")
        domain &= Domain("journal_id.type", "in", ("bank", "cash", "credit"))
        domain &= Domain("company_id", "in", list(run.scope.company_ids))
        domain &= Domain("date", ">=", period.start) & Domain("date", "<=", period.end)
        if partner_ids is not None:
            domain &= Domain("partner_id.commercial_partner_id", "in", list(partner_ids))
        return domain

    def _explain_collections(self, run, partner_ids):
        rows = run.env["account.move.line"]._read_group(
            self._collections_domain(run, partner_ids), ["move_id"], ["balance:sum"]
        )
        return [("account.move", {move.id: -balance for move, balance in rows})]

    # K33, K34 ---------------------------------------------------------------------

    def _metric_receivables_fallen_due(self, run, param=None):
        """Receivables of invoices and credit notes whose due date lies in the window.

        Of a window that is not over: until today.
        """
        return self._receivables(run, "fallen_due", 0)

    def _metric_receivables_collected(self, run, param=None):
        """Of those, what was settled by the end of the window."""
        return self._receivables(run, "fallen_due", 0, settled=True)

    def _metric_receivables_open(self, run, param=None):
        """Receivables open at the end of the window."""
        return self._receivables(run, "open", 1)

    def _metric_receivables_overdue(self, run, param=None):
        """Of those, what was due before that day."""
        return self._receivables(run, "overdue", 1)

    def _receivables(self, run, which, column, settled=False):
        """``{commercial partner id: amount}`` in company currency.

        :param column: 0 the amount of the receivable, 1 what was open of it at the end
        """
        rows = self._receivable_rows(run, which, run.partner_ids, SQL("p.commercial_partner_id"))
        if settled:
            return {key: amount - left for key, amount, left in rows if key}
        return {row[0]: row[1 + column] for row in rows if row[0]}

    def _receivable_rows(self, run, which, partner_ids, group):
        """Rows of (group, amount, open at the end of the window), one query.

        What was reconciled afterwards was open then: the state of that day, not today's.
        A window that is not over ends today: what falls due later is neither due nor
        overdue.
        """
        period = run.period(self)
        end = min(period.end, run.company._kam_today())
        env = run.env
        env["account.move.line"].flush_model()
        env["account.partial.reconcile"].flush_model()
        window = {
            "fallen_due": SQL(
                "l.date_maturity BETWEEN %s AND %s AND m.move_type IN %s",
                period.start,
                end,
                SALES_MOVES,
            ),
            "open": SQL("l.date <= %s", end),
            "overdue": SQL("l.date <= %s AND l.date_maturity < %s", end, end),
        }[which]
        partners = SQL("TRUE")
        if partner_ids is not None:
            partners = SQL("p.commercial_partner_id = ANY(%s)", list(partner_ids))
        query = SQL(
            """
            SELECT %(group)s, SUM(l.balance)::float8,
                   SUM(l.balance - COALESCE(debit.amount, 0) + COALESCE(credit.amount, 0))::float8
              FROM account_move_line l
              JOIN account_move m ON m.id = l.move_id
              JOIN account_account a ON a.id = l.account_id
              JOIN res_partner p ON p.id = l.partner_id
              LEFT JOIN LATERAL (
                   SELECT SUM(r.amount) AS amount FROM account_partial_reconcile r
                    WHERE r.debit_move_id = l.id AND r.max_date <= %(end)s) debit ON TRUE
              LEFT JOIN LATERAL (
                   SELECT SUM(r.amount) AS amount FROM account_partial_reconcile r
                    WHERE r.credit_move_id = l.id AND r.max_date <= %(end)s) credit ON TRUE
             WHERE l.parent_state = 'posted'
               AND a.account_type = 'asset_receivable'
               AND l.company_id = ANY(%(companies)s)
               AND %(window)s
               AND %(partners)s
             GROUP BY 1
            """,
            group=group,
            end=end,
            companies=list(run.scope.company_ids),
            window=window,
            partners=partners,
        )
        return env.execute_query(query)

    def _receivable_documents(self, run, which, partner_ids, pick):
        rows = self._receivable_rows(run, which, partner_ids, SQL("l.move_id"))
        amounts = {move_id: pick(amount, left) for move_id, amount, left in rows}
        return [("account.move", {key: value for key, value in amounts.items() if value})]

    def _explain_receivables_fallen_due(self, run, partner_ids):
        return self._receivable_documents(run, "fallen_due", partner_ids, lambda a, _left: a)

    def _explain_receivables_collected(self, run, partner_ids):
        return self._receivable_documents(run, "fallen_due", partner_ids, lambda a, left: a - left)

    def _explain_receivables_open(self, run, partner_ids):
        return self._receivable_documents(run, "open", partner_ids, lambda _a, left: left)

    def _explain_receivables_overdue(self, run, partner_ids):
        return self._receivable_documents(run, "overdue", partner_ids, lambda _a, left: left)
