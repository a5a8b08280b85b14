from odoo import fields, models


class KamProductScope(models.Model):
    """What a deal is about, in the words of the company: door operators, guide rails …

    Two deals collide where a customer's project and a scope of them are the same.
    Source: S1n-08, (c2).
    """

    _name = "kam.product.scope"
    _inherit = ["kam.policy.logged"]
    _description = "Product Scope"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean("In Use", default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: for the deals of every company."
    )
