from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    # Nullable and without default: a default would rewrite every journal entry at install.
    kam_end_customer_id = fields.Many2one(
        "res.partner",
        "End Customer",
        index="btree_not_null",
        check_company=True,
        help="Who uses the goods when an agent or trading company is invoiced. Figures "
        "counted by end customer follow this field.",
    )
