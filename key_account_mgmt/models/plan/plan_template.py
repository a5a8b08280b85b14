from odoo import fields, models

KINDS = [
    ("development", "Development Plan"),
    ("marketing", "Marketing Plan of a Year"),
    ("cooperation", "Cooperation Plan"),
    ("expansion", "Market Expansion Plan"),
]


class KamPlanTemplate(models.Model):
    """What a plan starts with: texts and dated steps.

    Source: S1b-10, S2-21, S2-32, S2-36.
    """

    _name = "kam.plan.template"
    _inherit = ["kam.policy.logged"]
    _description = "Plan Template"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    kind = fields.Selection(KINDS, required=True, default="development")
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Use", default=True)
    goal = fields.Text(translate=True)
    strategy = fields.Text(translate=True)
    solution = fields.Text("Outline of the Solution", translate=True)
    cooperation_proposal = fields.Text("First Cooperation Proposal", translate=True)
    expected_result = fields.Text(translate=True)
    step_ids = fields.One2many("kam.plan.template.step", "template_id", "Dated Steps", copy=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another plan template has this code.")


class KamPlanTemplateStep(models.Model):
    """A step every plan made from the template begins with."""

    _name = "kam.plan.template.step"
    _inherit = ["kam.policy.logged"]
    _description = "Step of a Plan Template"
    _order = "template_id, days, sequence, id"

    template_id = fields.Many2one(
        "kam.plan.template", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char("What", required=True, translate=True)
    sequence = fields.Integer(default=10)
    days = fields.Integer("Days After the Start", required=True, default=30)

    _days_check = models.Constraint(
        "CHECK (days >= 0)", "A step is due on the first day of the plan or later."
    )

    def _policy_root(self):
        return self.template_id
