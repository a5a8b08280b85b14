from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare


class KamContractTemplate(models.Model):
    """Our contract paper: its clauses and its payment schedule.  Source: (c8), users §3.6."""

    _name = "kam.contract.template"
    _inherit = ["kam.policy.logged"]
    _description = "Contract Template"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    clause_template_ids = fields.Many2many(
        "kam.contract.clause.template",
        "kam_contract_template_clause_rel",
        "template_id",
        "clause_template_id",
        "Clauses",
    )
    advance_percent = fields.Float("Advance (%)", default=30.0)
    delivery_percent = fields.Float("On Delivery (%)", default=60.0)
    acceptance_percent = fields.Float("On Acceptance (%)")
    retention_percent = fields.Float("Retention (%)", default=10.0)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: for the contracts of every company."
    )
    active = fields.Boolean("In Use", default=True)

    @api.constrains(
        "advance_percent", "delivery_percent", "acceptance_percent", "retention_percent"
    )
    def _check_percents(self):
        for template in self:
            parts = [percent for _kind, percent in template._schedule()]
            if min(parts, default=0) < 0 or float_compare(sum(parts), 100.0, precision_digits=2):
                raise ValidationError(
                    self.env._("The parts of the payment schedule add up to 100 %.")
                )

    def _schedule(self):
        """``[(kind of payment, percent)]`` in the order in which they fall due."""
        self.ensure_one()
        kinds = ("advance", "delivery", "acceptance", "retention")
        return [(kind, self[f"{kind}_percent"]) for kind in kinds if self[f"{kind}_percent"]]
