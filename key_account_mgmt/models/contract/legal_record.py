from odoo import api, fields, models
from odoo.fields import Domain


class KamContractRecord(models.AbstractModel):
    """What belongs to a contract is read by whoever reads the contract, and by nobody else."""

    _name = "kam.contract.record"
    _description = "Record of a Contract"

    contract_is_open = fields.Boolean(
        compute="_compute_contract_is_open", search="_search_contract_is_open"
    )

    @api.depends("contract_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_contract_is_open(self):
        # The answer is part of the access rule: by the reader's own rights.
        contracts = self.sudo().contract_id.sudo(False)._filtered_access("read")
        for record in self:
            record.contract_is_open = record.sudo().contract_id.id in contracts._ids

    @api.model
    def _search_contract_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        contracts = self.env["kam.contract"].sudo(False)
        if not contracts.has_access("read"):
            return Domain.FALSE
        return Domain("contract_id", "in", contracts._search([]))
