from odoo import api, fields, models

from ...policy import capitals


class KamContractType(models.Model):
    _inherit = "kam.contract.type"

    def _next_number(self, company, day):
        """The next number of this type in ``company`` for the year of ``day``; no gaps.

        Source: (c8).
        """
        self.ensure_one()
        code = f"kam.contract.{self.id}"
        # sudo: numbers are counted by the system, whoever's contract it is.
        Sequence = self.env["ir.sequence"].sudo()
        sequence = Sequence.search(
            [("code", "=", code), ("company_id", "=", company.id)], limit=1
        ) or Sequence.create(
            {
                "name": f"{self.code} {company.name}",
                "code": code,
                "company_id": company.id,
                "implementation": "no_gap",
                "use_date_range": True,
                "prefix": f"{self.code}-%(range_year)s-",
                "padding": 3,
            }
        )
        return sequence.next_by_id(sequence_date=day)


class KamContract(models.Model):
    """The number by type and year, and the amount in words of a contract.

    Source: (c8), users §3.6.
    """

    _inherit = "kam.contract"

    amount_in_words = fields.Char("Amount in Words", compute="_compute_amount_in_words")

    @api.depends("amount_total", "currency_id")
    def _compute_amount_in_words(self):
        for contract in self:
            contract.amount_in_words = contract._amount_in_words()

    def _assign_number(self):
        """A number once, kept for ever; a supplementary agreement counts under its parent."""
        # sudo: counted by the system.
        for contract in self.sudo().filtered(lambda c: not c.number):
            if contract.parent_id.number:
                parent = contract.parent_id
                siblings = parent.supplement_ids.filtered("number")
                number = f"{parent.number}-{len(siblings) + 1}"
            else:
                company = contract.company_id
                number = contract.type_id._next_number(company, company._kam_today())
            contract._as_engine().write({"number": number})

    def _approval_granted(self):
        self._assign_number()
        return super()._approval_granted()

    @api.model
    def _capitals_of(self, amount, currency):
        return capitals.amount(amount, currency.name)

    def _amount_in_words(self):
        """The amount in Chinese capitals.  Source: users §3.6, P15."""
        self.ensure_one()
        return self._capitals_of(self.amount_total, self.currency_id)
