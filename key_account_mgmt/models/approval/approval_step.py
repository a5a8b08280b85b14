from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...policy import routing

# A step whose person does not exist in this database: it asks nobody, which stops the
# submission. Compared by identity: no client can send it.
PEOPLE_LATER = object()
# 或签, 会签, n of m.
QUORUMS = [
    (routing.ANY, "One of them"),
    (routing.ALL, "All of them"),
    (routing.NUMBER, "A number of them"),
]


class KamApprovalStep(models.Model):
    """One question of a route, and whom it is put to."""

    _name = "kam.approval.step"
    _inherit = ["kam.policy.logged"]
    _description = "Approval Step"
    _order = "route_id, sequence, id"

    route_id = fields.Many2one("kam.approval.route", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    parallel = fields.Boolean(
        "Together with the One Above", help="Asked at the same time as the step above it."
    )
    approver_type = fields.Selection(
        [
            ("group", "Members of a group"),
            ("user", "A named person"),
            ("field", "A person named in the document"),
        ],
        string="Asked",
        required=True,
        default="group",
    )
    group_id = fields.Many2one(
        "res.groups",
        string="User Group",
        # A step without its group has nobody to ask, which stops the submission.
        ondelete="set null",
        help="Only those put into the group itself are asked, not those whose own group "
        "includes it.",
    )
    user_id = fields.Many2one(
        "res.users", string="Person", ondelete="restrict", domain=[("share", "=", False)]
    )
    user_path = fields.Char(
        "Field",
        help="Of the document, e.g. user_id or partner_id.user_id: the person named there.",
    )
    quorum = fields.Selection(
        QUORUMS,
        string="Who Must Agree",
        required=True,
        default=routing.ANY,
    )
    quorum_number = fields.Integer("How Many", default=2)
    sla_hours = fields.Float(
        "Time to Decide", help="Working hours; empty: no deadline, nothing is escalated."
    )
    escalation_ids = fields.One2many(
        "kam.approval.escalation", "step_id", string="When Late", copy=True
    )
    evidence_field_ids = fields.Many2many(
        "ir.model.fields",
        "kam_approval_step_evidence_rel",
        "step_id",
        "field_id",
        string="Decides About",
        domain="[('model', '=', parent.res_model)]",
        # Fields of the database are the administrators' to read; others read the text.
        groups="key_account_mgmt.group_kam_admin",
        help="Only a change of these fields asks this step again when the document is "
        "submitted again. Empty: everything.",
    )
    evidence_text = fields.Char("What It Decides About", compute="_compute_evidence_text")
    fallback_user_id = fields.Many2one(
        "res.users",
        string="Fallback",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Asked when nobody else of the step can decide.",
    )
    always_ask = fields.Boolean(
        help="Ask even somebody who already approved an earlier step of the same round."
    )

    _sla_check = models.Constraint("CHECK (sla_hours >= 0)", "The time to decide is negative.")

    def _policy_root(self):
        return self.route_id

    def _policy_name(self):
        return f"{self.route_id.name} / {self.name}"

    @api.constrains("approver_type", "group_id", "user_id", "user_path")
    def _check_approver(self):
        people_later = self.env.context.get("kam_people") is PEOPLE_LATER
        for step in self:
            if not (people_later or step._is_complete()):
                raise ValidationError(
                    self.env._("Step “%(step)s” does not say who is asked.", step=step.name)
                )

    @api.depends("evidence_field_ids")
    @api.depends_context("lang")
    def _compute_evidence_text(self):
        # sudo: what a step decides about is part of the policy everybody may read.
        for step in self.sudo():
            names = step.evidence_field_ids.mapped("field_description")
            step.evidence_text = ", ".join(names) or self.env._("Everything")

    def _is_complete(self):
        """Whether the step says who is asked."""
        self.ensure_one()
        wanted = {"group": "group_id", "user": "user_id", "field": "user_path"}
        return bool(self[wanted[self.approver_type]])

    @api.constrains("user_path", "approver_type", "route_id")
    def _check_user_path(self):
        for step in self.filtered(lambda s: s.approver_type == "field"):
            model = self.env.get(step.route_id.res_model)
            if model is None:
                continue
            for name in (step.user_path or "").split("."):
                field = model is not None and model._fields.get(name)
                model = self.env[field.comodel_name] if field and field.relational else None
            if model is None or model._name != "res.users":
                raise ValidationError(
                    self.env._(
                        "“%(path)s” of step “%(step)s” does not lead to a user of the document.",
                        path=step.user_path,
                        step=step.name,
                    )
                )

    @api.constrains("quorum", "quorum_number")
    def _check_quorum(self):
        for step in self:
            if step.quorum == routing.NUMBER and step.quorum_number < 1:
                raise ValidationError(
                    self.env._("Step “%(step)s”: at least one must agree.", step=step.name)
                )

    @api.constrains("evidence_field_ids", "route_id")
    def _check_evidence(self):
        for step in self:
            if step.evidence_field_ids - step.evidence_field_ids.filtered(
                lambda f, m=step.route_id.res_model: f.model == m
            ):
                raise ValidationError(
                    self.env._(
                        "Step “%(step)s” decides about fields of another document.",
                        step=step.name,
                    )
                )

    def _candidates(self, document, requester):
        """Users the step names, before anybody is left out.

        :param document: the document in the engine's neutral environment
        """
        self.ensure_one()
        if self.approver_type == "group":
            return self.group_id.user_ids
        if self.approver_type == "user":
            return self.user_id
        return document.mapped(self.user_path)

    def _approvers(self, document, company, requester):
        """Users to put into the snapshot of this step.

        Members are explicit members of the group, active, internal and allowed in
        ``company``; the requester never is one of them.

        :raise UserError: nobody is left
        """
        self.ensure_one()
        usable = self._candidates(document, requester).filtered(
            lambda user: self._may_decide(user, company)
        )
        fallback = self.fallback_user_id.filtered(lambda user: self._may_decide(user, company))
        ids = routing.eligible_approvers(usable.ids, set(requester.ids), fallback.id)
        if not ids:
            raise UserError(
                self.env._(
                    "Step “%(step)s” of route “%(route)s” has nobody who could decide: its "
                    "approvers are inactive, have no access to %(company)s, or are the "
                    "requester. Ask an administrator of key accounts (%(admins)s) to add an "
                    "approver or a fallback.",
                    step=self.name,
                    route=self.route_id.name,
                    company=company.name,
                    admins=self.route_id._administrators(),
                )
            )
        return self.env["res.users"].browse(ids)

    @api.model
    def _may_decide(self, user, company):
        return user.active and not user.share and company in user.company_ids

    def _prepare_request_step_vals(self, stage, document, company, requester):
        """The snapshot of this step: values of one ``kam.approval.request.step``."""
        approvers = self._approvers(document, company, requester)
        fallback = self.fallback_user_id - requester
        return {
            "sequence": stage,
            "name": self.name,
            "origin_step_id": self.id,
            "approver_type": self.approver_type,
            "group_id": self.group_id.id if self.approver_type == "group" else False,
            "approver_ids": [(6, 0, approvers.ids)],
            "fallback_user_id": fallback.id,
            "always_ask": self.always_ask,
            "quorum": self.quorum,
            "quorum_number": self.quorum_number,
            "sla_hours": self.sla_hours,
            "escalations": [
                [level.hours, level.kind, level.user_id.id] for level in self.escalation_ids
            ],
            "evidence": sorted(self.evidence_field_ids.mapped("name")),
            "state": routing.WAITING,
            "cycle": 1,
            "escalation_level": 0,
        }
