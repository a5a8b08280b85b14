from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamContractType(models.Model):
    """A kind of contract: its number, its paper, and whether it needs a negotiation.

    Source: (c8), S2-46, users §3.6.
    """

    _name = "kam.contract.type"
    _inherit = ["kam.policy.logged"]
    _description = "Contract Type"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="Begins the number: XS gives XS-2026-001, counted by year."
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [("single", "Single Contract"), ("frame", "Frame Contract")],
        required=True,
        default="single",
        help="A frame contract is called off by orders; its amount is the ceiling.",
    )
    paper = fields.Selection(
        [("template", "Our Template"), ("customer", "Customer's Paper")],
        required=True,
        default="template",
    )
    template_id = fields.Many2one(
        "kam.contract.template", index="btree_not_null", ondelete="restrict"
    )
    needs_negotiation = fields.Boolean(
        default=True,
        help="Without an agreed negotiation an executive has to exempt the contract.",
    )
    free_below = fields.Float(
        "No Negotiation below",
        help="In company currency, for a type that needs none: from this amount on it does; "
        "0: whatever the amount.",
    )
    sign_days = fields.Integer(
        "Days to Sign", default=30, help="From the award notice, else from the agreement."
    )
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: for the contracts of every company."
    )
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Another contract type has this code."
    )
    _sign_days_check = models.Constraint(
        "CHECK (sign_days > 0)", "There must be at least one day to sign."
    )
    _free_below_check = models.Constraint(
        "CHECK (free_below >= 0)", "An amount below zero limits nothing."
    )

    @api.constrains("code")
    def _check_code(self):
        for kind in self:
            if not kind.code.replace("-", "").isalnum():
                raise ValidationError(
                    self.env._("A code is made of letters, digits and hyphens: “%s”.", kind.code)
                )

    def _is_free(self, amount):
        """Whether a contract of this type needs no negotiation.  Source: S2-46.

        :param amount: in company currency
        """
        self.ensure_one()
        return not self.needs_negotiation and (not self.free_below or amount < self.free_below)

    @api.model
    def _default_type(self):
        return self.search([("company_id", "in", (False, self.env.company.root_id.id))], limit=1)
