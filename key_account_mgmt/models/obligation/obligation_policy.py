from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...policy import obligations as rules
from ..core.guarded import ondelete_always

PERIODS = [
    ("month", "Month"),
    ("quarter", "Quarter"),
    ("half", "Half-Year"),
    ("year", "Year"),
]
PERFORMERS = [
    ("manager", "Lead Account Manager"),
    ("executive", "Executive"),
    ("role", "Team Role"),
    ("office", "KAM Office"),
    ("anyone", "Anyone of Us"),
]
# What decides whom a policy obliges: a change of it starts with windows to come.
REACH = frozenset({"kind_id", "scope", "tier_id", "per", "period", "basis", "company_id"})


class KamObligationPolicy(models.Model):
    """How often something is owed, to whom, by whom.

    A change touches only obligations whose period has not begun.
    Source: S0-112 … S0-114, S3-26, S3-27, S3-38, S3-51, design §4.3.
    """

    _name = "kam.obligation.policy"
    _inherit = ["kam.policy.logged"]
    _description = "Obligation Policy"
    _order = "sequence, id"

    _policy_unlogged = frozenset({"known_since"})

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Use", default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company.")
    kind_id = fields.Many2one(
        "kam.obligation.kind", "What", required=True, index=True, ondelete="restrict"
    )
    scope = fields.Selection(
        [
            ("tier", "Accounts of a Tier"),
            ("key", "All Key Accounts"),
            ("pack", "Holders of a Service Pack"),
            ("company", "The Company Itself"),
        ],
        "Owed To",
        required=True,
        default="tier",
    )
    tier_id = fields.Many2one("kam.tier", index="btree_not_null", ondelete="restrict")
    per = fields.Selection(
        [("account", "Each Account"), ("group", "Account Group, Once")],
        "Owed For",
        required=True,
        default="account",
        help="Once per group: the head owes it, a visit to any member counts.",
    )
    performer = fields.Selection(
        PERFORMERS,
        "By",
        required=True,
        default="manager",
        help="Who must take part for a visit to count. The lead account manager arranges it.",
    )
    role_id = fields.Many2one("kam.team.role", ondelete="restrict")
    times = fields.Integer("Times at Least", required=True, default=1)
    period = fields.Selection(PERIODS, "In a", required=True, default="quarter")
    basis = fields.Selection(
        [("calendar", "Calendar Periods"), ("rolling", "From One Time to the Next")],
        required=True,
        default="calendar",
    )
    reminder_days = fields.Char(
        "Remind Days Before", default="14, 3", help="E.g. “14, 3”. Empty: no reminder."
    )
    min_distance_days = fields.Integer(
        "Days Apart", help="Visits closer to each other than these days count once."
    )
    date_from = fields.Date("In Force From", help="Empty: always.")
    date_to = fields.Date("In Force Until")
    source_ref = fields.Char("Policy Clause")
    known_since = fields.Date(readonly=True, copy=False)
    sentence = fields.Char("In Words", compute="_compute_sentence")
    hint = fields.Char(compute="_compute_hint")

    # Checks ------------------------------------------------------------------------

    @api.constrains("times")
    def _check_times(self):
        """Numbers a policy cannot mean: none at all, or more than once a day."""
        for policy in self:
            if not rules.MIN_TIMES <= policy.times <= rules.MAX_TIMES:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s”: %(times)s times cannot be owed. Choose a number from "
                        "%(min)s to %(max)s; to switch the policy off, archive it.",
                        policy=policy.name,
                        times=policy.times,
                        min=rules.MIN_TIMES,
                        max=rules.MAX_TIMES,
                    )
                )

    @api.constrains("scope", "tier_id", "performer", "role_id", "company_id")
    def _check_reach(self):
        for policy in self:
            if policy.scope == "tier" and not policy.tier_id:
                raise ValidationError(
                    self.env._("“%(policy)s”: choose the tier.", policy=policy.name)
                )
            if policy.performer == "role" and not policy.role_id:
                raise ValidationError(
                    self.env._("“%(policy)s”: choose the role.", policy=policy.name)
                )
            owner = policy.scope == "tier" and policy.tier_id.company_id.root_id
            if owner and policy.company_id and owner != policy.company_id.root_id:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” is a policy of %(company)s, but the tier belongs to "
                        "%(owner)s.",
                        policy=policy.name,
                        company=policy.company_id.name,
                        owner=owner.name,
                    )
                )
            if policy.company_id and policy.company_id != policy.company_id.root_id:
                raise ValidationError(
                    self.env._(
                        "%(branch)s is a branch: policies belong to %(company)s.",
                        branch=policy.company_id.name,
                        company=policy.company_id.root_id.name,
                    )
                )

    @api.constrains("date_from", "date_to", "min_distance_days")
    def _check_dates(self):
        for policy in self:
            if policy.date_from and policy.date_to and policy.date_to < policy.date_from:
                raise ValidationError(
                    self.env._("“%(policy)s” ends before it is in force.", policy=policy.name)
                )
            if policy.min_distance_days < 0:
                raise ValidationError(
                    self.env._("“%(policy)s”: days apart cannot be negative.", policy=policy.name)
                )

    @api.constrains("reminder_days")
    def _check_reminder_days(self):
        for policy in self:
            try:
                levels = policy._reminder_levels()
            except ValueError:
                levels = (-1,)
            if any(not 0 <= level <= 366 for level in levels):
                raise ValidationError(
                    self.env._(
                        "“%(policy)s”: remind so many days before, e.g. “14, 3”; not “%(text)s”.",
                        policy=policy.name,
                        text=policy.reminder_days,
                    )
                )

    def _reminder_levels(self):
        """Days before at which a reminder is given; ValueError where they are no numbers."""
        self.ensure_one()
        parts = (self.reminder_days or "").replace("，", ",").split(",")
        return tuple(int(part) for part in parts if part.strip())

    # In words ----------------------------------------------------------------------

    @api.depends("times", "period", "kind_id.name", "performer", "role_id.name", "per", "basis")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for policy in self:
            policy.sentence = policy._sentence_text() if policy.kind_id else False

    def _sentence_text(self):
        values = {
            "kind": self.kind_id.name,
            "times": self.times,
            "who": self._performer_text(),
        }
        if self.basis == "rolling":
            texts = {
                "month": self.env._("%(kind)s: %(times)s every month since the last, by %(who)s"),
                "quarter": self.env._(
                    "%(kind)s: %(times)s every three months since the last, by %(who)s"
                ),
                "half": self.env._(
                    "%(kind)s: %(times)s every six months since the last, by %(who)s"
                ),
                "year": self.env._(
                    "%(kind)s: %(times)s every twelve months since the last, by %(who)s"
                ),
            }
        else:
            texts = {
                "month": self.env._("%(kind)s: %(times)s a month, by %(who)s"),
                "quarter": self.env._("%(kind)s: %(times)s a quarter, by %(who)s"),
                "half": self.env._("%(kind)s: %(times)s a half-year, by %(who)s"),
                "year": self.env._("%(kind)s: %(times)s a year, by %(who)s"),
            }
        text = texts[self.period] % values
        if self.per == "group":
            text = self.env._("%(sentence)s; once for the whole group", sentence=text)
        return text

    def _performer_text(self):
        if self.performer == "role":
            return self.role_id.name or ""
        return dict(self._fields["performer"]._description_selection(self.env))[self.performer]

    @api.depends("times", "period", "kind_id", "tier_id.rank", "active")
    def _compute_hint(self):
        """Where a lower level is owed more a year than a higher one; literal, not blocked.

        Source: S0-114, g Q11.
        """
        groups = self.search([("scope", "=", "tier")]).grouped(
            lambda policy: (policy.kind_id, policy.tier_id.scheme_id)
        )
        for policy in self:
            policy.hint = policy._hint_text(
                groups.get((policy.kind_id, policy.tier_id.scheme_id), self.browse())
            )

    def _hint_text(self, others):
        if self.scope != "tier" or not self.tier_id:
            return False
        mine = rules.times_a_year(self.times, self.period)
        exceeded = others.filtered(
            lambda other: (
                other.tier_id.rank < self.tier_id.rank
                and rules.times_a_year(other.times, other.period) < mine
            )
        )
        if not exceeded:
            return False
        other = exceeded.sorted(lambda o: o.tier_id.rank)[0]
        return self.env._(
            "%(mine)s a year: more than “%(tier)s”, which is owed %(theirs)s.",
            mine=mine,
            tier=other.tier_id.name,
            theirs=rules.times_a_year(other.times, other.period),
        )

    # Changing ----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._catch_up()
        policies = super().create([{**vals, "known_since": False} for vals in vals_list])
        policies._stamp()
        return policies

    def write(self, vals):
        vals = {name: value for name, value in vals.items() if name != "known_since"}
        self._catch_up()
        reaches = bool(REACH & vals.keys()) or bool(
            vals.get("active") and any(not policy.active for policy in self)
        )
        result = super().write(vals)
        if reaches:
            self._stamp()
        return result

    @ondelete_always
    def _unlink_except_used(self):
        # sudo: whether anything was ever owed by it, whoever may read that.
        owed = self.env["kam.obligation"].sudo().search_count([("policy_id", "in", self.ids)])
        if owed:
            raise UserError(
                self.env._("Obligations come from this policy. Archive it: nothing new is owed.")
            )

    @api.model
    def _catch_up(self):
        """What has begun until today is settled by the policy as it was."""
        if self.env.registry.ready:
            self.env["kam.obligation"]._catch_up_begun()

    def _stamp(self):
        """Periods that have begun before today are not touched by what is new."""
        if not (self and self.env.registry.ready and self.env["kam.obligation"]._has_begun()):
            return
        for company, policies in self.grouped("company_id").items():
            today = (company or self.env.company)._kam_today()
            policies._know_since(today)

    def _know_since(self, day):
        """Past the ORM: nobody writes it, and it is no change of the policy."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE kam_obligation_policy SET known_since = %s WHERE id = ANY(%s)",
                day,
                self.ids,
            )
        )
        self.invalidate_recordset(["known_since"])
