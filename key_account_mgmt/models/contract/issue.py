from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError


class KamIssue(models.Model):
    """The contract under which something went wrong.  Source: S0-110, (c11)."""

    _inherit = "kam.issue"

    contract_id = fields.Many2one(
        "kam.contract", index="btree_not_null", ondelete="restrict", copy=False, tracking=True
    )

    @api.constrains("contract_id", "account_id")
    def _check_contract(self):
        for issue in self.filtered("contract_id"):
            # sudo: whose contract it is must not depend on who asks.
            own, contract = issue.sudo(), issue.sudo().contract_id
            customer = contract.partner_id.commercial_partner_id
            ours = contract.account_id == own.account_id
            ours = ours or customer == own.partner_id.commercial_partner_id
            if not ours or contract.company_id != own.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(contract)s” is the contract of another customer or company.",
                        contract=contract.display_name,
                    )
                )

    def write(self, vals):
        if "contract_id" in vals and not self._is_engine():
            for issue in self:
                if issue.state in ("closed", "rejected") or not issue._may_word():
                    raise AccessError(
                        self.env._(
                            "“%(name)s”: who raised it and who handles it name its contract, "
                            "before it is closed.",
                            name=issue.display_name,
                        )
                    )
        result = super().write(vals)
        if "contract_id" in vals:
            self._check_readable_links()
        return result

    def _check_readable_links(self):
        """Nor does anybody name a contract he may not read."""
        result = super()._check_readable_links()
        if self.contract_id and not (self.env.su or self._is_engine()):
            self.contract_id.check_access("read")
        return result
