from odoo import Command, models
from odoo.fields import Domain


class KamAccount(models.Model):
    """What is open on an account, and how it follows when somebody else takes over.

    Later domains extend :meth:`_handover_items` and :meth:`_handover_apply` for what they
    keep: visits, requests, obligations …  Source: g Q35, S0-05.
    """

    _inherit = "kam.account"

    def action_hand_over(self):
        """Hand these accounts over: choose to whom and why, then propose it to him."""
        self.check_access("read")
        leads = self.user_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Over"),
            "res_model": "kam.handover",
            "view_mode": "form",
            "target": "current",
            "context": {
                "default_from_user_id": leads.id if len(leads) == 1 else self.env.uid,
                "default_company_id": self[:1].company_id.id,
                "default_account_ids": [Command.set(self.ids)],
            },
        }

    def _handover_items(self, user):
        """What is open with ``user`` on these accounts; hook.

        :return: ``[{"kind", "model", "res_id", "name", "date"}, …]``, where known also
            ``account_id`` and ``amount`` (in the company's currency); the kinds are those
            of ``kam.handover.line``
        """
        return self._open_actions(user) + self._open_deals(user)

    def _handover_actions(self, user):
        return self.env["kam.action"].search(
            [
                ("account_id", "in", self.ids),
                ("user_id", "=", user.id),
                ("state", "=", "open"),
            ]
        )

    def _open_actions(self, user):
        return [
            {
                "kind": "action",
                "model": action._name,
                "res_id": action.id,
                "name": action.name,
                "date": action.date_due,
                "account_id": action.account_id.id,
            }
            for action in self._handover_actions(user)
        ]

    def _open_deals(self, user):
        """Opportunities and quotations of the salesperson: listed, they stay Odoo's."""
        by_partner = {account.partner_id.id: account.id for account in self}
        customers = Domain("partner_id.commercial_partner_id", "in", list(by_partner))
        customers &= Domain("user_id", "=", user.id)
        companies = Domain("company_id", "child_of", self.company_id.ids)
        leads = self.env["crm.lead"].search(
            customers
            & (companies | Domain("company_id", "=", False))
            & Domain("type", "=", "opportunity")
            & Domain("won_status", "=", "pending")
        )
        orders = self.env["sale.order"].search(
            customers & companies & Domain("state", "in", ("draft", "sent"))
        )
        items = [
            {
                "kind": "opportunity",
                "model": lead._name,
                "res_id": lead.id,
                "name": lead.name,
                "date": lead.date_deadline,
                "account_id": by_partner[lead.partner_id.commercial_partner_id.id],
            }
            for lead in leads
        ]
        return items + [
            {
                "kind": "quotation",
                "model": order._name,
                "res_id": order.id,
                "name": order.name,
                "date": order.validity_date,
                "account_id": by_partner[order.partner_id.commercial_partner_id.id],
            }
            for order in orders
        ]

    def _handover_apply(self, old, new):
        """Move what is open with ``old`` on these accounts to ``new``; hook.

        Called as superuser and engine, for the way there and for the way back.
        """
        self._handover_mine(self._handover_actions(old)).write({"user_id": new.id})

    def _handover_mine(self, records):
        """Of what goes back after a hand-over for a time: not what the receiver had before.

        Hooks may pass what they are about to move through this.
        """
        kept = self.env.context.get("kam_handover_kept", ()) if self._is_engine() else ()
        return records.filtered(lambda record: (record._name, record.id) not in kept)

    def _change_lead(self, user, day):
        """Let ``user`` lead from ``day`` on; engine only."""
        self.with_context(kam_lead_day=day).write({"user_id": user.id})

    def _handover_on(self, day_from, day_to):
        """Hand-overs that took effect, or came back, between two days, both included.

        :return: ``{account: hand-overs}``, accounts without any left out
        """
        during = Domain("applied_on", ">=", day_from) & Domain("applied_on", "<=", day_to)
        back = Domain("ended_on", ">=", day_from) & Domain("ended_on", "<=", day_to)
        # sudo: that an account changed hands shows in its team; the rest is not returned.
        handovers = self.env["kam.handover"].sudo()
        found = handovers.search((during | back) & Domain("account_ids", "in", self.ids))
        result = {}
        for handover in found:
            for account in handover.account_ids & self:
                result[account] = result.get(account, handovers) | handover
        return result
