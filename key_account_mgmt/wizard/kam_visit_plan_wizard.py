from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class KamVisitPlanWizard(models.TransientModel):
    """One trip: a meeting for each account, or one visit for several members of a group.

    Source: users §2.
    """

    _name = "kam.visit.plan.wizard"
    _description = "Plan Visits"

    line_ids = fields.One2many("kam.visit.plan.line", "wizard_id", "Visits")
    location = fields.Char("Place", help="The town of the trip, for all of them.")
    day = fields.Date("All on", help="Puts all visits on one day; the hours stay.")
    one_visit = fields.Boolean(
        "One Visit for All", help="For members of one account group met together."
    )

    @api.onchange("day")
    def _onchange_day(self):
        for line in self.line_ids:
            if self.day and line.start:
                here = fields.Datetime.context_timestamp(self, line.start)
                line.start += timedelta(days=(self.day - here.date()).days)

    def action_plan(self):
        """Make the visits and their meetings.

        :raise UserError: no line, a time that is over
        """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Add at least one account to visit."))
        Visit = self.env["kam.visit"]
        for line in self.line_ids:
            Visit._check_to_come(line.start)
        vals_list = [line._prepare_visit() for line in self.line_ids]
        if self.one_visit:
            vals_list = [self._joined(vals_list)]
        visits = Visit.create(vals_list)
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_visit_action")
        if len(visits) == 1:
            return action | {"res_id": visits.id, "views": [(False, "form")], "context": {}}
        return action | {"domain": [("id", "in", visits.ids)], "context": {}}

    def _joined(self, vals_list):
        """The first line's visit, also for the accounts and with the people of the others."""
        accounts, people = self.line_ids.account_id, self.line_ids.participant_ids
        first = self.line_ids[0].account_id
        return {
            **vals_list[0],
            "also_account_ids": [fields.Command.set((accounts - first).ids)],
            "participant_ids": [fields.Command.set(people.ids)],
        }


class KamVisitPlanLine(models.TransientModel):
    _name = "kam.visit.plan.line"
    _description = "Visit to Plan"
    _order = "start, id"

    wizard_id = fields.Many2one("kam.visit.plan.wizard", required=True, ondelete="cascade")
    account_id = fields.Many2one("kam.account", required=True)
    purpose_id = fields.Many2one(
        "kam.visit.purpose",
        required=True,
        default=lambda self: self.env["kam.visit.purpose"].search([], limit=1),
    )
    mode_id = fields.Many2one(
        "kam.visit.mode",
        "How",
        required=True,
        default=lambda self: self.env["kam.visit.mode"].search([], limit=1),
    )
    start = fields.Datetime("When", required=True)
    duration = fields.Float("Hours", default=1.5, required=True)
    user_id = fields.Many2one(
        "res.users",
        "Organiser",
        required=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    participant_ids = fields.Many2many(
        "res.users",
        string="Our Participants",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )

    def _prepare_visit(self):
        return {
            "account_id": self.account_id.id,
            "purpose_id": self.purpose_id.id,
            "mode_id": self.mode_id.id,
            "start": self.start,
            "stop": self.start + timedelta(hours=self.duration),
            "user_id": self.user_id.id,
            "participant_ids": [fields.Command.set((self.participant_ids or self.user_id).ids)],
            "location": self.wizard_id.location,
        }
