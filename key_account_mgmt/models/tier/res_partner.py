from odoo import fields, models

READERS = "key_account_mgmt.group_kam_member,key_account_mgmt.group_kam_auditor"


class ResPartner(models.Model):
    _inherit = "res.partner"

    kam_tier_id = fields.Many2one(
        "kam.tier",
        "Tier",
        related="commercial_partner_id.kam_account_id.tier_id",
        help="Level in the primary scheme; decided by an approved evaluation only.",
    )
    kam_is_key_account = fields.Boolean(
        "Key Account", related="commercial_partner_id.kam_account_id.is_key_account"
    )
    kam_qualification_ids = fields.One2many(
        "kam.qualification", "partner_id", "Qualifications", groups=READERS
    )
    kam_standing_ids = fields.One2many(
        "kam.industry.standing", "partner_id", "Industry Standing", groups=READERS
    )
    kam_expected_sales_ids = fields.One2many(
        "kam.expected.sales", "partner_id", "Expected Sales", groups=READERS
    )

    def _kam_qualify_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assess Customers"),
            "res_model": "kam.qualification.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_ids": self.commercial_partner_id.ids},
        }
