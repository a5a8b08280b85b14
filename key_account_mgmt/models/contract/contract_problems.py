from odoo import models

NEGOTIATION = "negotiation"


class KamContract(models.Model):
    """What stops a contract from being submitted.  Source: S0-99 … S0-102, S1l-14."""

    _inherit = "kam.contract"

    def _contract_problems(self):
        """Hook: texts, each a reason why it cannot be submitted yet."""
        self.ensure_one()
        problems = []
        if not self.partner_id:
            problems.append(self.env._("The customer is missing."))
        if not self.amount_total and not self.parent_id:
            problems.append(self.env._("The amount is missing."))
        problems += self._order_problems()
        problems += self._clause_problems()
        problems += self._payment_problems()
        if self.paper == "customer":
            problems += self._paper_problems()
        if not self._is_negotiated():
            problems.append(self._negotiation_problem())
        return problems

    def _negotiation_problem(self):
        """Hook: what is missing where nothing was negotiated."""
        return self.env._(
            "It rests on no agreed negotiation: say why, and ask an executive to exempt it."
        )

    def _order_problems(self):
        """Its quotations are alive, of its customer and in its currency."""
        # sudo: whose they are, for whoever drafts their contract.
        known = self.sudo()
        partner = known.partner_id.commercial_partner_id
        problems = []
        for order in known.order_ids.sorted("id"):
            values = {"order": order.name}
            if order.state == "cancel":
                problems.append(
                    self.env._("“%(order)s” was cancelled: take it out, or renew it.", **values)
                )
            elif order.partner_id.commercial_partner_id != partner:
                problems.append(self.env._("“%(order)s” is of another customer.", **values))
            elif self.kind == "single" and order.currency_id != self.currency_id:
                problems.append(
                    self.env._("“%(order)s” is in another currency than the contract.", **values)
                )
        return problems

    def _clause_problems(self):
        """The mandatory clauses are there and settled, or do not apply for a reason."""
        if self.parent_id:
            # A supplementary agreement says only what it changes.
            return []
        wanted = self._mandatory_clauses(self.company_id)
        if self.paper == "customer":
            # Whatever heading the customer gave it: the subject has to be settled.
            there = set(self.clause_ids.mapped("code"))
            missing = wanted.filtered(lambda clause: clause.code not in there)
        else:
            missing = wanted - self.clause_ids.template_id
        problems = []
        if missing:
            problems.append(
                self.env._("Clauses missing: %(names)s.", names=", ".join(missing.mapped("name")))
            )
        open_clauses = self.clause_ids.filtered(
            lambda clause: (
                (clause.is_mandatory or clause.template_id in wanted) and not clause._is_settled()
            )
        )
        if open_clauses:
            problems.append(
                self.env._(
                    "Clauses without text, or without the reason why they do not apply: %(names)s.",
                    names=", ".join(open_clauses.mapped("name")),
                )
            )
        return problems

    def _payment_problems(self):
        """The schedule adds up to the amount."""
        if self.kind == "frame" or self.parent_id:
            return []
        if not self.payment_ids:
            return [self.env._("The payment schedule is missing.")]
        total = sum(self.payment_ids.mapped("amount"))
        # One unit of rounding per payment.
        allowed = self.currency_id.rounding * len(self.payment_ids)
        if abs(total - self.amount_total) > allowed:
            return [
                self.env._(
                    "The payments add up to %(total)s, the contract to %(amount)s.",
                    total=self.currency_id.format(total),
                    amount=self.currency_id.format(self.amount_total),
                )
            ]
        return []

    def _paper_problems(self):
        """The customer's paper is there, and its differences are noted."""
        problems = []
        # sudo: whether there is a file; nothing of it is shown.
        files = self.env["ir.attachment"].sudo()
        if not files.search_count([("res_model", "=", self._name), ("res_id", "=", self.id)]):
            problems.append(self.env._("The customer's paper is missing: attach the file."))
        noted = (self.differences or "").strip() or any(self.clause_ids.mapped("difference"))
        if not noted:
            problems.append(
                self.env._("Note where the customer's paper departs from our terms, or “none”.")
            )
        return problems

    def _is_negotiated(self):
        """An agreed negotiation, an exemption, or a type that needs none.

        Where negotiations are not kept here, nobody asks for one.
        """
        if self.parent_id or self.exempted_by_id:
            return True
        if self.type_id._is_free(self._approval_amount()):
            return True
        if not self.env["res.groups"]._kam_area_is_on(NEGOTIATION):
            return True
        # sudo: whether it was agreed must not depend on who asks.
        negotiation = self.sudo().negotiation_id
        partner = self.sudo().partner_id.commercial_partner_id
        return (
            negotiation.state == "agreed"
            and negotiation.partner_id.commercial_partner_id == partner
        )
