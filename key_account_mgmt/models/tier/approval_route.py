from odoo import fields, models


class KamApprovalRoute(models.Model):
    _inherit = "kam.approval.route"

    tier_ids = fields.Many2many(
        "kam.tier", string="Customer's Tier", help="Any of them; empty: every customer."
    )

    def _mismatches(self, document):
        reasons = super()._mismatches(document)
        if self.tier_ids:
            partner = document._approval_partner().commercial_partner_id
            account = self.env["kam.account"].sudo().search(
                [
                    ("partner_id", "in", partner.ids),
                    ("company_id", "=", document._approval_company().root_id.id),
                ],
                limit=1,
            )  # fmt: skip
            if not (account.tier_id | account.label_ids) & self.tier_ids:
                reasons.append(
                    self.env._(
                        "the customer's tier is not one of %(tiers)s",
                        tiers=", ".join(self.tier_ids.mapped("name")),
                    )
                )
        return reasons
