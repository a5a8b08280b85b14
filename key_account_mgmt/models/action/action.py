from odoo import fields, models


class KamAction(models.Model):
    """A promise with an owner and a due date, whatever document it was made in.

    One table, one screen, one on-time figure.  A domain whose documents promise something
    adds its own Many2one (``ondelete="cascade"``); at most one of them is set.
    Source: S0-77, design §2.
    """

    _name = "kam.action"
    _description = "Action"
    _order = "date_due, id"

    name = fields.Char("What", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    date_due = fields.Date("Due", required=True, index=True)
    state = fields.Selection(
        [("open", "Open"), ("done", "Done"), ("cancelled", "Cancelled")],
        required=True,
        default="open",
        readonly=True,
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company.root_id
    )
