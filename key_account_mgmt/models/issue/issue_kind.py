from odoo import fields, models

CATEGORIES = [
    ("complaint", "Complaint"),
    ("quality", "Quality Problem"),
    ("delivery", "Delivery Delay"),
    ("technical", "Technical Fault"),
    ("service", "After-Sales Service"),
    ("enquiry", "Pre-Sales Enquiry"),
    ("tracking", "Order Tracking"),
    ("suggestion", "Suggestion"),
]


class KamIssueKind(models.Model):
    """What a customer may raise, who usually handles it and what closing it asks for.

    Source: S0-51, S0-53, S1d-10, S2-35, S3-52.
    """

    _name = "kam.issue.kind"
    _inherit = ["kam.policy.logged"]
    _description = "Issue Kind"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    category = fields.Selection(
        CATEGORIES, required=True, default="service", help="What figures count it as."
    )
    description = fields.Char(translate=True)
    department_id = fields.Many2one(
        "kam.department",
        "Usually Handled by",
        ondelete="restrict",
        help="Where nobody of the account's team has the role below.",
    )
    role_id = fields.Many2one(
        "kam.team.role",
        "Role That Handles It",
        ondelete="restrict",
        help="Whoever has this role on the account's team gets the issue at once.",
    )
    needs_root_cause = fields.Boolean("Root Cause Before Closing", default=True)
    needs_preventive = fields.Boolean(
        "Preventive Measure Before Closing",
        help="Closed only with a preventive measure that somebody verified.",
    )
    needs_satisfaction = fields.Boolean(
        "Customer's View Before Closing", help="How the customer found the handling."
    )
    is_visit_default = fields.Boolean(
        "For Problems of Visits", help="What a problem in a visit report becomes."
    )
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another issue kind has this code.")
