from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.guarded import ENGINE
from .clause_template import CODES

# Kept by the system: what a client sends is passed over.
SYSTEM = {"template_text", "is_mandatory", "is_changed", "company_id"}


class KamContractClause(models.Model):
    """A clause of a contract; where it comes from the library, the difference shows.

    Source: S0-100, S0-101, S1l-14.
    """

    _name = "kam.contract.clause"
    _description = "Clause of a Contract"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one(
        "kam.contract", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Heading", required=True)
    code = fields.Selection(CODES, "Subject", required=True, default="other")
    text = fields.Text()
    template_id = fields.Many2one(
        "kam.contract.clause.template",
        "From the Library",
        index="btree_not_null",
        ondelete="restrict",
    )
    template_text = fields.Text(
        "Our Text", readonly=True, help="What the library said when the contract was drafted."
    )
    is_mandatory = fields.Boolean("Mandatory", readonly=True)
    not_applicable = fields.Boolean()
    reason = fields.Char("Why Not Applicable")
    difference = fields.Char("Customer's Wish", help="How the customer's paper departs from ours.")
    is_changed = fields.Boolean("Departs from Ours", compute="_compute_is_changed", store=True)

    @api.depends("text", "template_text", "template_id", "not_applicable", "difference")
    def _compute_is_changed(self):
        for clause in self:
            same = (clause.text or "").strip() == (clause.template_text or "").strip()
            clause.is_changed = bool(
                clause.not_applicable or clause.difference or not clause.template_id or not same
            )

    @api.constrains("not_applicable", "reason")
    def _check_reason(self):
        for clause in self:
            if clause.not_applicable and not (clause.reason or "").strip():
                raise ValidationError(
                    self.env._("Say why “%(name)s” does not apply.", name=clause.name)
                )

    def _is_settled(self):
        return bool((self.text or "").strip() or (self.not_applicable and self.reason))

    def _own_headings(self):
        """Those that are called as the library calls them."""
        return self.filtered(
            lambda clause: (
                clause.template_id
                and clause.name == clause.contract_id._in_its_language(clause.template_id).name
            )
        )

    def _take_heading(self):
        """As the library calls it in the language of the contract."""
        for clause in self:
            name = clause.contract_id._in_its_language(clause.template_id).name
            if name != clause.name:
                clause.with_context(kam_engine=ENGINE).write({"name": name})

    # A part of what is approved --------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        clauses = super().create([self._from_library(vals) for vals in vals_list])
        clauses.contract_id._check_part("clause_ids")
        return clauses

    @api.model
    def _from_library(self, vals):
        """What the library says is taken from it, whatever a client sends."""
        template = self.env["kam.contract.clause.template"].browse(vals.get("template_id") or ())
        vals = {name: value for name, value in vals.items() if name not in SYSTEM}
        if not template:
            # Also against a default of the client.
            return {**vals, "template_id": False, "template_text": False, "is_mandatory": False}
        template.check_access("read")
        contract = self.env["kam.contract"].browse(vals.get("contract_id") or ())
        template = contract._in_its_language(template)
        own = contract._fill_in(template.text) if contract else template.text
        # What the customer's paper says has to be read there.
        proposed = False if contract.paper == "customer" else own
        return {
            "name": template.name,
            "sequence": template.sequence,
            **{name: value for name, value in vals.items() if value or name != "name"},
            "template_id": template.id,
            "code": template.code,
            "text": vals.get("text") or proposed,
            "template_text": own,
            "is_mandatory": template.is_mandatory,
        }

    def write(self, vals):
        if self.env.context.get("kam_engine") is not ENGINE:
            fixed = SYSTEM | {"contract_id", "template_id"}
            vals = {name: value for name, value in vals.items() if name not in fixed}
        self.contract_id._check_part("clause_ids")
        return super().write(vals)

    def unlink(self):
        self.contract_id._check_part("clause_ids")
        return super().unlink()
