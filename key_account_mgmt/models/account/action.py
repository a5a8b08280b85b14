from odoo import fields, models


class KamAction(models.Model):
    _inherit = "kam.action"

    # Carries the access: who sees the account sees what was promised to it.
    account_id = fields.Many2one("kam.account", index="btree_not_null", ondelete="restrict")
