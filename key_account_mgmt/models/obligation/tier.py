from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamTier(models.Model):
    """What is owed to a level, or to another one by reference.  Source: S3, g Q38."""

    _inherit = "kam.tier"

    _policy_unlogged = frozenset({"obligation_reference_since"})

    obligation_reference_id = fields.Many2one(
        "kam.tier",
        "Reference Level",
        ondelete="restrict",
        copy=False,
        domain="[('scheme_id', '=', scheme_id), ('id', '!=', id)]",
    )
    obligation_by_reference = fields.Boolean(
        "Apply by Reference",
        copy=False,
        help="What is owed to the reference level is owed to this one, too.",
    )
    obligation_reference_since = fields.Date(readonly=True, copy=False)
    obligation_policy_ids = fields.One2many(
        "kam.obligation.policy",
        "tier_id",
        "Obligations",
        groups="key_account_mgmt.group_kam_member,key_account_mgmt.group_kam_admin,"
        "key_account_mgmt.group_kam_auditor",
    )

    @api.constrains("obligation_reference_id", "obligation_by_reference")
    def _check_obligation_reference(self):
        for tier in self:
            reference = tier.obligation_reference_id
            if tier.obligation_by_reference and not reference:
                raise ValidationError(
                    self.env._("Choose the level by whose reference “%(tier)s” is served.",
                               tier=tier.name)
                )  # fmt: skip
            if reference == tier or (reference and reference.scheme_id != tier.scheme_id):
                raise ValidationError(
                    self.env._("The reference level is another level of the same scheme.")
                )

    def write(self, vals):
        vals = {n: v for n, v in vals.items() if n != "obligation_reference_since"}
        changed = self.browse()
        if {"obligation_reference_id", "obligation_by_reference"} & vals.keys():
            Obligation = self.env["kam.obligation"]
            if self.env.registry.ready and Obligation._has_begun():
                Obligation._catch_up_begun()
                changed = self
        result = super().write(vals)
        if changed:
            today = self.env.company._kam_today()
            super(KamTier, changed).write({"obligation_reference_since": today})
        return result
