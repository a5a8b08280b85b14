from odoo import api, fields, models
from odoo.tools import SQL


class KamContract(models.Model):
    """Invoiced, collected, overdue, as Odoo's invoices of the contract's orders say.

    Of an invoice over several orders, the share of this contract's lines.  Read without the
    reader's rights on invoices: whoever may read a contract reads how it is paid.
    Source: design §4.5, users §3.6.
    """

    _inherit = "kam.contract"

    invoiced = fields.Monetary(
        compute="_compute_money",
        help="Posted invoices less credit notes of its orders, tax included.",
    )  # fmt: skip
    collected = fields.Monetary(compute="_compute_money")
    overdue = fields.Monetary(
        compute="_compute_money",
        help="Of what is invoiced, the part not paid by its due date.",
    )  # fmt: skip
    open_amount = fields.Monetary("To Collect", compute="_compute_money")

    # Not on orders and invoices: every posting would look for contracts.
    @api.depends("order_ids", "currency_id")
    def _compute_money(self):
        money = self._kam_money()
        for contract in self:
            invoiced, collected, overdue = money.get(contract._origin.id, (0.0, 0.0, 0.0))
            contract.invoiced = invoiced
            contract.collected = collected
            contract.overdue = overdue
            contract.open_amount = invoiced - collected

    def _kam_money(self, day=None):
        """``{contract id: (invoiced, collected, overdue)}`` in the contract's currency.

        One query, whatever the number of contracts, and one per other currency and day.

        :param day: on which it is overdue; empty: the company's today
        """
        stored = self._origin
        result = dict.fromkeys(stored.ids, (0.0, 0.0, 0.0))
        if not stored:
            return result
        Currency = self.env["res.currency"].sudo()
        # sudo: the boundary named above.
        contracts = {contract.id: contract for contract in stored.sudo()}
        days = {c: day or c._kam_today() for c in stored.sudo().company_id}
        for contract_id, currency_id, on, company_id, total, left, late in stored._kam_money_rows(
            days
        ):
            currency = Currency.browse(currency_id)
            company = self.env["res.company"].sudo().browse(company_id)
            wanted = contracts[contract_id].currency_id
            factor = currency._get_conversion_rate(currency, wanted, company, on)
            new = (total * factor, (total - left) * factor, late * factor)
            old = result[contract_id]
            result[contract_id] = tuple(a + b for a, b in zip(old, new, strict=True))
        return {
            contract_id: tuple(
                contracts[contract_id].currency_id.round(amount) for amount in amounts
            )
            for contract_id, amounts in result.items()
        }

    def _kam_money_rows(self, days):
        """Rows of contract, currency, day, company, invoiced, open and overdue."""
        env = self.env
        env["sale.order"].flush_model(["kam_contract_id"])
        env["sale.order.line"].flush_model(["order_id", "invoice_lines"])
        env["account.move"].flush_model(
            ["state", "move_type", "currency_id", "invoice_date", "amount_total", "amount_residual"]
        )
        env["account.move.line"].flush_model(
            ["move_id", "price_total", "amount_residual_currency", "date_maturity", "display_type"]
        )
        # One "today" per company; most databases have one for all.
        today = SQL("CASE contract.company_id %s END", SQL(" ").join(
            SQL("WHEN %s THEN %s::date", company.id, day) for company, day in days.items()
        ))  # fmt: skip
        query = SQL(
            """
            WITH line AS (
                SELECT DISTINCT contract.id AS contract_id, %(today)s AS today,
                       aml.id AS line_id, aml.move_id, aml.price_total
                  FROM kam_contract contract
                  JOIN sale_order ON sale_order.kam_contract_id = contract.id
                  JOIN sale_order_line sol ON sol.order_id = sale_order.id
                  JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = sol.id
                  JOIN account_move_line aml ON aml.id = rel.invoice_line_id
                 WHERE contract.id = ANY(%(ids)s)
            ), part AS (
                SELECT contract_id, today, move_id, SUM(price_total) AS total
                  FROM line
                 GROUP BY contract_id, today, move_id
            )
            SELECT part.contract_id, move.currency_id,
                   COALESCE(move.invoice_date, move.date), move.company_id,
                   sign.value * part.total,
                   sign.value * part.total
                       * COALESCE(move.amount_residual / NULLIF(move.amount_total, 0), 0),
                   sign.value * part.total
                       * COALESCE(sign.value * late.amount / NULLIF(move.amount_total, 0), 0)
              FROM part
              JOIN account_move move ON move.id = part.move_id
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END AS value
                   ) sign
             CROSS JOIN LATERAL (
                   SELECT COALESCE(SUM(term.amount_residual_currency), 0) AS amount
                     FROM account_move_line term
                    WHERE term.move_id = move.id
                      AND term.display_type = 'payment_term'
                      AND term.date_maturity < part.today
                   ) late
             WHERE move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
            """,
            today=today,
            ids=self.ids,
        )
        return env.execute_query(query)

    def action_invoices(self):
        """Invoices of its orders, by the reader's own rights."""
        self.ensure_one()
        self.check_access("read")
        self.env["account.move"].check_access("read")
        # sudo: which ones they are; the list shows those the reader may read.
        lines = self.sudo().order_ids.order_line.invoice_lines
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        return {**action, "domain": [("id", "in", lines.move_id.ids)], "context": {"create": False}}
