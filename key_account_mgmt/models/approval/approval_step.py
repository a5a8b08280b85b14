from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...policy import routing


class KamApprovalStep(models.Model):
    """One question of a route, and whom it is put to."""

    _name = "kam.approval.step"
    _description = "Approval Step"
    _order = "route_id, sequence, id"

    route_id = fields.Many2one("kam.approval.route", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    approver_type = fields.Selection(
        [("group", "Members of a group"), ("user", "A named person")],
        string="Asked",
        required=True,
        default="group",
    )
    group_id = fields.Many2one(
        "res.groups",
        # A step without its group has nobody to ask, which stops the submission.
        ondelete="set null",
        help="Only those put into the group itself are asked, not those whose own group "
        "includes it.",
    )
    user_id = fields.Many2one(
        "res.users", string="Person", ondelete="restrict", domain=[("share", "=", False)]
    )
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

    @api.constrains("approver_type", "group_id", "user_id")
    def _check_approver(self):
        for step in self:
            wanted = step.group_id if step.approver_type == "group" else step.user_id
            if not wanted:
                raise ValidationError(
                    self.env._("Step “%(step)s” does not say who is asked.", step=step.name)
                )

    def _approvers(self, company, requester):
        """Users to put into the snapshot of this step.

        Members are explicit members of the group, active, internal and allowed in
        ``company``; the requester never is one of them.

        :raise UserError: nobody is left
        """
        self.ensure_one()
        candidates = self.group_id.user_ids if self.approver_type == "group" else self.user_id
        usable = candidates.filtered(lambda user: self._may_decide(user, company))
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

    def _prepare_request_step_vals(self, number, company, requester):
        """The snapshot of this step: values of one ``kam.approval.request.step``."""
        approvers = self._approvers(company, requester)
        fallback = self.fallback_user_id - requester
        return {
            "sequence": number,
            "name": self.name,
            "origin_step_id": self.id,
            "approver_type": self.approver_type,
            "group_id": self.group_id.id if self.approver_type == "group" else False,
            "approver_ids": [(6, 0, approvers.ids)],
            "fallback_user_id": fallback.id,
            "always_ask": self.always_ask,
            "state": routing.WAITING,
        }
