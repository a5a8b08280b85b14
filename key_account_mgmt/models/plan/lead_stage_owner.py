from odoo import api, fields, models
from odoo.exceptions import ValidationError

LIMIT = 2


class KamStageOwner(models.Model):
    """Who works on an opportunity in which stage.

    Where the company says so, nobody owns more than two stages of one opportunity.
    An owner reads the opportunity as a member of the deal.  Source: S1r-14, S1r-16.
    """

    _name = "kam.stage.owner"
    _description = "Owner of a Stage"
    _order = "lead_id, stage_id"

    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    stage_id = fields.Many2one("crm.stage", required=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )

    _stage_uniq = models.UniqueIndex(
        "(lead_id, stage_id)", "This stage of the opportunity has an owner already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        owners = super().create([self._prepare_own(vals) for vals in vals_list])
        owners._check_lead()
        owners._sync_team()
        return owners

    @api.model
    def _prepare_own(self, vals):
        lead_id = vals.get("lead_id") or self.env.context.get("default_lead_id")
        lead = self.env["crm.lead"].browse(lead_id if isinstance(lead_id, int) else ())
        # sudo: the company is the deal's; whether the user may change that is checked after.
        company = (lead.sudo().company_id or self.env.company).sudo().root_id
        return {**vals, "company_id": company.id}

    def write(self, vals):
        self._check_lead()
        vals = {name: value for name, value in vals.items() if name != "company_id"}
        result = super().write(vals)
        self._check_lead()
        self._sync_team()
        return result

    def unlink(self):
        self._check_lead()
        for owner in self:
            self.env["kam.deal.member"]._set_team(owner, [])
        return super().unlink()

    def _check_lead(self):
        """Whoever may change the opportunity says who owns its stages."""
        if not self.env.su:
            self.lead_id.check_access("write")

    def _sync_team(self):
        for owner in self:
            self.env["kam.deal.member"]._set_team(owner, [(owner.user_id.id, False, False)])

    @api.constrains("lead_id", "user_id", "stage_id")
    def _check_limit(self):
        """At most two stages of one opportunity per person, where it is switched on."""
        for owner in self:
            if not owner.company_id._kam_lead_rule("kam_stage_limit"):
                continue
            # sudo: all stages count, readable or not.
            mine = owner.sudo().search_count(
                [("lead_id", "=", owner.lead_id.id), ("user_id", "=", owner.user_id.id)]
            )
            if mine > LIMIT:
                raise ValidationError(
                    self.env._(
                        "%(name)s owns %(limit)s stages of this opportunity already.",
                        name=owner.user_id.name,
                        limit=LIMIT,
                    )
                )
