from odoo import api, fields, models

from ..models.visit.visit_report_mixin import SATISFACTION


class KamIssueWizard(models.TransientModel):
    """One dialog for the steps of an issue that need a word.

    It decides nothing: every rule stands in ``kam.issue``.
    """

    _name = "kam.issue.wizard"
    _description = "Step of an Issue"

    issue_id = fields.Many2one(
        "kam.issue", "Step of", required=True, readonly=True, ondelete="cascade"
    )
    step = fields.Selection(
        [
            ("reply", "Reply"),
            ("verify", "Verify"),
            ("view", "Customer's View"),
            ("reject", "Reject"),
            ("reopen", "Reopen"),
        ],
        required=True,
        readonly=True,
    )
    # By the user's own rights: choosing a record is no way to read it.
    name = fields.Char(related="issue_id.display_name", string="Issue", related_sudo=False)
    given_reply = fields.Text(related="issue_id.reply", related_sudo=False)
    helped = fields.Boolean("It Helped", default=True)
    satisfaction = fields.Selection(SATISFACTION, "Customer's View of the Handling")
    root_cause = fields.Text(
        compute="_compute_root_cause", store=True, readonly=False, compute_sudo=False
    )
    text = fields.Text()

    @api.depends("issue_id")
    def _compute_root_cause(self):
        for wizard in self:
            wizard.root_cause = wizard.issue_id.root_cause

    @api.model
    def _step_title(self, step):
        return dict(self._fields["step"]._description_selection(self.env))[step]

    def action_apply(self):
        """Take the step; raises what :class:`kam.issue` raises."""
        self.ensure_one()
        issue = self.issue_id
        issue.check_access("write")
        steps = {
            "reply": lambda: issue._reply(self.text, self.root_cause),
            "verify": lambda: issue._verify(self.satisfaction, self.text, self.helped),
            "view": lambda: issue._ask_customer(self.satisfaction, self.text),
            "reject": lambda: issue._reject(self.text),
            "reopen": lambda: issue._reopen(self.text),
        }
        steps[self.step]()
        return {"type": "ir.actions.act_window_close"}


class KamIssueMeasureWizard(models.TransientModel):
    """Whether a measure works.  Every rule stands in ``kam.action``.  Source: S3-53."""

    _name = "kam.issue.measure.wizard"
    _description = "Verify a Measure"

    action_id = fields.Many2one("kam.action", required=True, readonly=True, ondelete="cascade")
    # By the user's own rights: choosing a record is no way to read it.
    name = fields.Char(related="action_id.name", string="What Is Verified", related_sudo=False)
    result = fields.Char(related="action_id.result", string="What Was Done", related_sudo=False)
    works = fields.Selection(
        [("yes", "It works"), ("no", "It does not work yet")], required=True, default="yes"
    )
    note = fields.Text("What Was Seen", required=True)
    day = fields.Date("To Be Done Anew by")

    def action_apply(self):
        """Record it; raises what :class:`kam.action` raises."""
        self.ensure_one()
        self.action_id._verify_measure(self.works == "yes", self.note, self.day)
        return {"type": "ir.actions.act_window_close"}


class KamVisitLogWizard(models.TransientModel):
    """What a problem heard at the visit becomes."""

    _inherit = "kam.visit.log.wizard"

    def _prepare_visit(self, now):
        return super()._prepare_visit(now) | {
            "problem_kind_id": self.problem_kind_id.id,
            "problem_severity": self.problem_severity,
            "problem_settled": self.problem_settled,
        }
