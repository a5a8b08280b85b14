from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

TRIP_START = time(9)
TRIP_STEP = timedelta(hours=2)


class KamVisit(models.Model):
    """The dialogs visits are entered with: logged afterwards, planned as one trip, printed
    and sent inside.
    """

    _inherit = "kam.visit"

    @api.model
    def _log_action(self, context):
        """The *Log* dialog with defaults: account, opportunity, contacts."""
        Actions = self.env["ir.actions.actions"]
        action = Actions._for_xml_id("key_account_mgmt.kam_visit_log_action")
        return action | {"context": context}

    @api.model
    def _plan_action(self, rows):
        """The dialog that plans visits as one trip.

        :param rows: list of dicts with ``account_id`` and, where known, ``purpose_id``,
            ``user_id``, ``day`` (date)
        """
        self.check_access("create")
        taken = {}
        lines = [fields.Command.create(self._prepare_plan_line(row, taken)) for row in rows]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan Visits"),
            "res_model": "kam.visit.plan.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": lines},
        }

    @api.model
    def _prepare_plan_line(self, row, taken):
        """One after the other from nine o'clock on; two hours each."""
        account = self.env["kam.account"].browse(row["account_id"])
        # sudo: when a company works is no secret.
        working = account.sudo().company_id._kam_working_time()
        day = fields.Date.to_date(row.get("day")) or working.local_day(fields.Datetime.now())
        today = working.local_day(fields.Datetime.now())
        if day <= today:
            day = account.sudo().company_id._kam_add_days_or_calendar(today, 1, working)
        first = working.tz.localize(datetime.combine(day, TRIP_START)).astimezone(pytz.utc)
        user_id = row.get("user_id") or self.env.uid
        number = taken.get((day, user_id), 0)
        taken[day, user_id] = number + 1
        vals = {
            "account_id": account.id,
            "start": fields.Datetime.to_string(first.replace(tzinfo=None) + TRIP_STEP * number),
            "user_id": user_id,
            "participant_ids": [fields.Command.set([user_id])],
        }
        return vals | ({"purpose_id": row["purpose_id"]} if row.get("purpose_id") else {})

    def action_send_inside(self):
        """Choose colleagues who hear what the report says."""
        self.ensure_one().check_access("read")
        if self.state != "reported":
            raise UserError(self.env._("Hand in the report first, then send it."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Report Inside"),
            "res_model": "kam.visit.send.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_visit_id": self.id},
        }

    def action_open_event(self):
        """The meeting in the calendar."""
        self.ensure_one().check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "calendar.event",
            "res_id": self.event_id.id,
            "view_mode": "form",
        }
