from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.guarded import ondelete_always
from .pursuit import MEMBER, OFFICE


class KamPursuitPart(models.AbstractModel):
    """What hangs on a pursuit: it cannot be changed while somebody decides about it."""

    _name = "kam.pursuit.part"
    _description = "Part of a Pursuit"

    pursuit_id = fields.Many2one("kam.pursuit", required=True, index=True, ondelete="cascade")
    # Not stored: a part is where its pursuit is.
    company_id = fields.Many2one(related="pursuit_id.company_id")

    def _check_pursuit(self):
        """:raise UserError: the pursuit is over or waits for its approval"""
        for pursuit in self.pursuit_id:
            pursuit.check_access("write")
            pursuit._check_not_pending()

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_pursuit()
        parts.pursuit_id._deal_sync_team()
        return parts

    def write(self, vals):
        self._check_pursuit()
        result = super().write(vals)
        self._check_pursuit()
        self.pursuit_id._deal_sync_team()
        return result

    def unlink(self):
        self._check_pursuit()
        pursuits = self.pursuit_id
        result = super().unlink()
        pursuits.exists()._deal_sync_team()
        return result


class KamPursuitMember(models.Model):
    """Who works on a pursuit, from when until when.  Source: S1n-14, design §4.4."""

    _name = "kam.pursuit.member"
    _inherit = ["kam.pursuit.part"]
    _description = "Pursuit Team Member"
    _order = "pursuit_id, id"

    user_id = fields.Many2one(
        "res.users",
        "Member",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    role = fields.Char(help="What he does in this pursuit, e.g. technical proposal.")
    date_from = fields.Date("From")
    date_to = fields.Date("Until", help="The last day; from the day after he sees nothing of it.")

    _dates_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "A membership ends before it begins.",
    )

    @api.constrains("user_id")
    def _check_user(self):
        for member in self:
            # sudo: whether he works with key accounts must not depend on who asks.
            if not member.user_id.sudo().has_group(MEMBER):
                raise ValidationError(
                    self.env._(
                        "%(name)s has no access to Key Accounts and would not see the pursuit.",
                        name=member.user_id.name,
                    )
                )

    def write(self, vals):
        if {"user_id", "date_to", "pursuit_id"} & vals.keys():
            before = [(member, member.user_id) for member in self]
            result = super().write(vals)
            for member, user in before:
                if member.user_id != user or not member._is_today():
                    member._check_no_open_work(user)
            return result
        return super().write(vals)

    def _is_today(self):
        today = self.pursuit_id._today()
        return not self.date_to or self.date_to >= today

    @ondelete_always
    def _unlink_except_owner_of_work(self):
        for member in self:
            member._check_no_open_work(member.user_id)

    def _check_no_open_work(self, user):
        """:raise UserError: who leaves the team still owns an open step"""
        # sudo: open work counts, whoever looks.
        pursuit = self.pursuit_id.sudo()
        others = pursuit.member_ids - self.sudo()
        if user == pursuit.user_id or any(m.user_id == user and m._is_today() for m in others):
            return
        work = self.env["kam.action"].sudo()
        work = work.search(
            [
                ("pursuit_id", "=", pursuit.id),
                ("user_id", "=", user.id),
                ("state", "=", "open"),
            ]
        )
        if work:
            raise UserError(
                self.env._(
                    "%(name)s still has to do: %(work)s. Give it to somebody else first.",
                    name=user.name,
                    work=", ".join(work.mapped("name")),
                )
            )


class KamPursuitIndicator(models.Model):
    """By what we see whether the objective is reached.  Source: S1n-18."""

    _name = "kam.pursuit.indicator"
    _inherit = ["kam.pursuit.part"]
    _description = "Pursuit Indicator"
    _order = "pursuit_id, sequence, id"

    sequence = fields.Integer(default=10)
    name = fields.Char("Indicator", required=True)
    target = fields.Char(required=True, help="What we want to reach, with its unit.")
    actual = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        indicators = super().create(vals_list)
        indicators.pursuit_id._check_plan_open()
        return indicators

    def write(self, vals):
        """Once the plan is approved, only what was reached is filled in."""
        if vals.keys() - {"actual", "sequence"}:
            self.pursuit_id._check_plan_open()
        return super().write(vals)

    def unlink(self):
        self.pursuit_id._check_plan_open()
        return super().unlink()


class KamPursuitTracking(models.Model):
    """What the office found when it looked at a pursuit, and the answer to it.

    Source: S1n-13.
    """

    _name = "kam.pursuit.tracking"
    _inherit = ["kam.guarded"]
    _description = "Office's Tracking"
    _order = "date desc, id desc"

    _guarded_initial = {"feedback_on": False, "feedback_by_id": False}
    _guarded_once = frozenset({"pursuit_id", "date", "user_id", "name"})

    pursuit_id = fields.Many2one("kam.pursuit", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="pursuit_id.company_id")
    # What a form shows in a new row; written is what is true then.
    date = fields.Date(
        required=True, readonly=True, default=lambda self: self.env["kam.pursuit"]._today()
    )
    user_id = fields.Many2one(
        "res.users",
        "By",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    name = fields.Text("What Was Found", required=True)
    feedback = fields.Text(help="What the responsible person answers.")
    feedback_on = fields.Date("Answered", readonly=True)
    feedback_by_id = fields.Many2one("res.users", "Answered by", readonly=True, ondelete="restrict")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.user.has_group(OFFICE):
            raise AccessError(self.env._("Tracking is written by the KAM office."))
        rows = []
        for vals in vals_list:
            pursuit_id = vals.get("pursuit_id", self.env.context.get("default_pursuit_id"))
            pursuit = self.env["kam.pursuit"].browse(
                pursuit_id if isinstance(pursuit_id, int) and pursuit_id else ()
            )
            if not pursuit:
                raise UserError(self.env._("Say which pursuit it is about."))
            pursuit.check_access("read")
            rows.append({**vals, "date": pursuit._today(), "user_id": self.env.uid})
        entries = super().create(rows)
        entries._tell_responsible()
        return entries

    def write(self, vals):
        if not self._is_engine() and "feedback" in vals:
            for entry in self:
                entry.pursuit_id._check_mine()
                entry._as_engine().write(
                    {"feedback_on": entry.pursuit_id._today(), "feedback_by_id": self.env.uid}
                )
        return super().write(vals)

    def _tell_responsible(self):
        Notice = self.env["kam.notice"]
        for entry in self:
            user = entry.pursuit_id.user_id
            if user == self.env.user:
                continue
            own = entry.with_context(lang=user.lang)
            title = own.env._(
                "The office asks about %(pursuit)s", pursuit=own.pursuit_id.display_name
            )
            Notice._queue(
                user, title, [entry.name], record=entry.pursuit_id, topic="pursuit_tracking"
            )
