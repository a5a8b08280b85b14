from odoo import models

AREA = "key_account_mgmt.group_kam_area_negotiation"


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _kam_deal_steps(self):
        """The negotiation of the deal, where the area is on.  Beginning one is no next step
        while a bid is running."""
        steps = super()._kam_deal_steps()
        if not self.env.user.has_group(AREA):
            return steps
        # sudo: where the deal stands, also for a member who may not read the opportunity.
        lead = self.sudo()
        may = lead.type == "opportunity" and lead.won_status != "lost"
        may = may and not any(step["code"] == "bid" and step["running"] for step in steps)
        may = may and self.has_access("read") and self.env["kam.negotiation"].has_access("create")
        button = (self.env._("Negotiate"), "action_kam_negotiate") if may else ()
        return [
            *steps,
            self._kam_step_of("kam.negotiation", self.env._("Negotiation"), *button),
        ]

    def action_kam_negotiate(self):
        """Prepare a negotiation of this opportunity; nothing it knows is typed again.

        Source: S0-92.
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["kam.negotiation"]._prepare_action({"default_lead_id": self.id})
