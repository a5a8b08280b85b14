from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ...policy import routing
from ..core.guarded import ondelete_always


class KamApprovalDelegation(models.Model):
    """Somebody decides for somebody else, from one day to another, both included.

    Only the delegator can give his right away, and only what is his: a delegate cannot
    pass it on.  The days are those of the delegator's time zone.
    """

    _name = "kam.approval.delegation"
    _inherit = ["kam.guarded"]
    _description = "Approval Delegation"
    _order = "date_from desc, id desc"
    _rec_name = "delegate_id"

    user_id = fields.Many2one(
        "res.users",
        string="Approver",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    delegate_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    date_from = fields.Date(string="First Day", required=True)
    date_to = fields.Date(string="Last Day", required=True)
    res_model = fields.Selection(
        "_selection_res_model", string="Only for", help="Empty: for every kind of document."
    )
    note = fields.Char(string="Reason")
    decision_ids = fields.One2many("kam.approval.decision", "delegation_id", readonly=True)

    _dates_in_order = models.Constraint(
        "CHECK (date_from <= date_to)", "The last day of a delegation is before its first day."
    )
    _not_to_oneself = models.Constraint(
        "CHECK (user_id <> delegate_id)", "Nobody needs a delegation to himself."
    )

    @api.model
    def _selection_res_model(self):
        return self.env["kam.approval.route"]._selection_res_model()

    @api.constrains("delegate_id")
    def _check_delegate(self):
        for delegation in self:
            if delegation.sudo().delegate_id.share:
                raise ValidationError(self.env._("Only a colleague can decide for you."))

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_engine():
            return super().create(vals_list)
        uid = self.env.uid
        if any(vals.get("user_id", uid) != uid for vals in vals_list):
            self._raise_not_own()
        # Said explicitly, so that no default can name another approver.
        return super().create([{**vals, "user_id": uid} for vals in vals_list])

    def write(self, vals):
        if not self._is_engine():
            if "user_id" in vals or any(d.user_id.id != self.env.uid for d in self.sudo()):
                self._raise_not_own()
            self._check_history(vals)
        return super().write(vals)

    @ondelete_always
    def _unlink_except_used(self):
        if any(d.user_id.id != self.env.uid for d in self.sudo()) and not self._is_engine():
            self._raise_not_own()
        # sudo: a decision counts, readable or not.
        if self.sudo().decision_ids:
            raise UserError(
                self.env._(
                    "Decisions were taken under this delegation. End it by an earlier last "
                    "day instead of deleting it."
                )
            )

    def _check_history(self, vals):
        """Once used, a delegation may only end on another day, not before its last use."""
        # sudo: a decision counts, readable or not.
        used = self.sudo().filtered("decision_ids")
        if not used:
            return
        last_day = fields.Date.to_date(vals.get("date_to"))
        last_use = max(d._local_day(d.decision_ids[:1].decided_on) for d in used)
        if set(vals) - {"date_to", "note"} or (last_day and last_day < last_use):
            raise UserError(
                self.env._(
                    "Decisions were taken under this delegation: only its last day can still "
                    "be changed, to %(day)s or later.",
                    day=last_use,
                )
            )

    def _raise_not_own(self):
        raise AccessError(self.env._("Only the approver himself can delegate his approvals."))

    def _local_day(self, moment):
        """The calendar day of ``moment`` (naive UTC) where the delegator is."""
        self.ensure_one()
        zoned = self.with_context(tz=self.user_id.tz or "UTC")
        return fields.Datetime.context_timestamp(zoned, moment).date()

    @api.model
    def _in_force_for(self, delegate, moment):
        """Delegations ``delegate`` may act under at ``moment`` (naive UTC), sudo."""
        # sudo: the delegate may use them, whatever he may read.
        near = self.sudo().search(
            [
                ("delegate_id", "=", delegate.id),
                ("user_id.active", "=", True),
                ("date_from", "<=", moment.date() + timedelta(days=1)),
                ("date_to", ">=", moment.date() - timedelta(days=1)),
            ]
        )
        return near.filtered(lambda d: d._is_in_force(d._local_day(moment)))

    @api.model
    def _in_force_of(self, approvers, moment):
        """Delegations of ``approvers`` at ``moment`` (naive UTC), sudo."""
        # sudo: whom somebody chose to stand in for him decides who is told.
        near = self.sudo().search(
            [
                ("user_id", "in", approvers.ids),
                ("date_from", "<=", moment.date() + timedelta(days=1)),
                ("date_to", ">=", moment.date() - timedelta(days=1)),
            ]
        )
        return near.filtered(lambda d: d._is_in_force(d._local_day(moment)))

    def _is_in_force(self, day):
        self.ensure_one()
        return routing.delegation_in_force(self.date_from, self.date_to, day)

    def _covers(self, res_model):
        self.ensure_one()
        return not self.res_model or self.res_model == res_model
