from odoo import fields, models
from odoo.exceptions import UserError

from ..models.tier.industry_standing import STANDINGS


class KamQualificationWizard(models.TransientModel):
    """Standing, qualifications and expected sales of many customers at once, with one
    evidence file for all of them.  Source: S0-11, S3-16, g Q5.
    """

    _name = "kam.qualification.wizard"
    _description = "Assess Customers"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company.root_id
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    standing = fields.Selection(STANDINGS, "Industry Standing")
    flag_ids = fields.Many2many("kam.tier.flag", string="Qualifications")
    expected_amount = fields.Monetary("Expected Annual Sales")
    expected_basis = fields.Char("Basis")
    date = fields.Date("Assessed On", required=True, default=fields.Date.context_today)
    date_expiry = fields.Date("Valid Until", help="Empty: as the policy says.")
    attachment_ids = fields.Many2many("ir.attachment", string="Evidence")
    note = fields.Char()

    def action_confirm(self):
        """Write one declaration per customer and subject; all or none."""
        self.ensure_one()
        if not (self.standing or self.flag_ids or self.expected_amount):
            raise UserError(
                self.env._("Choose a standing, a qualification or the expected sales to record.")
            )
        if self.expected_amount and not (self.expected_basis or "").strip():
            raise UserError(self.env._("Say what the expected sales rest on, e.g. a contract."))
        common = self._prepare_common_vals()
        partners = self.partner_ids.commercial_partner_id
        if self.standing:
            self._declare("kam.industry.standing", partners, {**common, "standing": self.standing})
        for flag in self.flag_ids:
            self._declare("kam.qualification", partners, {**common, "flag_id": flag.id})
        if self.expected_amount:
            vals = {"amount": self.expected_amount, "basis": self.expected_basis}
            self._declare("kam.expected.sales", partners, {**common, **vals})
        return {"type": "ir.actions.act_window_close"}

    def _prepare_common_vals(self):
        return {
            "company_id": self.company_id.id,
            "date": self.date,
            "date_expiry": self.date_expiry,
            "note": self.note,
            "attachment_ids": [fields.Command.set(self.attachment_ids.ids)],
        }

    def _declare(self, model, partners, vals):
        self.env[model].create([{**vals, "partner_id": partner.id} for partner in partners])
