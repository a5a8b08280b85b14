from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .negotiation import OPEN

OFFICE = "key_account_mgmt.group_kam_officer"


class KamNegotiation(models.Model):
    """The steps of a negotiation, each checked here whatever the screen offers.  (c7)"""

    _inherit = "kam.negotiation"

    def _check_state(self, *states):
        for negotiation in self:
            if negotiation.state not in states:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "“%(name)s” is %(state)s: this is not possible now.",
                        name=negotiation.display_name,
                        state=labels[negotiation.state],
                    )
                )

    def _check_is_lead(self):
        """:raise AccessError: somebody else leads it, and the user is not of the office"""
        for negotiation in self:
            if not negotiation.is_lead and not self.env.user.has_group(OFFICE):
                raise AccessError(
                    self.env._(
                        "This is for %(name)s, who leads the negotiation, and for the KAM office.",
                        name=negotiation.lead_negotiator_id.sudo().name,
                    )
                )

    def action_start(self):
        """Begin: everything is prepared, and the lead negotiator has authority today.

        :raise UserError: naming what is missing.  Source: S0-93 … S0-95
        """
        self.check_access("write")
        self._check_state("preparing")
        self._check_is_lead()
        for negotiation in self:
            if missing := negotiation._missing_parts():
                raise UserError(
                    self.env._(
                        "“%(name)s” cannot begin, it still lacks: %(missing)s.",
                        name=negotiation.display_name,
                        missing="; ".join(missing),
                    )
                )
            # sudo: the day it is where the company works, is no secret.
            negotiation._check_authority(negotiation.company_id.sudo()._kam_today())
        self._as_engine().write({"state": "negotiating", "started_on": fields.Datetime.now()})
        return True

    def action_settle(self):
        """Take over where each open item stands now as agreed."""
        self.check_access("write")
        self._check_state("negotiating")
        for item in self.item_ids.filtered(lambda item: not item.is_agreed):
            item.write(
                {
                    "is_agreed": True,
                    "agreed": item.current,
                    "agreed_text": item.agreed_text or item.position,
                }
            )
        return True

    def action_break_off(self):
        """Ask why it is broken off."""
        self.ensure_one()
        self.check_access("write")
        self._check_state(*OPEN)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Break Off"),
            "res_model": "kam.negotiation.break.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_negotiation_id": self.id},
        }

    def _break_off(self, reason):
        """End it without an agreement.

        :return: the window that asks what else follows, or True
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state(*OPEN)
        self._check_is_lead()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why it is broken off."))
        self._as_engine().write({"state": "broken_off", "break_reason": reason.strip()})
        return self.env["crm.lead"]._kam_deal_result(self, "lost")

    def action_reopen(self):
        """Prepare it anew: what was said stays, the bottom line, too."""
        self.check_access("write")
        self._check_state("broken_off")
        self._check_is_lead()
        self._as_engine().write({"state": "preparing", "break_reason": False})
        return True

    def action_ask_executives(self):
        """Ask for what only they give: the bottom line, and an authorization."""
        self.ensure_one()
        self.check_access("write")
        self._check_state(*OPEN)
        people = self._its_executives() - self.env.user
        if not people:
            raise UserError(self.env._("Name an executive of this negotiation first."))
        Notice = self.env["kam.notice"]
        rows = []
        for user in people:
            own = self.with_context(lang=user.sudo().lang)
            title = own.env._(
                "%(person)s asks you about “%(name)s”",
                person=self.env.user.name,
                name=own.display_name,
            )
            wanted = [] if own.has_floor else [own.env._("Set the bottom line")]
            if not own.has_authority:
                wanted.append(
                    own.env._(
                        "Authorise %(name)s to negotiate", name=own.lead_negotiator_id.sudo().name
                    )
                )
            wanted = wanted or [own.env._("Please have a look")]
            rows.append(
                Notice._prepare_vals(user, title, wanted, record=own, topic="negotiation_floor")
            )
        Notice._queue_all(rows)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(names)s will read it in the morning.",
                    names=", ".join(people.sudo().mapped("name")),
                ),
            },
        }

    def action_quote(self):
        """A quotation that rests on the agreement: its terms and this record go along.

        Source: S0-98.
        """
        self.ensure_one()
        self.check_access("read")
        self._check_state("agreed")
        Order = self.env["sale.order"]
        Order.check_access("create")
        order = Order.create(
            {
                "partner_id": self.partner_id.id,
                "company_id": self.company_id.id,
                "opportunity_id": self.sudo().lead_id.id,
                "kam_negotiation_id": self.id,
                "note": "<br/>".join(self._terms_html()),
            }
        )
        return order.get_formview_action()

    def action_orders(self):
        """Quotations and orders that rest on it."""
        self.ensure_one()
        self.check_access("read")
        self.env["sale.order"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "sale.action_quotations_with_onboarding"
        )
        return action | {"domain": [("kam_negotiation_id", "=", self.id)], "context": {}}

    def action_bring_result(self):
        """Ask whether the opportunity follows the result."""
        self.ensure_one()
        self.check_access("write")
        if not self._deal_result():
            raise UserError(self.env._("The document has no result yet."))
        return self.env["crm.lead"]._kam_deal_result(self, self._deal_result())
