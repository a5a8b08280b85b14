from markupsafe import escape

from odoo import fields, models
from odoo.exceptions import UserError


class KamNegotiation(models.Model):
    """Every agreement is confirmed by an executive of the negotiation, in the same words.

    Whatever the bottom line says: nothing here reads it, so that trying agreements tells
    nothing.  Source: design §4.4, (c7).
    """

    _inherit = "kam.negotiation"

    _approval_state_from = ("negotiating",)
    _approval_state_pending = "to_confirm"
    _approval_state_approved = "agreed"
    _approval_state_refused = "negotiating"

    def _approval_submit(self):
        result = super()._approval_submit()
        self._floor_compare()
        return result

    def _approval_check(self):
        """:raise UserError: no authority today, no minutes, an item open, nobody to confirm"""
        result = super()._approval_check()
        if not self.is_lead:
            raise UserError(
                self.env._(
                    "%(name)s leads the negotiation and submits the agreement.",
                    name=self.lead_negotiator_id.sudo().name,
                )
            )
        # sudo: the day it is where the company works, is no secret.
        self._check_authority(self.company_id.sudo()._kam_today())
        if not self.has_floor:
            raise UserError(self.env._("The bottom line has to be set by an executive first."))
        if not self.round_ids or any(meeting._missing_minutes() for meeting in self.round_ids):
            raise UserError(
                self.env._("An agreement needs a round, and the minutes of every round.")
            )
        still_open = self.item_ids.filtered(
            lambda item: not item.is_agreed or (item.kind == "price" and not item.agreed)
        )
        if still_open or not self.item_ids:
            raise UserError(
                self.env._(
                    "Not settled yet: %(items)s.",
                    items=", ".join(still_open.mapped("name")) or "–",
                )
            )
        if not self._its_executives() - self.env.user:
            raise UserError(
                self.env._(
                    "Name another executive who confirms: nobody confirms his own agreement."
                )
            )
        return result

    def _approval_locked_fields(self):
        # Files of accounts are opened, contacts merged and opportunities, too, meanwhile.
        return super()._approval_locked_fields() - {"account_id"}

    def _approval_fingerprint_values(self):
        """What was agreed, and how it came about; nothing of the bottom line.

        A fingerprint of few figures could be guessed: not even the version in force is in it.
        """
        values = super()._approval_fingerprint_values()
        for name in ("lead_id", "own_partner_id", "next_date"):
            values.pop(name, None)
        values["items"] = self.item_ids.sorted("id").mapped(
            lambda i: [
                i.id,
                i.kind,
                i.name,
                repr(i.opening),
                repr(i.quantity),
                repr(i.agreed),
                i.agreed_text or "",
            ]
        )
        values["rounds"] = self.round_ids.sorted("id").mapped(
            lambda r: [r.id, r.date, r.key_info or "", r.agreed_points or "", r.open_points or ""]
        )
        values["concessions"] = self.concession_ids.sorted("id").mapped(
            lambda c: [c.id, repr(c.from_value), repr(c.to_value)]
        )
        return values

    def _approval_amount(self):
        """What was agreed per year, in company currency."""
        company = self._approval_company()
        prices = self.item_ids.filtered(lambda item: item.kind == "price")
        amount = sum(item.agreed * item.quantity for item in prices)
        return self.price_currency_id._convert(
            amount, company.currency_id, company, company._kam_today()
        )

    def _approval_summary(self):
        rows = [
            (self.env._("Customer"), self.partner_id.display_name or "–"),
            (self.env._("Led by"), self.lead_negotiator_id.name),
            (self.env._("Rounds"), str(len(self.round_ids))),
        ]
        rows += [(item.name, self._item_summary(item)) for item in self.item_ids]
        rows.append(
            (
                self.env._("Conceded per year"),
                self.price_currency_id.format(sum(self.item_ids.mapped("conceded"))),
            )
        )
        return rows

    def _item_summary(self, item):
        if item.kind == "service":
            return item._text(0.0)
        return self.env._(
            "%(agreed)s (opened at %(opening)s, target %(target)s)",
            agreed=item._text(item.agreed),
            opening=item._text(item.opening),
            target=item._text(item.target),
        )

    def _approval_highlights(self):
        """The same sentence for every agreement."""
        return [
            self.env._(
                "Compare the agreement with the bottom line before you confirm: button “Bottom "
                "Line” of the negotiation."
            )
        ]

    def _approval_granted(self):
        # sudo: the clock of the company.
        self._as_engine().write({"agreed_on": self.company_id.sudo()._kam_today()})
        self.round_ids.filtered(lambda r: not r.closed_on)._as_engine().write(
            {"closed_on": fields.Datetime.now(), "closed_by_id": self.env.uid}
        )
        return super()._approval_granted()

    def _terms_html(self):
        """What was agreed, one line per item, escaped."""
        return [escape(f"{item.name}: {item._text(item.agreed)}") for item in self.sudo().item_ids]
