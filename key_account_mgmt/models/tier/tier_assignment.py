from odoo import api, fields, models
from odoo.fields import Domain


class KamTierAssignment(models.Model):
    """Dated history: which level an account holds in a scheme, since when and why.

    Valid from ``date_from`` up to, not including, ``date_to``; an open one has no end.
    Written only by applying a decision.  Source: S0-36, S2-04, S2-25.
    """

    _name = "kam.tier.assignment"
    _inherit = ["kam.guarded"]
    _description = "Tier Assignment"
    _order = "date_from desc, id desc"
    _rec_name = "tier_id"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    account_id = fields.Many2one("kam.account", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True)
    user_id = fields.Many2one(related="account_id.user_id", string="Lead Account Manager")
    scheme_id = fields.Many2one("kam.tier.scheme", required=True, index=True, ondelete="restrict")
    exclusive = fields.Boolean(required=True)
    tier_id = fields.Many2one("kam.tier", required=True, index=True, ondelete="restrict")
    previous_tier_id = fields.Many2one("kam.tier", ondelete="restrict")
    direction = fields.Selection(
        [("up", "Upgrade"), ("down", "Downgrade"), ("new", "New"), ("added", "Label Added")],
    )
    date_from = fields.Date("Since", required=True)
    date_to = fields.Date("Ended On", index="btree_not_null")
    origin = fields.Selection(
        [
            ("evaluation", "Evaluation"),
            ("auto", "Automatic"),
            ("opening", "Opening Classification"),
            ("merge", "Merged Contact"),
        ],
        required=True,
    )
    is_inherited = fields.Boolean(
        "From the Group", help="Held because the head of the account group holds it."
    )
    evaluation_line_id = fields.Many2one(
        "kam.tier.evaluation.line", index="btree_not_null", ondelete="restrict"
    )
    evaluation_id = fields.Many2one(related="evaluation_line_id.evaluation_id")
    reason = fields.Char()

    _open_tier_uniq = models.UniqueIndex(
        "(account_id, scheme_id, tier_id) WHERE date_to IS NULL",
        "The account holds this level already.",
    )
    _open_scheme_uniq = models.UniqueIndex(
        "(account_id, scheme_id) WHERE date_to IS NULL AND exclusive",
        "The account holds another level of this scheme: it must be closed first.",
    )
    _dates_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A tier cannot end before it began.",
    )

    @api.model
    def _open_domain(self, schemes, company):
        return Domain("date_to", "=", False) & Domain(
            [("scheme_id", "in", schemes.ids), ("company_id", "=", company.root_id.id)]
        )

    def _close(self, day):
        """End open assignments on ``day``; flushed, so that successors can be opened."""
        if self:
            self.write({"date_to": day})
            self.flush_recordset(["date_to"])

    def action_open_evaluation(self):
        """The line of the evaluation this level comes from."""
        self.ensure_one()
        return self.evaluation_line_id.action_open()
