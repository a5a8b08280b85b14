from odoo import fields, models


class KamPolicyDoc(models.Model):
    """The written policy itself, for everybody to read beside the screens it governs.

    Source: S0-01, S0-03, S2-01, S3-01, S3-02.
    """

    _name = "kam.policy.doc"
    _inherit = ["kam.policy.logged"]
    _description = "Policy Document"
    _order = "effective_date desc, id desc"

    _policy_local = frozenset({"attachment_ids"})

    name = fields.Char("Title", required=True, translate=True)
    version = fields.Char(required=True, default="1")
    effective_date = fields.Date()
    company_id = fields.Many2one("res.company", index=True, help="Empty: every company.")
    body = fields.Html("Text", translate=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    active = fields.Boolean("In Use", default=True)
