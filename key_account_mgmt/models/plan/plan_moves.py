from odoo import fields, models
from odoo.exceptions import UserError

from .plan import ALIVE, REQUIRED

TOPIC = "plan"


class KamPlan(models.Model):
    """How a plan goes on: confirm, start, revise, finish, cancel.  Source: (c3)."""

    _inherit = "kam.plan"

    def action_confirm(self):
        """Confirm what is to be done, by whom and until when.

        Asks for every text of its kind and at least one step; a step of a new plan is due
        today or later.  A plan whose time has begun runs at once.
        Raises ``UserError`` naming what is missing.  Source: S0-71, S0-72, S1l-11.
        """
        self.check_access("write")
        drafts = self.filtered(lambda plan: plan.state == "draft")
        drafts._check_led()
        for plan in drafts:
            plan._check_complete()
        for plan in drafts:
            first = not plan.confirmed_on
            begun = plan.date_from <= plan.company_id._kam_today()
            plan._as_engine().write(
                {
                    "state": "running" if begun else "confirmed",
                    "confirmed_on": fields.Datetime.now(),
                    "confirmed_by_id": self.env.uid,
                }
            )
            if first:
                plan.action_ids._tell_owner()
        self.env["kam.notice"]._settle(TOPIC, drafts)
        return True

    def _check_complete(self):
        missing = [
            self._fields[name]._description_string(self.env)
            for name in REQUIRED[self.kind]
            if not (self[name] or "").strip()
        ]
        # sudo: every step counts, whoever's it is.
        steps = self.action_ids.sudo().filtered(lambda step: step.state != "cancelled")
        if not steps:
            missing.append(self.env._("at least one step with its day and owner"))
        if missing:
            raise UserError(
                self.env._(
                    "“%(plan)s” cannot be confirmed yet. Missing: %(what)s.",
                    plan=self.name,
                    what=", ".join(missing),
                )
            )
        today = self.company_id._kam_today()
        passed = steps.filtered(lambda step: step.state == "open" and step.date_due < today)
        if passed and not self.confirmed_on:
            raise UserError(
                self.env._(
                    "“%(step)s” would be overdue at once: move its day.", step=passed[0].name
                )
            )

    def action_start(self):
        """Begin before the first day."""
        self.check_access("write")
        confirmed = self.filtered(lambda plan: plan.state == "confirmed")
        confirmed._check_led()
        confirmed._as_engine().write({"state": "running"})
        return True

    def action_revise(self):
        """Ask why, keep this version and open the plan for changes."""
        return self._move_action("revise", self.env._("Revise Plan"))

    def action_done(self):
        """Ask what came of it."""
        return self._move_action("done", self.env._("Finish Plan"))

    def action_cancel(self):
        """Ask why it is not to be done any more."""
        return self._move_action("cancel", self.env._("Cancel Plan"))

    def _move_action(self, move, name):
        self.ensure_one()
        self.check_access("write")
        self._check_led()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "kam.plan.move.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_plan_id": self.id, "default_move": move},
        }

    def _check_text(self, text):
        if not (text or "").strip():
            raise UserError(self.env._("Say why, or what came of it: it stays on the plan."))
        return text.strip()

    def _revise(self, reason):
        """Keep this version and open the plan again.  Source: S0-81, S1k-07.

        :param reason: why the plan changes, stays on the version kept
        """
        self.ensure_one()
        self.check_access("write")
        self._check_led()
        reason = self._check_text(reason)
        if self.state not in ("confirmed", "running"):
            raise UserError(self.env._("Only a confirmed or running plan is revised."))
        self.env["kam.plan.revision"]._keep(self, reason)
        self.invalidate_recordset(["revision_ids"])
        self._as_engine().write({"state": "draft", "version": self.version + 1})

    def _finish(self, outcome):
        """Done, with what came of it; no step may be open."""
        self.ensure_one()
        self.check_access("write")
        self._check_led()
        outcome = self._check_text(outcome)
        if self.state not in ("confirmed", "running"):
            raise UserError(self.env._("Only a confirmed or running plan is finished."))
        # sudo: every step counts, whoever's it is.
        still_open = self.action_ids.sudo().filtered(lambda step: step.state == "open")
        if still_open:
            raise UserError(
                self.env._(
                    "Still open: %(steps)s. Tick them off or cancel them first.",
                    steps=", ".join(still_open.mapped("name")),
                )
            )
        self._close("done", outcome=outcome)

    def _cancel(self, reason):
        """Not to be done any more; its open steps neither."""
        self.ensure_one()
        self.check_access("write")
        self._check_led()
        reason = self._check_text(reason)
        if self.state not in ALIVE:
            raise UserError(self.env._("“%(plan)s” is closed.", plan=self.name))
        # sudo: whoever leads the plan closes its steps, whoever's they are.
        steps = self.action_ids.sudo().filtered(lambda step: step.state == "open")
        if self.confirmed_on:
            steps._cancel(reason)
        else:
            steps.unlink()
        self._close("cancelled", cancel_reason=reason)

    def _close(self, state, **values):
        self._as_engine().write(
            {
                "state": state,
                "closed_on": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
                **values,
            }
        )
        self.env["kam.notice"]._settle(TOPIC, self)

    def action_plan_first_visit(self):
        """Open the visit there is, or plan one.  Source: S0-71."""
        self.ensure_one()
        self.check_access("read")
        if not self.account_id:
            raise UserError(self.env._("Choose the account first: a visit is made to it."))
        if self.first_visit_id:
            return self.first_visit_id.get_formview_action()
        purpose = self.env.ref("key_account_mgmt.kam_visit_purpose_first", raise_if_not_found=False)
        row = {"account_id": self.account_id.id}
        if purpose:
            row["purpose_id"] = purpose.id
        if self.first_visit_date:
            row["day"] = self.first_visit_date
        return self.env["kam.visit"]._plan_action([row])

    def action_open_steps(self):
        """The steps in the list of actions."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_action_action")
        return action | {"domain": [("plan_id", "=", self.id)], "context": {}}
