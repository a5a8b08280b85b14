from odoo import models
from odoo.exceptions import UserError

from .obligation import UNMET, WAIVED_BY_HAND


class KamObligation(models.Model):
    """Buttons."""

    _inherit = "kam.obligation"

    def action_plan_visits(self):
        """Plan visits for several obligations at once; opens the dialog with their rows.

        Raises UserError where none of them is fulfilled by a visit from today on.
        """
        self.check_access("read")
        owed = self.filtered("is_plannable")
        if not owed:
            raise UserError(
                self.env._(
                    "Choose obligations that a visit can still fulfil. A period that is over is "
                    "not made up for: a visit counts for the period it takes place in."
                )
            )
        return self.env["kam.visit"]._plan_action([o._prepare_plan_row() for o in owed])

    def _prepare_plan_row(self):
        today = self.company_id._kam_today()
        performer = self.user_id or self.manager_id or self.env.user
        return {
            "account_id": self.account_id.id,
            "purpose_id": self.kind_id.purpose_ids[:1].id,
            "user_id": performer.id,
            "day": max(self.date_next or today, today),
        }

    def action_waive(self):
        """Ask for the reason, for one or many."""
        return self._open_waive_wizard("waive", self.env._("Waive Obligations"))

    def action_restore(self):
        """Take waivers by hand back."""
        return self._open_waive_wizard("restore", self.env._("Take Waiver Back"))

    def _open_waive_wizard(self, mode, title):
        self.check_access("read")
        self._check_office()
        if mode == "waive":
            chosen = self.filtered(lambda o: o.state in UNMET)
        else:
            chosen = self.filtered(lambda o: o.waive_kind == WAIVED_BY_HAND)
        if not chosen:
            raise UserError(
                self.env._("None of them can be waived: choose open or overdue ones.")
                if mode == "waive"
                else self.env._("None of them was waived by hand.")
            )
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kam.obligation.waive.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_obligation_ids": chosen.ids, "default_mode": mode},
        }

    def action_open_visits(self):
        """The visits that count for these obligations."""
        self.check_access("read")
        found = self._counting_visits()
        ids = sorted({visit_id for ids in found.values() for visit_id in ids})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Visits"),
            "res_model": "kam.visit",
            "view_mode": "list,form",
            "domain": [("id", "in", ids)],
        }

    def action_open_account(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "kam.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
        }
