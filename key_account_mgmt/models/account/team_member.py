from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ..core.guarded import ondelete_always

# What decides who saw the account when; a correction of past days is written down.
DATED = ("account_id", "user_id", "role_id", "date_from", "date_to")
# Of a row that follows the account's lead account manager, only the first day is corrected.
LEAD_FOLLOWS = frozenset({"user_id", "role_id", "date_to"})


class KamTeamMember(models.Model):
    """Who works on an account, in which role and from when to when.

    A member sees the account from the first day to the last, both included.  The rows of
    the lead account managers are kept by the account file: never two on one day.
    Source: S0-05, S0-37, S1q-19, S3-57, g Q35.
    """

    _name = "kam.team.member"
    _inherit = ["kam.guarded"]
    _description = "Account Team Member"
    _order = "account_id, date_from, id"
    _check_company_auto = True

    _guarded_initial = {"is_lead": False}
    _guarded_once = frozenset({"account_id"})

    account_id = fields.Many2one("kam.account", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Member", required=True, index=True, domain=[("share", "=", False)]
    )
    role_id = fields.Many2one("kam.team.role", required=True, ondelete="restrict")
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", help="The last day on which the member sees the account.")
    is_lead = fields.Boolean(
        "Lead Manager", readonly=True, help="Follows the lead account manager of the account."
    )
    is_dedicated = fields.Boolean("Dedicated", help="Works for this customer before others.")
    own_duties = fields.Text("Duties on This Account", help="In place of the role's duties.")
    duties = fields.Text(compute="_compute_duties", inverse="_inverse_duties")
    department_id = fields.Many2one(
        "kam.department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="set null",
    )
    skill_note = fields.Char("Skills", help="Why this person: experience, training, languages.")

    _dates_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a team member must not be before the first one.",
    )
    _lead_uniq = models.UniqueIndex(
        "(account_id) WHERE is_lead AND date_to IS NULL",
        "The account has a lead account manager already.",
    )

    @api.depends("own_duties", "role_id.duties", "role_id.name")
    @api.depends_context("lang")
    def _compute_duties(self):
        """Those of the role in the reader's language, or what was made more precise.

        Source: S1q-19.
        """
        for member in self:
            member.duties = (member.own_duties or "").strip() or member._role_duties()

    def _role_duties(self):
        return self.role_id.duties or self.role_id.name

    def _inverse_duties(self):
        for member in self:
            text = (member.duties or "").strip()
            if not text:
                raise ValidationError(
                    self.env._(
                        "Say what %(name)s has to do on this account: roles and duties are "
                        "assigned together.",
                        name=member.user_id.name,
                    )
                )
            member.own_duties = text if text != member._role_duties() else False

    @api.depends("user_id", "account_id")
    def _compute_department_id(self):
        for company, members in self.grouped(lambda m: m.account_id.company_id).items():
            found = self.env["kam.department"]._of_people(members.user_id, company)
            for member in members:
                member.department_id = found[member.user_id]

    @api.depends("user_id", "role_id")
    def _compute_display_name(self):
        for member in self:
            member.display_name = f"{member.user_id.name} – {member.role_id.name}"

    # Checks -----------------------------------------------------------------------

    @api.constrains("account_id", "user_id", "role_id", "date_from", "date_to", "is_lead")
    def _check_overlap(self):
        """Nobody twice in one role on one day, and never two leads."""
        same_account = self.search_fetch(
            [("account_id", "in", self.account_id.ids)],
            ["account_id", "user_id", "role_id", "date_from", "date_to", "is_lead"],
        ).grouped("account_id")
        for member in self:
            for other in same_account.get(member.account_id, self.browse()) - member:
                twice = other.user_id == member.user_id and other.role_id == member.role_id
                leads = other.is_lead and member.is_lead
                if (twice or leads) and member._overlaps(other):
                    raise ValidationError(member._overlap_text(other, leads))

    def _overlaps(self, other):
        return (not other.date_to or other.date_to >= self.date_from) and (
            not self.date_to or self.date_to >= other.date_from
        )

    def _overlap_text(self, other, leads):
        values = {
            "name": other.user_id.name,
            "role": other.role_id.name,
            "account": self.account_id.sudo().display_name,
            "since": format_date(self.env, other.date_from),
            "until": format_date(self.env, other.date_to) if other.date_to else "…",
        }
        if leads:
            return self.env._(
                "%(account)s is led by %(name)s from %(since)s to %(until)s: there is one lead "
                "account manager on a day.",
                **values,
            )
        return self.env._(
            "%(name)s is in the team of %(account)s as %(role)s from %(since)s to %(until)s "
            "already: choose days that do not overlap.",
            **values,
        )

    def _check_lead_rows(self, vals):
        """Who leads is said on the account file; a first day may be corrected here."""
        if self._is_engine():
            return
        leads = self.filtered("is_lead")
        if leads and LEAD_FOLLOWS & vals.keys():
            raise UserError(
                self.env._(
                    "This row follows the lead account manager of the account: change him on "
                    "the account file, or hand the account over."
                )
            )
        first = fields.Date.to_date(vals.get("date_from"))
        if first and any(first > lead._today() for lead in leads):
            raise UserError(self.env._("Who leads an account today did not begin in the future."))

    # Keeping ----------------------------------------------------------------------

    def _today(self):
        return self.company_id._kam_today()

    def _is_past(self):
        return self.date_from < self._today()

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        if not self._is_engine():
            members.filtered(lambda m: m._is_past())._log_past(
                lambda member, text: self.env._("Team, entered for past days: %(row)s", row=text)
            )
        return members

    def write(self, vals):
        self._check_lead_rows(vals)
        before = {}
        if not self._is_engine() and any(name in vals for name in DATED):
            before = {member: (member._row_text(), member._is_past()) for member in self}
        result = super().write(vals)
        changed = self.filtered(
            lambda m: (
                m in before and m._row_text() != before[m][0] and (before[m][1] or m._is_past())
            )
        )
        changed._log_past(
            lambda member, text: self.env._(
                "Team, changed: %(old)s → %(new)s", old=before[member][0], new=text
            )
        )
        return result

    @ondelete_always
    def _unlink_except_begun(self):
        """Whoever was in a team stays in its history: his last day is entered."""
        if self._is_engine():
            return
        for member in self:
            if member.is_lead or member._is_past():
                raise UserError(
                    self.env._(
                        "%(name)s has been in the team: enter the last day instead, the history "
                        "of the team stays.",
                        name=member.user_id.name,
                    )
                )

    def _row_text(self):
        since, until = format_date(self.env, self.date_from), self.date_to
        until = format_date(self.env, until) if until else "…"
        return f"{self.user_id.name}, {self.role_id.name}, {since} – {until}"

    def _log_past(self, text_of):
        """One silent line on the account file per row; nobody is written to."""
        for member in self:
            # sudo: the line is the trace of a right checked before.
            body = text_of(member, member._row_text())
            member.account_id.sudo()._message_log(body=body, author_id=self.env.user.partner_id.id)

    @api.model
    def _covering_domain(self, day):
        """Rows whose days, both ends included, cover ``day``."""
        return Domain("date_from", "<=", day) & (
            Domain("date_to", "=", False) | Domain("date_to", ">=", day)
        )

    def _join(self, other):
        """Become one row with another of the same person and role, for the days of both."""
        first, last = min(self.date_from, other.date_from), False
        if self.date_to and other.date_to:
            last = max(self.date_to, other.date_to)
        self.unlink()
        if not other.is_lead:
            other.write({"date_from": first, "date_to": last})

    def _end(self, day):
        """These rows do not cover ``day`` and later; what never began goes.  Engine only."""
        begun = self.filtered(lambda m: m.date_from < day)
        begun.write({"date_to": day - timedelta(days=1)})
        (self - begun).unlink()
        self.env.flush_all()
