from odoo import fields, models


class KamNegotiationReading(models.Model):
    """Who opened a bottom line, when, which version and by which right.

    Written with every reading, never by hand; auditors and directors read it, and it says
    nothing of the figures.  Source: design §4.4, users §4.
    """

    _name = "kam.negotiation.reading"
    _inherit = ["kam.guarded"]
    _description = "Reading of a Bottom Line"
    _order = "id desc"
    _rec_name = "negotiation_id"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    negotiation_id = fields.Many2one(
        "kam.negotiation", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    user_id = fields.Many2one("res.users", "Who", required=True, index=True, ondelete="restrict")
    date = fields.Datetime("Time", required=True, index=True)
    version = fields.Integer(required=True, aggregator=None)
    kind = fields.Selection(
        [("read", "Opened"), ("set", "Set")], "What", required=True, default="read"
    )
    reader = fields.Selection(
        [("executive", "Executive of the negotiation"), ("lead", "Authorised lead negotiator")],
        "By Which Right",
        required=True,
    )
    authorization_id = fields.Many2one(
        "kam.negotiation.authorization", ondelete="restrict", index="btree_not_null"
    )
