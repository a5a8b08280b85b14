from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    _inherit = "res.partner"

    kam_account_id = fields.Many2one(
        "kam.account",
        "Account File",
        company_dependent=True,
        # Read along with name and address: badges must not cost a query more.
        prefetch=True,
        readonly=True,
        copy=False,
        help="Set by the account file itself.",
    )

    @api.constrains("kam_account_id")
    def _check_kam_account(self):
        """Only the account file of this very contact and company may stand here."""
        company = self.env.company.root_id
        # sudo: the rule must hold also for files the writer may not see.
        Account = self.env["kam.account"].sudo().with_context(active_test=True)
        accounts = Account.search([("partner_id", "in", self.ids), ("company_id", "=", company.id)])
        by_partner = {account.partner_id.id: account for account in accounts}
        for partner in self:
            expected = by_partner.get(partner.id, accounts.browse())
            if partner.sudo().kam_account_id != expected:
                raise ValidationError(
                    self.env._(
                        "The account file of %(name)s is linked by the system. Use “Open "
                        "account file” on the contact.",
                        name=partner.display_name,
                    )
                )

    def action_kam_open_account(self):
        """Open the account file of this customer, making one for a prospect.

        Source: S0-154.
        """
        self.ensure_one()
        partner = self.commercial_partner_id
        Account = self.env["kam.account"]
        account = partner.kam_account_id
        if not account:
            Account.check_access("create")
            account = Account.create(
                {
                    "partner_id": partner.id,
                    "company_id": self.env.company.root_id.id,
                    "user_id": partner.user_id.id or self.env.uid,
                    "is_target": True,
                }
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "kam.account",
            "res_id": account.id,
            "view_mode": "form",
        }
