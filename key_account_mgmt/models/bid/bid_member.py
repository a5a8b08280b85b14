from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..core.guarded import ondelete_always

ROLES = [
    ("technical", "Technical"),
    ("commercial", "Commercial"),
    ("service", "Customer Service"),
    ("quality", "Quality"),
    ("legal", "Legal"),
    ("finance", "Finance"),
    ("production", "Production"),
    ("other", "Other"),
]


class KamBidMember(models.Model):
    """Who works on a bid, from when until when; he reaches bid and opportunity so long.

    Source: S0-83.
    """

    _name = "kam.bid.member"
    _inherit = ["kam.guarded"]
    _description = "Member of a Bid Team"
    _order = "bid_id, role, id"

    _guarded_once = frozenset({"bid_id"})

    bid_id = fields.Many2one("kam.bid", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bid_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        "Member",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    role = fields.Selection(ROLES, required=True, default="technical")
    department_id = fields.Many2one(
        "kam.department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        ondelete="restrict",
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", help="The last day; empty: until the end.")
    duties = fields.Char()

    _days_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)", "The last day is before the first."
    )
    _user_uniq = models.UniqueIndex("(bid_id, user_id)", "This person is on the team already.")

    @api.depends("user_id", "bid_id")
    def _compute_department_id(self):
        for company, members in self.grouped("company_id").items():
            found = self.env["kam.department"]._of_people(members.user_id, company)
            for member in members:
                member.department_id = found.get(member.user_id)

    @api.constrains("user_id")
    def _check_user(self):
        for member in self:
            # sudo: whether he works here must not depend on who asks.
            user = member.user_id.sudo()
            if user.share or not user.active:
                raise ValidationError(
                    self.env._("%(name)s does not work here (any more).", name=user.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        members._check_team_open()
        members.bid_id._deal_sync_team()
        members._tell_member()
        return members

    def write(self, vals):
        self._check_team_open()
        if "user_id" in vals:
            for member in self.filtered(lambda m: m.user_id.id != vals["user_id"]):
                member._check_no_open_task(member.bid_id, member.user_id)
        if vals.get("date_to"):
            last = fields.Date.to_date(vals["date_to"])
            for member in self:
                member._check_no_open_task(member.bid_id, member.user_id, last)
        result = super().write(vals)
        self.bid_id._deal_sync_team()
        return result

    def unlink(self):
        bids = self.bid_id
        result = super().unlink()
        bids.exists()._deal_sync_team()
        return result

    @ondelete_always
    def _unlink_except_open_task(self):
        self._check_team_open()
        for member in self:
            member._check_no_open_task(member.bid_id, member.user_id)

    def _check_team_open(self):
        """:raise UserError: the team is composed by leader, account manager and office"""
        if self._is_engine() or self.env.su:
            return
        for bid in self.bid_id:
            if not bid._may_lead():
                raise UserError(
                    self.env._(
                        "The team of “%(name)s” is composed by its leader, the account manager "
                        "or the KAM office.",
                        name=bid.name,
                    )
                )

    @api.model
    def _check_no_open_task(self, bid, user, last=None):
        """Nobody leaves a team with something to do.

        :param last: his last day: what is due until then may stay his
        :raise UserError: open tasks, named
        """
        # sudo: what somebody has to do, for the leader who may not read it.
        domain = Domain("bid_id", "=", bid.id) & Domain("user_id", "=", user.id)
        domain &= Domain("state", "=", "open")
        if last:
            domain &= Domain("date_due", ">", last)
        tasks = self.env["kam.action"].sudo().search(domain)
        if tasks:
            raise UserError(
                self.env._(
                    "%(name)s still has to do: %(tasks)s. Give it to somebody else first.",
                    name=user.name,
                    tasks=", ".join(tasks.mapped("name")),
                )
            )

    def _tell_member(self):
        """Who was put on a team hears of it in the morning."""
        Notice = self.env["kam.notice"]
        rows = []
        for member in self.filtered(lambda m: m.user_id != self.env.user):
            reader = member.with_context(lang=member.user_id.lang)
            rows.append(
                Notice._prepare_vals(
                    member.user_id,
                    reader.env._(
                        "You are on the team of the bid %(name)s", name=member.bid_id.name
                    ),
                    [member.duties] if member.duties else [],
                    record=member.bid_id,
                    topic="bid_team",
                )
            )
        if rows:
            Notice._queue_all(rows)
