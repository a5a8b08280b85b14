from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...policy import execution as rules

OFFICE = "key_account_mgmt.group_kam_officer"
DIRECTOR = "key_account_mgmt.group_kam_director"
FINANCE = "key_account_mgmt.group_kam_finance"


class KamContract(models.Model):
    """A contract that ends early, and what is settled then 终止结算.

    A director or above ends it, with a reason and what was performed until then; finance
    says when it was settled.  Source: S1s-14, (c8), users §3.6.
    """

    _inherit = "kam.contract"

    ended_on = fields.Date("Ended on", readonly=True, copy=False)
    ended_by_id = fields.Many2one("res.users", "Ended by", readonly=True, copy=False)
    end_reason = fields.Text("Why It Ended", readonly=True, copy=False)
    settlement_performed = fields.Monetary(
        "Performed", readonly=True, copy=False,
        help="What was delivered or done until it ended, tax included.",
    )  # fmt: skip
    settlement_compensation = fields.Monetary(
        "Compensation", readonly=True, copy=False,
        help="Agreed on top; negative: we pay it.",
    )  # fmt: skip
    settlement_to_invoice = fields.Monetary("Still to Invoice", readonly=True, copy=False)
    settlement_to_collect = fields.Monetary("Still to Collect", readonly=True, copy=False)
    settlement_note = fields.Text(readonly=True, copy=False)
    settled_on = fields.Date("Settled on", readonly=True, copy=False)
    settled_by_id = fields.Many2one("res.users", "Settled by", readonly=True, copy=False)
    is_to_settle = fields.Boolean(compute="_compute_is_to_settle")

    @api.depends("state", "settled_on")
    @api.depends_context("uid")
    def _compute_is_to_settle(self):
        user = self.env.user
        allowed = user.has_group(FINANCE) or user.has_group(DIRECTOR)
        for contract in self:
            contract.is_to_settle = (
                allowed and contract.state == "terminated" and not contract.settled_on
            )

    def action_terminate(self):
        """Ask why it ends, and what is settled."""
        self.ensure_one()
        self._check_may_terminate()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End the Contract Early"),
            "res_model": "kam.contract.terminate.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_contract_id": self.id},
        }

    def _check_may_terminate(self):
        self.check_access("read")
        for contract in self:
            if not (self.env.su or self.env.user.has_group(DIRECTOR)):
                raise AccessError(self.env._("A director or above ends a contract early."))
            if contract.state != "in_force":
                raise UserError(
                    self.env._(
                        "“%(contract)s” is not in force: what is not signed is cancelled.",
                        contract=contract.display_name,
                    )
                )

    def _terminate(self, reason, day, performed, compensation=0.0, note=False):
        """End it and freeze what is to be settled.

        :param reason: why, stays with the contract
        :param day: the last day; not in the future, not before it was signed
        :param performed: amount of what was done, in the contract's currency
        :raise UserError: without a reason, a wrong day
        """
        self.ensure_one()
        self._check_may_terminate()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the contract ends early."))
        # sudo: the right was checked; the state belongs to the engine.
        own = self.sudo()
        if not day or day > own.company_id._kam_today():
            raise UserError(self.env._("A contract ends today or ended before."))
        if own.signed_on and day < own.signed_on:
            raise UserError(self.env._("It cannot end before it was signed."))
        if performed < 0:
            raise UserError(self.env._("What was performed cannot be negative."))
        invoiced, collected, _overdue = own._kam_money()[own.id]
        to_invoice, to_collect = rules.settlement(performed, invoiced, collected, compensation)
        own._as_engine().write(
            {
                "state": "terminated",
                "ended_on": day,
                "ended_by_id": self.env.uid,
                "end_reason": reason,
                "settlement_performed": performed,
                "settlement_compensation": compensation,
                "settlement_to_invoice": to_invoice,
                "settlement_to_collect": to_collect,
                "settlement_note": note,
            }
        )
        open_actions = own.milestone_ids.action_id.filtered(lambda a: a.state == "open")
        open_actions._cancel(self.env._("The contract ended early: %(why)s", why=reason))
        own._without_engine()._on_closed()
        own._tell_to_settle()

    def _kam_performed(self):
        """Amount of what is delivered under it, tax included, in the contract's currency.

        Called unrestricted.
        """
        self.ensure_one()
        total = 0.0
        for order in self.order_ids.filtered(lambda o: o.state == "sale"):
            amount = sum(
                line.price_total * min(line.qty_delivered / line.product_uom_qty, 1.0)
                for line in order.order_line
                if not line.display_type and line.product_uom_qty
            )
            total += order.currency_id._convert(
                amount, self.currency_id, order.company_id, order.date_order.date()
            )
        return self.currency_id.round(total)

    def _tell_to_settle(self):
        """Finance hears that something is to be settled."""
        users = self.env.ref(FINANCE).all_user_ids
        people = users.filtered(lambda u: u.active and self.company_id in u.company_ids.root_id)
        rows = []
        for user in people:
            own = self.with_context(lang=user.lang)
            rows.append(
                self.env["kam.notice"]._prepare_vals(
                    user,
                    own.env._("Contract to settle: %(name)s", name=own.display_name),
                    [own.end_reason],
                    record=self,
                    topic="contract_settlement",
                )
            )
        if rows:
            self.env["kam.notice"]._queue_all(rows)

    def action_settled(self):
        """Everything was invoiced, credited and paid: by finance or a director.

        :raise UserError: there is nothing to settle
        """
        self.check_access("read")
        for contract in self:
            if contract.state != "terminated" or contract.settled_on:
                raise UserError(
                    self.env._(
                        "“%(contract)s” has nothing to settle.", contract=contract.display_name
                    )
                )
            if not (contract.is_to_settle or self.env.su):
                raise AccessError(self.env._("Finance or a director says what is settled."))
            # sudo: the right was checked; facts belong to the engine.
            own = contract.sudo()
            own._as_engine().write(
                {"settled_on": own.company_id._kam_today(), "settled_by_id": self.env.uid}
            )
        return True

    def _on_closed(self):
        """What is over is not reminded of any more."""
        result = super()._on_closed()
        for contract in self.sudo():
            self.env["kam.notice"]._settle("contract_term", contract.term_ids)
            open_checks = contract.check_ids.filtered(lambda c: c.state == "open")
            self.env["kam.notice"]._settle("contract_check", open_checks)
        return result
