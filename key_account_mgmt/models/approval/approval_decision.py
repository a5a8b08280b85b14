from odoo import fields, models


class KamApprovalDecision(models.Model):
    """Who decided what, for whom, on which figures, when.  Never changes."""

    _name = "kam.approval.decision"
    _inherit = ["kam.approval.record"]
    _description = "Approval Decision"
    _order = "decided_on desc, id desc"
    _rec_name = "kind"

    request_id = fields.Many2one(
        "kam.approval.request", "Approval Request", required=True, index=True, ondelete="restrict"
    )
    request_step_id = fields.Many2one(
        "kam.approval.request.step", string="Step", index="btree_not_null", ondelete="restrict"
    )
    round = fields.Integer(related="request_id.round")
    partner_id = fields.Many2one(related="request_id.partner_id")
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(
        [
            ("approve", "Approved"),
            ("refuse", "Refused"),
            ("return", "Returned"),
            ("transfer", "Transferred"),
            ("add", "Asked One More"),
            ("copy", "Copied"),
            ("remind", "Reminded"),
            ("withdraw", "Withdrawn"),
            ("escalate", "Escalated"),
        ],
        string="Decision",
        required=True,
    )
    user_id = fields.Many2one(
        "res.users", string="Decided by", required=True, index=True, ondelete="restrict"
    )
    approver_id = fields.Many2one(
        "res.users",
        string="On Behalf of",
        required=True,
        index=True,
        ondelete="restrict",
        help="The approver whose right was used; differs from “Decided by” under a delegation.",
    )
    delegation_id = fields.Many2one(
        "kam.approval.delegation", index="btree_not_null", ondelete="restrict"
    )
    target_user_id = fields.Many2one(
        "res.users", string="Passed To", index="btree_not_null", ondelete="restrict"
    )
    target_step_id = fields.Many2one(
        "kam.approval.request.step", string="To Step", ondelete="restrict"
    )
    level = fields.Integer("Escalation Level", aggregator=None)
    cycle = fields.Integer(aggregator=None)
    seconds_taken = fields.Integer(
        aggregator="avg", help="From the question to this decision, by the clock."
    )
    is_repeated = fields.Boolean(
        "In Two Steps", help="The same person gave a vote in another step of the round."
    )
    comment = fields.Text()
    decided_on = fields.Datetime(required=True)
    fingerprint = fields.Char(required=True, help="Of the figures this decision is about.")

    _one_vote = models.UniqueIndex(
        "(request_step_id, cycle, approver_id) WHERE kind IN ('approve', 'refuse')",
        "This vote was given already.",
    )
    _level_once = models.UniqueIndex(
        "(request_step_id, cycle, level) WHERE kind = 'escalate'",
        "This level was escalated already.",
    )

    def _who(self):
        """“Chen Li” or “Wu Gang for Chen Li”."""
        self.ensure_one()
        decision = self.sudo()
        if decision.user_id == decision.approver_id:
            return decision.user_id.name
        return self.env._(
            "%(delegate)s for %(approver)s",
            delegate=decision.user_id.name,
            approver=decision.approver_id.name,
        )

    def _tell_delegators(self):
        """What was decided in somebody's name stands in his next morning message."""
        for decision in self.filtered("delegation_id"):
            user = decision.approver_id
            own = decision._without_engine().with_context(lang=user.lang)
            title = own.env._(
                "%(delegate)s decided for you: %(document)s",
                delegate=own.user_id.name,
                document=own.request_id.name,
            )
            kinds = dict(own._fields["kind"]._description_selection(own.env))
            lines = [kinds[own.kind], *filter(None, [own.comment])]
            own.env["kam.notice"]._queue(user, title, lines, record=own.request_id)
