from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamAction(models.Model):
    """A milestone of a contract: who does it by when.  Source: S0-108, design §2."""

    _name = "kam.action"
    _inherit = ["kam.action", "kam.contract.record"]

    contract_id = fields.Many2one(
        "kam.contract", index="btree_not_null", ondelete="cascade", readonly=True
    )
    milestone_ids = fields.One2many("kam.contract.milestone", "action_id", readonly=True)

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "contract_id"]

    def _is_led(self):
        # sudo: who runs the contract, also for an owner who may not read it.
        return self.contract_id.sudo().project_manager_id == self.env.user or super()._is_led()

    @api.model_create_multi
    def create(self, vals_list):
        # Only milestones belong to a contract, and they are made with it.
        if not self._is_engine():
            chosen = self.env.context.get("default_contract_id")
            if any(vals.get("contract_id", chosen) for vals in vals_list):
                self._raise_guarded(["contract_id"])
        return super().create(vals_list)

    def write(self, vals):
        if "contract_id" in vals and not self._is_engine():
            self._raise_guarded(["contract_id"])
        return super().write(vals)

    @api.constrains("date_due", "contract_id")
    def _check_within_contract(self):
        """Nothing is due after the end of the contract.  Source: S0-108."""
        for action in self:
            # sudo: the last day of the contract, for an owner who may not read it.
            end = action.contract_id.sudo()._last_day()
            if end and action.date_due and action.date_due > end:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is due after the end of the contract on %(day)s. Agree on a "
                        "supplementary agreement first, or choose an earlier day.",
                        name=action.name,
                        day=end,
                    )
                )

    def _notice_lines(self):
        # sudo: the owner reads which contract his milestone is for.
        name = self.contract_id.sudo().display_name
        return [*super()._notice_lines(), *([name] if name else [])]
