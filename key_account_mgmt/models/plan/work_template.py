from odoo import api, fields, models

QUARTERS = [("1", "Q1"), ("2", "Q2"), ("3", "Q3"), ("4", "Q4")]


class KamWorkTemplate(models.Model):
    """What the programme does in each quarter of every year.

    Source: S1q-24, S1q-25, S1q-26, S1q-27.
    """

    _name = "kam.work.template"
    _inherit = ["kam.policy.logged"]
    _description = "Yearly Work"
    _order = "quarter, sequence, id"

    name = fields.Char("What", required=True, translate=True)
    quarter = fields.Selection(QUARTERS, required=True, default="1")
    sequence = fields.Integer(default=10)
    measure = fields.Selection("_selection_measure", "Measured By", required=True, default="manual")
    target = fields.Float("Target (%)", default=100.0)
    company_id = fields.Many2one("res.company", help="Empty: for every company.")
    active = fields.Boolean("In Use", default=True)

    _target_check = models.Constraint(
        "CHECK (target BETWEEN 0 AND 100)", "A target is between 0 and 100 percent."
    )

    @api.model
    def _selection_measure(self):
        return self.env["kam.work.calendar.line"]._measures()
