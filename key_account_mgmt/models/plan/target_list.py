from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...policy.periods import Period
from ..account.kam_account import SUSPENDED
from ..core.guarded import ondelete_always
from .plan import OFFICE

TOPIC = "target_account"
POTENTIAL = 60
PLAN_DAYS = 30
QUIET = {"tracking_disable": True, "mail_auto_subscribe_no_notify": True}


class KamTargetList(models.Model):
    """Target accounts of a year: of a low level or of none, with high potential.

    Proposed from the potential score of confirmed analyses, decided by the office; every
    line has an owner, who writes a development plan.  Source: S1l-10, S1l-11, S1a-10.
    """

    _name = "kam.target.list"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Target Accounts of a Year"
    _order = "year desc, id desc"

    _guarded_initial = {"state": "draft", "confirmed_on": False, "confirmed_by_id": False}
    _guarded_once = frozenset({"company_id"})

    name = fields.Char(compute="_compute_name")
    year = fields.Integer(
        required=True, aggregator=None, default=lambda self: self.env.company._kam_today().year
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    state = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed"), ("closed", "Closed")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    min_potential = fields.Integer(
        "Potential From",
        default=POTENTIAL,
        aggregator=None,
        help="Score, 1 to 100, of the latest confirmed analysis.",
    )
    plan_by = fields.Date("Plans Until", help="Until when every owner writes a development plan.")
    line_ids = fields.One2many("kam.target.account", "list_id", "Target Accounts")
    line_count = fields.Integer("Accounts in Number", compute="_compute_counts")
    planned_count = fields.Integer("With a Plan", compute="_compute_counts")
    won_count = fields.Integer("Key Accounts by Now", compute="_compute_counts")
    confirmed_on = fields.Datetime(readonly=True, copy=False)
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    note = fields.Text("How It Was Chosen")

    _year_uniq = models.Constraint(
        "UNIQUE (company_id, year)", "There is a list of target accounts for the year already."
    )
    _potential_check = models.Constraint(
        "CHECK (min_potential BETWEEN 0 AND 100)", "A potential score is between 0 and 100."
    )

    @api.depends("year")
    @api.depends_context("lang")
    def _compute_name(self):
        for target_list in self:
            target_list.name = self.env._("Target Accounts %(year)s", year=target_list.year or "")

    @api.depends("name")
    def _compute_display_name(self):
        for target_list in self:
            target_list.display_name = target_list.name

    @api.depends("line_ids.plan_id", "line_ids.is_won")
    @api.depends_context("uid")
    def _compute_counts(self):
        for target_list in self:
            lines = target_list.line_ids
            target_list.line_count = len(lines)
            target_list.planned_count = len(lines.filtered("plan_id"))
            target_list.won_count = len(lines.filtered("is_won"))

    @api.constrains("company_id", "year")
    def _check_company(self):
        for target_list in self:
            if target_list.company_id.root_id != target_list.company_id:
                raise ValidationError(
                    self.env._(
                        "%(branch)s is a branch: the list belongs to %(company)s.",
                        branch=target_list.company_id.name,
                        company=target_list.company_id.root_id.name,
                    )
                )
            if not 1990 <= target_list.year <= 2200:
                raise ValidationError(self.env._("Write the year with four digits."))

    @ondelete_always
    def _unlink_except_draft(self):
        if self.filtered(lambda target_list: target_list.state != "draft"):
            raise UserError(self.env._("A list that was confirmed stays. Close it instead."))

    def _check_office(self):
        if not self.env.user.has_group(OFFICE):
            raise AccessError(self.env._("The KAM office decides on target accounts."))

    # Proposing --------------------------------------------------------------------

    def action_propose(self):
        """Add accounts of a low level, or of none, with high potential.

        What was added or taken out by hand before stays as it is, but for those missing.
        Raises ``UserError`` where no account fits.  Source: S1l-10.
        """
        self.ensure_one()
        self.check_access("write")
        self._check_office()
        self._check_draft()
        accounts, scores = self._candidates()
        new = accounts - self.line_ids.account_id
        if not new and not self.line_ids:
            raise UserError(
                self.env._(
                    "No account of a low level has a confirmed analysis with a potential of "
                    "%(score)s or more. Confirm analyses first, or lower the bound.",
                    score=self.min_potential,
                )
            )
        self.env["kam.target.account"]._add(self, new, scores)
        return True

    def _check_draft(self):
        if self.filtered(lambda target_list: target_list.state != "draft"):
            raise UserError(self.env._("The list is confirmed: its accounts stay as decided."))

    def _candidates(self):
        """``(accounts, {account id: score})`` of what fits, highest potential first."""
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("is_key_account", "=", False) & Domain("state", "not in", SUSPENDED)
        accounts = self.env["kam.account"].search(domain)
        scores = self._scores(accounts)
        fit = accounts.filtered(lambda a: scores.get(a.id, 0) >= max(self.min_potential, 1))
        return fit.sorted(lambda a: -scores[a.id]), scores

    def _scores(self, accounts):
        """``{account id: potential}`` of the latest confirmed analyses."""
        # sudo: the registry of figures; the office sees every account's.
        metric = self.env["kam.metric"].sudo().search([("code", "=", "customer_potential_score")])
        if not metric or not accounts:
            return {}
        today = self.company_id._kam_today()
        values = metric._evaluate(accounts.partner_id, self.company_id, Period(today, today))
        return {
            account.id: values.get((account.partner_id.id, self.company_id.id)) or 0.0
            for account in accounts
        }

    # Deciding ---------------------------------------------------------------------

    def action_confirm(self):
        """Decide the list: its accounts are targets, their owners are told.

        Once its year has begun it takes the place of earlier lists: their accounts that are
        not on this one are no targets any more.  Raises ``UserError`` for an empty list, a
        line without owner, or an owner who cannot see the account.  Source: S1l-10.
        """
        self.ensure_one()
        self.check_access("write")
        self._check_office()
        self._check_draft()
        if not self.line_ids:
            raise UserError(self.env._("Propose or add target accounts first."))
        if ownerless := self.line_ids.filtered(lambda line: not line.user_id):
            raise UserError(
                self.env._(
                    "Every target account needs an owner: %(accounts)s.",
                    accounts=", ".join(ownerless.mapped("account_id.name")),
                )
            )
        self._check_owners_see()
        today = self.company_id._kam_today()
        self._as_engine().write(
            {
                "state": "confirmed",
                "confirmed_on": fields.Datetime.now(),
                "confirmed_by_id": self.env.uid,
                "plan_by": self.plan_by or today + timedelta(days=PLAN_DAYS),
            }
        )
        self.line_ids.account_id.with_context(**QUIET).write({"is_target": True})
        if self.year <= today.year:
            self._replace_earlier()
        self.line_ids._tell_owners()
        return True

    def _check_owners_see(self):
        """Who is to win an account works on its file."""
        for line in self.line_ids:
            if not line.account_id.with_user(line.user_id).sudo(False).has_access("read"):
                raise UserError(
                    self.env._(
                        "%(person)s cannot see the file of %(account)s: put him on its team first.",
                        person=line.user_id.name,
                        account=line.account_id.name,
                    )
                )

    def _replace_earlier(self):
        """The list of a year that has begun takes the place of those before it.

        :return: how many lists it replaced
        """
        count = 0
        for target_list in self:
            earlier = self.search(
                [
                    ("company_id", "=", target_list.company_id.id),
                    ("state", "=", "confirmed"),
                    ("year", "<", target_list.year),
                ]
            )
            gone = earlier.line_ids.account_id - target_list.line_ids.account_id
            gone.with_context(**QUIET).write({"is_target": False})
            earlier._close()
            count += len(earlier)
        return count

    def _close(self):
        self._as_engine().write({"state": "closed"})
        self.env["kam.notice"]._settle(TOPIC, self.line_ids)

    def action_close(self):
        """The year is over: nothing of the list is due any more."""
        self.check_access("write")
        self._check_office()
        confirmed = self.filtered(lambda target_list: target_list.state == "confirmed")
        confirmed._close()
        return True

    def action_reopen(self):
        """Back to draft, to add or take out accounts."""
        self.check_access("write")
        self._check_office()
        self._as_engine().write({"state": "draft"})
        return True

    def action_open_lines(self):
        """The accounts of the list, with owner, plan and level."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_target_account_action"
        )
        return action | {
            "domain": [("list_id", "=", self.id)],
            "context": {"default_list_id": self.id},
        }
