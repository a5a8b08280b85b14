from odoo import api, fields, models
from odoo.exceptions import UserError

from .pursuit import MEMBER, RUNNING

AREA = "key_account_mgmt.group_kam_area_pursuit"


class CrmLead(models.Model):
    """Collision is shown before the salesperson invests time.  Source: users §3.3."""

    _inherit = "crm.lead"

    kam_collision = fields.Text("Registered by Others", compute="_compute_kam_collision")
    kam_pursuit_ids = fields.One2many(
        "kam.pursuit",
        "lead_id",
        "Pursuits",
        groups="key_account_mgmt.group_kam_member,key_account_mgmt.group_kam_admin,"
        "key_account_mgmt.group_kam_auditor",
    )

    @api.depends(
        "partner_id",
        "partner_name",
        "kam_project",
        "kam_scope_ids",
        "company_id",
        "type",
        "won_status",
    )
    @api.depends_context("uid", "lang", "company")
    def _compute_kam_collision(self):
        Pursuit = self.env["kam.pursuit"]
        asked = self._kam_sees_pursuits()
        for lead in self:
            lead.kam_collision = False
            known = lead.partner_id or lead.partner_name
            if not asked or lead.type != "opportunity" or not known:
                continue
            # What is won or lost is no time to be saved any more.
            if lead.won_status != "pending":
                continue
            # sudo: our own do not collide with us.
            mine = Pursuit.sudo().browse()
            if lead._origin:
                mine = mine.search([("lead_id", "=", lead._origin.id)])
            company = lead.company_id or self.env.company
            found = mine._collisions(
                lead.partner_id,
                lead.kam_project,
                lead.kam_scope_ids._origin,
                company,
                lead.partner_name,
            )
            lead.kam_collision = Pursuit._collision_text(found) or False

    @api.model
    def _kam_sees_pursuits(self):
        return self.env.user.has_group(AREA) and self.env.user.has_group(MEMBER)

    # Ribbon --------------------------------------------------------------------------

    def _kam_deal_steps(self):
        steps = super()._kam_deal_steps()
        if not self.env.user.has_group(AREA):
            return steps
        # sudo: where the deal stands, also for a member who may not read the opportunity.
        lead = self.sudo()
        may = self.has_access("read") and self.env["kam.pursuit"].has_access("create")
        may = may and lead.won_status == "pending" and lead.type == "opportunity"
        button = may and self.env._("Apply for a Pursuit")
        label = self.env._("Pursuit")
        return [
            *steps,
            self._kam_step_of("kam.pursuit", label, button or None, "action_kam_apply_pursuit"),
        ]

    def action_kam_apply_pursuit(self):
        """The application, filled in with what the opportunity knows."""
        self.ensure_one()
        self.check_access("read")
        Pursuit = self.env["kam.pursuit"]
        Pursuit.check_access("create")
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer first."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Apply for a Pursuit"),
            "res_model": Pursuit._name,
            "view_mode": "form",
            "context": {"default_lead_id": self.id},
        }

    # What was registered -------------------------------------------------------------

    def write(self, vals):
        """A registration does not move onto what another one protects; who pursues what
        was won or lost here hears of it."""
        moved = {"kam_project", "kam_scope_ids"} & vals.keys()
        pursuits = self._kam_registered() if moved else self.env["kam.pursuit"]
        before = pursuits._registered_marks()
        ends = vals.get("probability") in (0, 100) or vals.get("active") is False
        ends = ends or bool(vals.get("stage_id"))
        pending = self.filtered(lambda lead: lead.won_status == "pending") if ends else self[:0]
        result = super().write(vals)
        pursuits._check_registered(before)
        pending._kam_tell_pursuits()
        return result

    def _kam_tell_pursuits(self):
        """An opportunity that ended does not end its pursuit, which keeps its protection:
        its responsible person is told to."""
        ended = self.filtered(lambda lead: lead.won_status != "pending")
        if not ended:
            return
        # sudo: whoever closes the opportunity need not see its pursuit.
        pursuits = self.env["kam.pursuit"].sudo().search([("lead_id", "in", ended.ids)])
        for pursuit in pursuits.filtered("lead_result"):
            own = pursuit.with_context(lang=pursuit.user_id.lang)
            pursuit._tell_responsible(
                f"lead_{pursuit.lead_result}",
                own.env._("The pursuit still runs and keeps its protection: close it."),
            )

    def _kam_registered(self):
        # sudo: what is protected, readable or not.
        pursuits = self.env["kam.pursuit"].sudo()
        return pursuits.search([("lead_id", "in", self.ids), ("is_protected", "=", True)])

    @api.model
    def _kam_move_deal(self, old, new):
        """:raise UserError: two running pursuits would be of one opportunity"""
        # sudo: what runs counts, readable or not.
        running = [("lead_id", "in", (old | new).ids), ("state", "in", RUNNING)]
        pursuits = self.env["kam.pursuit"].sudo().search(running)
        if len(pursuits) > 1:
            raise UserError(
                self.env._(
                    "Each of these opportunities has its own running pursuit: %(names)s. Cancel "
                    "all but one before you merge.",
                    names=", ".join(p.number or p._deal_step()["label"] for p in pursuits),
                )
            )
        return super()._kam_move_deal(old, new)

    # Results -------------------------------------------------------------------------

    def _kam_running_pursuits(self, document):
        """Pursuits that a later document's result ends, unrestricted."""
        if document._name == "kam.pursuit":
            return self.env["kam.pursuit"].sudo()
        # sudo: the result concerns the pursuit, readable or not.
        pursuits = self.env["kam.pursuit"].sudo().search([("lead_id", "=", self.id)])
        return pursuits.filtered(lambda pursuit: pursuit.state in RUNNING)

    def _kam_result_changes(self, document, result):
        names = {"won": self.env._("won"), "lost": self.env._("lost")}
        return [
            *super()._kam_result_changes(document, result),
            *(
                self.env._(
                    "The pursuit %(name)s becomes %(result)s; its open steps are dropped.",
                    name=pursuit.display_name,
                    result=names[result],
                )
                for pursuit in self._kam_running_pursuits(document)
            ),
        ]

    def _kam_apply_result(self, document, result):
        pursuits = self._kam_running_pursuits(document)
        applied = super()._kam_apply_result(document, result)
        pursuits._finish(result)
        self.env["kam.notice"]._settle("pursuit", pursuits)
        return applied
