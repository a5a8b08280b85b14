from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .issue import SERVICE

MEASURES = [
    ("containment", "Immediate Measure"),
    ("corrective", "Corrective Action"),
    ("preventive", "Preventive Action"),
]
# A corrective or preventive measure is finished when somebody saw that it works.
VERIFIED = ("corrective", "preventive")
UNVERIFIED = {"verified_on": False, "verified_by_id": False, "verify_note": False}


class KamAction(models.Model):
    """Measures of an issue; corrective and preventive ones are verified by somebody else
    than their owner before the issue is closed.  Source: S3-53, (c11).
    """

    _inherit = "kam.action"

    issue_id = fields.Many2one(
        "kam.issue", index="btree_not_null", ondelete="cascade", readonly=True
    )
    issue_measure = fields.Selection(MEASURES, "Kind of Measure", copy=False)
    verified_on = fields.Datetime("Verified", readonly=True, copy=False)
    verified_by_id = fields.Many2one("res.users", "Verified by", readonly=True, copy=False)
    verify_note = fields.Text("What Was Seen", readonly=True, copy=False)
    needs_verification = fields.Boolean("To Verify", compute="_compute_needs_verification")
    can_verify = fields.Boolean(compute="_compute_can_verify")

    @api.depends("issue_measure", "state", "verified_on")
    def _compute_needs_verification(self):
        for action in self:
            action.needs_verification = (
                action.issue_measure in VERIFIED
                and action.state == "done"
                and not action.verified_on
            )

    @api.depends("needs_verification", "user_id", "done_by_id")
    @api.depends_context("uid")
    def _compute_can_verify(self):
        for action in self:
            action.can_verify = action.needs_verification and action._may_verify()

    def _may_verify(self):
        """Whoever works on the issue, but neither the owner nor who ticked it off."""
        return self.env.user not in self.user_id | self.done_by_id

    @api.model
    def _document_fields(self):
        """Also the issue it is a measure of."""
        return [*super()._document_fields(), "issue_id"]

    @api.model
    def _plan_fields(self):
        return [*super()._plan_fields(), "issue_measure"]

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            for vals in vals_list:
                if forged := [name for name in UNVERIFIED if vals.get(name)]:
                    self._raise_guarded(forged)
            vals_list = [self._prepare_measure({**vals, **UNVERIFIED}) for vals in vals_list]
        return super().create(vals_list)

    @api.model
    def _prepare_measure(self, vals):
        """A measure belongs to the issue's account and company, and says what it is."""
        issue_id = vals.get("issue_id", self.env.context.get("default_issue_id"))
        if not issue_id:
            return {**vals, "issue_measure": False}
        issue = self.env["kam.issue"].browse(issue_id)
        # Nobody learns of an issue by adding a measure to it.
        issue.check_access("write")
        if issue.state in ("closed", "rejected"):
            raise UserError(
                self.env._("“%(name)s” is closed. Reopen it first.", name=issue.display_name)
            )
        if not (self.env.su or issue._is_handler()):
            raise AccessError(self.env._("Measures are decided by those who handle the issue."))
        # sudo: the account and company of an issue the user may write.
        own = issue.sudo()
        return {
            **vals,
            "issue_id": issue.id,
            "account_id": own.account_id.id,
            "company_id": own.company_id.id,
            "issue_measure": vals.get("issue_measure")
            or self.env.context.get("default_issue_measure")
            or "corrective",
        }

    def write(self, vals):
        # Whose measure it is, and what was found of it, are not typed.
        forged = [name for name in ("issue_id", *UNVERIFIED) if name in vals]
        if forged and not self._is_engine():
            self._raise_guarded(forged)
        result = super().write(vals)
        if "state" in vals:
            # What was verified is not what is done now.
            changed = self.filtered(lambda a: a.verified_on and a.state != "done")
            if changed:
                changed._as_engine().write(UNVERIFIED)
        return result

    def _check_account_readable(self):
        """Who handles an issue adds its measures, whether he reads the account or not."""
        others = self.filtered(
            lambda a: a.account_id != a.issue_id.sudo().account_id or not a.issue_id
        )
        return super(KamAction, others)._check_account_readable() if others else None

    def _check_documents(self):
        result = super()._check_documents()
        if self.issue_id and not (self.env.su or self._is_engine()):
            self.issue_id.check_access("read")
        return result

    def _is_led(self):
        # sudo: who handles the issue says what is done about it, also where the owner of
        # the measure may not read it.
        issue = self.issue_id.sudo()
        mine = issue and self.env.user in issue.user_id | issue.department_id.manager_id
        service = issue and self.env.user.has_group(SERVICE)
        return bool(mine or service) or super()._is_led()

    def _notice_lines(self):
        # sudo: the owner reads which issue his measure is for.
        name = self.issue_id.sudo().display_name
        return [*super()._notice_lines(), *([name] if name else [])]

    # Verification -------------------------------------------------------------------

    def action_verify_measure(self):
        """Say whether the measure works: neither its owner nor who ticked it off."""
        self.ensure_one()
        self.check_access("read")
        self._check_verifiable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Verify Measure"),
            "res_model": "kam.issue.measure.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_action_id": self.id},
        }

    def _check_verifiable(self):
        """:raise UserError: nothing to verify; AccessError: not by its owner"""
        self.ensure_one()
        if not self.needs_verification:
            raise UserError(
                self.env._("“%(name)s” has nothing to be verified now.", name=self.name)
            )
        self.issue_id.check_access("write")
        if not self._may_verify():
            raise AccessError(
                self.env._(
                    "“%(name)s” is verified by somebody else than %(owner)s, who was to do it.",
                    name=self.name,
                    owner=self.user_id.name,
                )
            )

    def _verify_measure(self, works, note, day=None):
        """Effective, or to be done again by a new day.

        :param works: whether it proved effective
        :param note: what was seen; needed either way
        :param day: the new due day of a measure that did not work
        :raise UserError: without a word, or without a day to come
        """
        self.check_access("read")
        self._check_verifiable()
        note = (note or "").strip()
        if not note:
            raise UserError(self.env._("Say what you saw: it stays with the measure."))
        # sudo: whoever may write the issue, checked above, verifies its measures.
        measure = self.sudo()._as_engine()
        if works:
            measure.write(
                {
                    "verified_on": fields.Datetime.now(),
                    "verified_by_id": self.env.uid,
                    "verify_note": note,
                }
            )
            text = self.env._("Works: %(name)s. %(note)s", name=self.name, note=note)
        else:
            if not day or day < self._today_of(self.company_id.sudo()):
                raise UserError(self.env._("Say by which day to come it is to be done anew."))
            measure.write(
                {
                    "state": "open",
                    "done_on": False,
                    "done_by_id": False,
                    "is_on_time": False,
                    "date_due": day,
                }
            )
            text = self.env._("Does not work yet: %(name)s. %(note)s", name=self.name, note=note)
        self.issue_id._note(text)
        self.issue_id.invalidate_recordset(["missing", "measure_unverified_count"])
