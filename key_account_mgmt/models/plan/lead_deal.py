from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.guarded import ENGINE

READERS = (
    "key_account_mgmt.group_kam_member,key_account_mgmt.group_kam_admin,"
    "key_account_mgmt.group_kam_auditor"
)


class CrmLead(models.Model):
    """Referrals of an opportunity, who owns its stages, and how they are handed over.

    Source: S1r-14, S1r-18, S1r-20.
    """

    _inherit = "crm.lead"

    kam_referral_ids = fields.One2many("kam.referral", "lead_id", "Referrals", groups=READERS)
    kam_stage_owner_ids = fields.One2many(
        "kam.stage.owner", "lead_id", "Stage Owners", groups=READERS
    )
    kam_stage_handover_ids = fields.One2many(
        "kam.stage.handover", "lead_id", "Hand-Overs of Stages", groups=READERS
    )
    kam_has_stage_owners = fields.Boolean(
        "Works with Stage Owners", compute="_compute_kam_has_stage_owners"
    )

    @api.depends("company_id", "type")
    @api.depends_context("company")
    def _compute_kam_has_stage_owners(self):
        for lead in self:
            lead.kam_has_stage_owners = lead.type == "opportunity" and lead._kam_works_in_stages()

    def _kam_works_in_stages(self):
        company = self.company_id or self.env.company
        return company._kam_lead_rule("kam_stage_owners")

    def _kam_stage_owner(self, stage):
        """Who owns a stage of this opportunity, unrestricted; nobody, where nobody does."""
        # sudo: who owns which stage decides about the move, readable or not.
        owners = self.sudo().kam_stage_owner_ids
        return owners.filtered(lambda owner: owner.stage_id == stage).user_id

    def _kam_stage_receiver(self, stage):
        """Whoever has to accept the opportunity before it enters ``stage``; nobody, where
        it stays with its owner, is won, or the stage has no owner."""
        self.ensure_one()
        receiver = self._kam_stage_owner(stage)
        now = self._kam_stage_owner(self.sudo().stage_id) or self.sudo().user_id
        if stage == self.sudo().stage_id or stage.is_won or receiver == now:
            return receiver.browse()
        return receiver

    def write(self, vals):
        if vals.get("stage_id"):
            self._kam_check_stage(vals["stage_id"])
        return super().write(vals)

    def _kam_check_stage(self, stage_id):
        """:raise UserError: the stage belongs to somebody who has not accepted it

        Only an accepted hand-over passes, known by the engine's token.
        """
        if self.env.context.get("kam_engine") is ENGINE:
            return
        stage = self.env["crm.stage"].browse(stage_id)
        for lead in self:
            if lead.type != "opportunity" or not lead._kam_works_in_stages():
                continue
            receiver = lead._kam_stage_receiver(stage)
            if receiver:
                raise UserError(
                    self.env._(
                        "“%(stage)s” belongs to %(name)s: press “Hand Over” on the opportunity. "
                        "It moves when the hand-over is accepted.",
                        stage=stage.name,
                        name=receiver.sudo().name,
                    )
                )

    def action_kam_hand_over(self):
        """Ask which stage is next, and what its owner should know."""
        self.ensure_one()
        self.check_access("write")
        if not self.kam_has_stage_owners:
            raise UserError(self.env._("Stage owners are switched off in Settings."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Over"),
            "res_model": "kam.stage.handover.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lead_id": self.id},
        }

    def _kam_hand_over(self, stage, note):
        """Hand the opportunity over to the owner of ``stage``.

        :raise UserError: nothing to hand over, or nothing said
        """
        self.ensure_one()
        self.check_access("write")
        if not self.kam_has_stage_owners:
            raise UserError(self.env._("Stage owners are switched off in Settings."))
        receiver = self._kam_stage_receiver(stage)
        if not receiver:
            raise UserError(
                self.env._("“%(stage)s” needs no hand-over: just move it.", stage=stage.name)
            )
        if not (note or "").strip():
            raise UserError(self.env._("Say what the receiver should know."))
        company = (self.company_id or self.env.company).sudo().root_id
        # sudo and engine: a record of what happened; the rights were checked above.
        handover = (
            self.env["kam.stage.handover"]
            .sudo()
            ._as_engine()
            .create(
                {
                    "lead_id": self.id,
                    "company_id": company.id,
                    "stage_from_id": self.stage_id.id,
                    "stage_to_id": stage.id,
                    "from_user_id": self.env.uid,
                    "to_user_id": receiver.id,
                    "date": company._kam_today(),
                    "note": note.strip(),
                }
            )
        )
        handover._without_engine()._tell_receiver()
        return handover._without_engine().sudo(False)

    @api.model
    def _kam_move_deal(self, old, new):
        """Merged opportunities: referrals and hand-overs go on, stage owners fill gaps."""
        result = super()._kam_move_deal(old, new)
        # sudo and engine: as the merge itself.
        old, new = old.sudo(), new.sudo()
        old.kam_referral_ids._as_engine().write({"lead_id": new.id})
        open_ones = old.kam_stage_handover_ids.filtered(lambda one: one.state == "handed_over")
        for handover in open_ones:
            handover._answer("withdrawn")
        old.kam_stage_handover_ids._as_engine().write({"lead_id": new.id})
        taken = new.kam_stage_owner_ids.stage_id
        for owner in old.kam_stage_owner_ids:
            if owner.stage_id not in taken:
                taken |= owner.stage_id
                owner.lead_id = new
        return result
