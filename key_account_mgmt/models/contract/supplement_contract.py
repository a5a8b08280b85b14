from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# Signed contracts others may be added to.
RUNNING = ("in_force",)


class KamContract(models.Model):
    """Supplementary agreements 补充协议: what changes after signature.

    A child contract with its own rounds, approval and signatures; the contract itself stays
    in force as it was signed.  Source: design §4.5, users §3.6.
    """

    _inherit = "kam.contract"

    supplement_ids = fields.One2many("kam.contract", "parent_id", "Its Supplements")
    supplement_count = fields.Integer("Number of Supplements", compute="_compute_supplement_count")
    supplement_text = fields.Text(
        "What It Changes", help="Of the contract it belongs to: clause, price, term, amount."
    )
    # Under the name by which later domains show amounts of a contract.
    contract_currency_id = fields.Many2one(
        related="currency_id", string="Contract Currency", readonly=False
    )
    amount_in_force = fields.Monetary(
        compute="_compute_in_force",
        help="As signed, with its supplementary agreements in force.",
    )
    date_to_in_force = fields.Date("In Force until", compute="_compute_in_force")

    @api.depends("supplement_ids")
    def _compute_supplement_count(self):
        groups = self.env["kam.contract"]._read_group(
            [("parent_id", "in", self.ids)], ["parent_id"], ["__count"]
        )
        counts = {parent.id: count for parent, count in groups}
        for contract in self:
            contract.supplement_count = counts.get(contract._origin.id, 0)

    @api.depends(
        "amount_total",
        "date_to",
        "supplement_ids.state",
        "supplement_ids.amount_total",
        "supplement_ids.date_to",
    )
    def _compute_in_force(self):
        for contract in self:
            # sudo: what binds us does not depend on who reads it.
            added = contract.sudo().supplement_ids.filtered(
                lambda s: s.state in ("in_force", "completed")
            )
            contract.amount_in_force = contract.amount_total + sum(added.mapped("amount_total"))
            days = [s.date_to for s in added.sorted("signed_on") if s.date_to]
            contract.date_to_in_force = days[-1] if days else contract.date_to

    @api.constrains("parent_id", "company_id", "currency_id")
    def _check_parent(self):
        for contract in self.sudo().filtered("parent_id"):
            parent = contract.parent_id
            if parent.parent_id or parent == contract:
                raise ValidationError(
                    self.env._("A supplementary agreement belongs to the contract itself.")
                )
            if (
                parent.company_id != contract.company_id
                or parent.currency_id != contract.currency_id
            ):
                raise ValidationError(
                    self.env._(
                        "A supplementary agreement has the company and currency of its contract."
                    )
                )
            if parent.partner_id.commercial_partner_id != contract.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._("A supplementary agreement is with the same customer.")
                )

    def action_supplement(self):
        """A supplementary agreement, drafted from this contract.

        :raise UserError: not in force, or itself a supplement
        """
        self.ensure_one()
        self.check_access("read")
        self.check_access("create")
        if self.state not in RUNNING or self.parent_id:
            raise UserError(
                self.env._(
                    "“%(contract)s”: supplementary agreements belong to a contract in force.",
                    contract=self.display_name,
                )
            )
        supplement = self.create(self._prepare_supplement())
        return supplement.get_formview_action()

    def _prepare_supplement(self):
        self.ensure_one()
        number = self.sudo().supplement_count + 1
        return {
            "name": self.env._(
                "%(contract)s, supplement %(number)s", contract=self.name, number=number
            ),
            "parent_id": self.id,
            "kind": self.kind,
            "type_id": self.type_id.id,
            "lead_id": self.lead_id.id,
            "own_partner_id": self.own_partner_id.id or self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "project_manager_id": self.project_manager_id.id,
            "technical_user_id": self.technical_user_id.id,
            "delivery_user_id": self.delivery_user_id.id,
            "date_from": self.company_id._kam_today(),
            "date_to": self.date_to_in_force,
            "amount_total": 0.0,
        }

    def _contract_problems(self):
        problems = super()._contract_problems()
        if self.parent_id:
            if not (self.supplement_text or "").strip():
                problems.append(self.env._("Say what the supplementary agreement changes."))
            if self.sudo().parent_id.state not in RUNNING:
                problems.append(self.env._("The contract it belongs to is not in force."))
        return problems

    def _approval_summary(self):
        """Of which contract, and what that comes to with it."""
        rows = super()._approval_summary()
        if not self.parent_id:
            return rows
        whole = self.parent_id.amount_in_force + self.amount_total
        return [
            (self.env._("Supplement to"), self.parent_id.display_name),
            (self.env._("What It Changes"), self.supplement_text or "–"),
            (
                self.env._("Contract with This Supplement"),
                self.company_id._kam_format_amount(whole, self.currency_id),
            ),
            *rows,
        ]

    def _approval_highlights(self):
        texts = super()._approval_highlights()
        if self.parent_id and self.supplement_text:
            texts.insert(0, self.supplement_text)
        return texts

    def _check_to_sign(self):
        """:raise UserError: also where the contract it changes is not in force any more"""
        result = super()._check_to_sign()
        for contract in self.sudo().filtered("parent_id"):
            if contract.parent_id.state not in RUNNING:
                raise UserError(
                    self.env._(
                        "“%(contract)s” is not in force any more: nothing is added to it.",
                        contract=contract.parent_id.display_name,
                    )
                )
        return result

    def action_supplements(self):
        """The supplementary agreements of this contract."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Supplementary Agreements"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("parent_id", "=", self.id)],
            "context": {"default_parent_id": self.id},
        }
