from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..review.review_kind import PERIODS


class KamContractCheckPolicy(models.Model):
    """Which contracts are checked, and which customers hear of the progress, how often.

    The first policy that fits a contract decides, in their order; a contract no policy
    names is neither checked nor reported.  Source: S0-109, S0-111, g Q18.
    """

    _name = "kam.contract.check.policy"
    _inherit = ["kam.policy.logged"]
    _description = "Contract Check Policy"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Use", default=True)
    tier_ids = fields.Many2many(
        "kam.tier", string="Tiers", help="Empty: customers of every tier, and of none."
    )
    key_accounts_only = fields.Boolean(help="Only contracts of key accounts.")
    contract_kind = fields.Selection(
        [("frame", "Frame Contract"), ("single", "Single Contract")],
        "Kind of Contract",
        help="Empty: both.",
    )
    amount_from = fields.Float(
        "Amount from", help="In the currency of the company, at the contract's beginning."
    )
    check_period = fields.Selection(
        PERIODS, "Checked", default="month", help="Empty: these contracts are not checked."
    )
    report_period = fields.Selection(
        PERIODS, "Customer Reported to", default="month", help="Empty: no progress report."
    )
    due_days = fields.Integer(
        "Due within", default=5, help="Working days after the end of the period."
    )

    _code_uniq = models.UniqueIndex("(code)", "Another policy has this code.")

    @api.constrains("due_days", "amount_from")
    def _check_figures(self):
        for policy in self:
            if policy.due_days < 0 or policy.amount_from < 0:
                raise ValidationError(self.env._("Days and amounts cannot be negative."))

    def _fits(self, contract, amount):
        """Whether this policy names ``contract``.

        :param amount: of the contract, in company currency
        """
        self.ensure_one()
        account = contract.account_id
        return (
            (not self.contract_kind or self.contract_kind == contract.kind)
            and amount >= self.amount_from
            and (not self.key_accounts_only or account.is_key_account)
            and (not self.tier_ids or account.tier_id in self.tier_ids)
        )

    @api.model
    def _for_contracts(self, contracts):
        """``{contract: policy}``; contracts no policy names are missing.  Unrestricted."""
        policies = self.sudo().search([("active", "=", True)])
        found = {}
        for contract in contracts.sudo():
            company = contract.company_id
            amount = contract.currency_id._convert(
                contract.amount_in_force,
                company.currency_id,
                company,
                contract.date_from or company._kam_today(),
            )
            policy = next((p for p in policies if p._fits(contract, amount)), None)
            if policy:
                found[contract] = policy
        return found
