from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.onboarding.models.onboarding_progress import ONBOARDING_PROGRESS_STATES

OPEN = "action_kam_open_"
ONBOARDING = "key_account_mgmt.kam_onboarding"


class OnboardingStep(models.Model):
    """Steps that lead a new company, on Odoo's onboarding records.

    A step opens its screen with ``action_kam_open_<code>``.  It turns done by itself once
    ``_kam_is_done_<code>(company)`` finds the data, or by the administrator's word where
    ``_kam_confirm_texts`` has a sentence for it; progress is kept per root company.
    """

    _inherit = "onboarding.onboarding.step"

    kam_state = fields.Selection(ONBOARDING_PROGRESS_STATES, "State", compute="_compute_kam_state")
    kam_confirm_text = fields.Char("By Your Word", compute="_compute_kam_state")

    @api.model
    def _kam_steps(self):
        """Our steps, at the company whose data they are about."""
        # sudo: what is configured is no secret; who may change it is checked on acting.
        steps = self.sudo().env.ref(ONBOARDING, raise_if_not_found=False)
        steps = steps.step_ids if steps else self.sudo().browse()
        return steps.with_company(self.env.company.sudo().root_id)

    @api.model
    def _kam_all_done(self):
        return all(step._kam_state() != "not_done" for step in self._kam_steps())

    @api.depends_context("company", "lang")
    @api.depends("current_step_state")
    def _compute_kam_state(self):
        ours = self._kam_steps()
        texts = self._kam_confirm_texts()
        for step in self:
            state = (ours & step.sudo())._kam_state() if step.id in ours.ids else False
            step.kam_state = state
            step.kam_confirm_text = state == "not_done" and texts.get(step._kam_code())

    def _kam_code(self):
        return (self.panel_step_open_action_name or "").removeprefix(OPEN)

    def _kam_state(self):
        """Of one step, from its progress and from the data; nothing is written."""
        self.ensure_one()
        state = self.current_step_state
        if state != "not_done":
            return state
        hook = f"_kam_is_done_{self._kam_code()}"
        if hasattr(self, hook) and getattr(self, hook)(self.env.company):
            return "done"
        return "not_done"

    @api.model
    def _kam_confirm_texts(self):
        """``{code of a step: button by which the administrator calls it done}``; hook."""
        return {}

    def _kam_check(self):
        """One of our steps, and the administrator; returns it at his root company."""
        self.ensure_one()
        if not self.env.user.has_group("key_account_mgmt.group_kam_admin"):
            raise AccessError(self.env._("Only the administrator sets key accounts up."))
        step = self._kam_steps().filtered(lambda s: s.id == self.id)
        if not step:
            raise AccessError(self.env._("This is no step of setting up key accounts."))
        return step

    def action_kam_open(self):
        """Open the screen on which the step is done."""
        self._kam_check()._kam_record_progress()
        name = self.sudo().panel_step_open_action_name
        return getattr(self, f"{OPEN}{name.removeprefix(OPEN)}")()

    def action_kam_confirm(self):
        """The administrator says that the step is done."""
        step = self._kam_check()
        if step._kam_code() not in self._kam_confirm_texts():
            raise AccessError(self.env._("This step is done by its data, not by a word."))
        step._kam_record_progress()
        step.action_set_just_done()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _kam_record_progress(self):
        """Write into Odoo's progress what the data say; earlier steps are not news any more."""
        steps = self._kam_steps()
        steps.env.ref(ONBOARDING)._search_or_create_progress()
        steps.current_progress_step_id.action_consolidate_just_done()
        steps.filtered(
            lambda s: s.current_step_state == "not_done" and s._kam_state() == "done"
        ).action_set_just_done()
