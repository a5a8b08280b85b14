from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..core.guarded import ondelete_always

TOPIC = "target_account"
FROZEN = {"potential": 0.0, "tier_id": False, "sales": 0.0}


class KamTargetAccount(models.Model):
    """An account on the list of a year, with the figures it was chosen by.

    Source: S1l-10, S1l-11.
    """

    _name = "kam.target.account"
    _inherit = ["kam.guarded"]
    _description = "Target Account"
    _order = "list_id desc, potential desc, id"
    _check_company_auto = True

    _guarded_initial = FROZEN
    _guarded_once = frozenset({"list_id", "account_id"})

    list_id = fields.Many2one("kam.target.list", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="list_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    year = fields.Integer(related="list_id.year", store=True, aggregator=None)
    state = fields.Selection(related="list_id.state")
    account_id = fields.Many2one(
        "kam.account", required=True, index=True, ondelete="restrict", check_company=True
    )
    user_id = fields.Many2one(
        "res.users", "Owner", index="btree_not_null", domain=[("share", "=", False)]
    )
    potential = fields.Float("Potential Score", readonly=True, copy=False, aggregator="avg")
    tier_id = fields.Many2one("kam.tier", "Tier When Chosen", readonly=True, copy=False)
    sales = fields.Monetary("Sales When Chosen", readonly=True, copy=False)
    current_tier_id = fields.Many2one(related="account_id.tier_id", string="Tier Today")
    is_won = fields.Boolean("Key Account by Now", related="account_id.is_key_account")
    reason = fields.Char("Why")
    goal = fields.Char(help="What is to be reached with this account in the year.")
    plan_id = fields.Many2one("kam.plan", compute="_compute_plan_id")
    plan_progress = fields.Float("Progress (%)", compute="_compute_plan_id")

    _account_uniq = models.Constraint(
        "UNIQUE (list_id, account_id)", "This account is on the list already."
    )

    @api.depends("account_id.name", "year")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.account_id.name or ''} {line.year or ''}".strip()

    @api.depends("account_id", "year")
    @api.depends_context("uid")
    def _compute_plan_id(self):
        """The development or marketing plan of the account that lasts into the year."""
        Plan = self.env["kam.plan"]
        domain = Domain("account_id", "in", self.account_id.ids)
        domain &= Domain("state", "!=", "cancelled")
        domain &= Domain("kind", "in", ("development", "cooperation"))
        plans = Plan.search(domain, order="date_from desc, id desc").grouped("account_id")
        for line in self:
            ours = plans.get(line.account_id._origin, Plan).filtered(
                lambda p, year=line.year: p.date_from.year <= year <= p.date_to.year
            )
            line.plan_id = ours[:1]
            line.plan_progress = line.plan_id.progress

    @api.constrains("user_id", "account_id")
    def _check_owner(self):
        for line in self.filtered("user_id"):
            # sudo: whether the owner works here must not depend on who asks.
            if line.user_id.sudo().share or not line.user_id.sudo().active:
                raise ValidationError(
                    self.env._("%(name)s cannot own a target account.", name=line.user_id.name)
                )

    @api.onchange("account_id")
    def _onchange_account_id(self):
        if self.account_id and not self.user_id:
            self.user_id = self.account_id.user_id

    @api.model_create_multi
    def create(self, vals_list):
        """Also by hand; the figures are those of the day."""
        lines = super().create(vals_list)
        if not self._is_engine():
            lines.list_id._check_draft()
            for target_list, own in lines.grouped("list_id").items():
                scores = target_list._scores(own.account_id)
                for line in own:
                    line._as_engine().write(line._figures(line.account_id, scores))
        return lines

    def write(self, vals):
        if not self._is_engine():
            # sudo: the rule holds for everybody who reaches a line.
            closed = self.sudo().list_id.filtered(lambda one: one.state == "closed")
            if closed:
                raise UserError(self.env._("“%(name)s” is closed.", name=closed[0].name))
        result = super().write(vals)
        if "user_id" in vals:
            self.filtered(lambda line: line.state == "confirmed")._tell_owners()
        return result

    @ondelete_always
    def _unlink_except_decided(self):
        if not self._is_engine():
            # sudo: the rule holds for everybody who reaches a line.
            self.sudo().list_id._check_draft()

    @api.model
    def _figures(self, account, scores):
        return {
            "potential": scores.get(account.id, 0.0),
            "tier_id": account.tier_id.id,
            "sales": account.sales,
        }

    @api.model
    def _add(self, target_list, accounts, scores):
        """Lines of a proposal; the lead account manager is the owner."""
        self._as_engine().create(
            [
                {
                    "list_id": target_list.id,
                    "account_id": account.id,
                    "user_id": account.user_id.id,
                    "reason": self.env._("Potential %(score)s", score=round(scores[account.id])),
                    **self._figures(account, scores),
                }
                for account in accounts
            ]
        )

    def _tell_owners(self):
        """Each owner hears in the morning which accounts are his targets."""
        Notice = self.env["kam.notice"]
        rows = []
        for line in self.filtered("user_id"):
            if line.user_id == self.env.user:
                continue
            texts = line.with_context(lang=line.user_id.lang)
            # sudo: the owner reads whom he is to win.
            name = line.account_id.sudo().display_name
            title = texts.env._(
                "Target account %(year)s: %(account)s", year=line.year, account=name
            )
            lines = [texts.env._("Write its development plan.")]
            rows.append(Notice._prepare_vals(line.user_id, title, lines, record=line, topic=TOPIC))
        if rows:
            Notice._queue_all(rows)

    def action_make_plan(self):
        """Open the plan of the account, or a new development plan.  Source: S1l-11."""
        self.ensure_one()
        self.check_access("read")
        if self.plan_id:
            return self.plan_id.get_formview_action()
        self.env["kam.plan"].check_access("create")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_plan_action")
        return action | {
            "views": [(False, "form")],
            "context": {
                "default_kind": "development",
                "default_account_id": self.account_id.id,
                "default_goal": self.goal,
                "default_goal_type": "grow" if self.tier_id else "win",
            },
        }

    def _week_texts(self):
        """Title and state for My Week."""
        return self.display_name, self.env._("Development plan missing")
