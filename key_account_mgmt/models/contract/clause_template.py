from odoo import fields, models

# The six every contract has to settle.  Source: S0-100, S0-101
MANDATORY = ("rights", "specification", "price", "delivery", "quality", "service")
CODES = [
    ("rights", "Rights and Duties"),
    ("specification", "Specification of Products or Services"),
    ("price", "Price"),
    ("delivery", "Delivery Time"),
    ("quality", "Quality Standard"),
    ("service", "After-Sales Service"),
    ("payment", "Payment"),
    ("breach", "Breach of Contract"),
    ("disputes", "Settlement of Disputes"),
    ("confidentiality", "Confidentiality"),
    ("other", "Other"),
]


class KamContractClauseTemplate(models.Model):
    """A clause of the library, in our words.  Source: S0-100, S0-101, S1s-02, S1s-08, S1s-10."""

    _name = "kam.contract.clause.template"
    _inherit = ["kam.policy.logged"]
    _description = "Clause of the Library"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Selection(
        CODES, "Subject", required=True, default="other", help="What the clause settles."
    )
    text = fields.Text(
        required=True,
        translate=True,
        help="{customer}, {company}, {amount}, {capitals}, {payment} and {lines} are filled in.",
    )
    is_mandatory = fields.Boolean(
        "Mandatory", help="Settled in every contract, or not applicable for a stated reason."
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: for the contracts of every company."
    )
    active = fields.Boolean("In Use", default=True)
