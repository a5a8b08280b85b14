from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.guarded import ondelete_always

STATES = [
    ("draft", "Draft"),
    ("computed", "Computed"),
    ("to_approve", "To Approve"),
    ("approved", "Approved"),
    ("applied", "Applied"),
    ("cancelled", "Cancelled"),
]
SETTINGS = {"day", "scheme_ids", "partner_ids", "company_id"}


class KamTierEvaluation(models.Model):
    """Tier evaluation 分级评定: figures, suggestions, decisions, approval, application.

    Draft → Computed → To Approve → Approved → Applied.  It works on a copy of the
    criteria, so that other thresholds can be tried without touching the policy; lines
    and results are frozen on submission and kept.  Source: S0-35, S3-20, (c1).
    """

    _name = "kam.tier.evaluation"
    _inherit = ["kam.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Tier Evaluation"
    _order = "day desc, id desc"

    _guarded_initial = {
        "state": "draft",
        "kind": "adhoc",
        "period_key": False,
        "computed_on": False,
        "applied_on": False,
        "policy_version": False,
    }

    name = fields.Char(required=True, copy=False, default=lambda self: self._default_name())
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company.root_id
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(STATES, default="draft", required=True, tracking=True, copy=False)
    kind = fields.Selection(
        [("annual", "Yearly"), ("adhoc", "Ad Hoc"), ("auto", "Automatic")],
        required=True,
        default="adhoc",
        readonly=True,
        copy=False,
    )
    period_key = fields.Char(copy=False, readonly=True, help="The round it belongs to, once only.")
    day = fields.Date(
        "As Of",
        required=True,
        default=fields.Date.context_today,
        help="Figures are those of the window that is closed on this day.",
    )
    effective_date = fields.Date(
        help="Tiers change on this day; empty: on approval.", tracking=True
    )
    scheme_ids = fields.Many2many(
        "kam.tier.scheme",
        string="Schemes",
        required=True,
        default=lambda self: self._default_schemes(),
        domain="[('active', '=', True), ('company_id', 'in', [company_id, False])]",
        # What was evaluated stays named after a scheme is archived.
        context={"active_test": False},
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Customers", help="Empty: everybody in the schemes' scope."
    )
    user_id = fields.Many2one("res.users", "Prepared By", default=lambda self: self.env.user)
    computed_on = fields.Datetime(readonly=True, copy=False)
    applied_on = fields.Datetime(readonly=True, copy=False)
    policy_version = fields.Char(
        "Policy Versions",
        readonly=True,
        copy=False,
        help="Of each scheme when the figures were computed: counter, number and day of its "
        "latest change in the policy log.",
    )
    note = fields.Html("Remarks")

    criterion_ids = fields.One2many(
        "kam.tier.evaluation.criterion", "evaluation_id", "Criteria of This Evaluation"
    )
    line_ids = fields.One2many("kam.tier.evaluation.line", "evaluation_id", "Lines")
    is_stale = fields.Boolean(
        compute="_compute_is_stale", help="Criteria were changed after the last computation."
    )

    _period_uniq = models.UniqueIndex(
        "(company_id, kind, period_key) WHERE period_key IS NOT NULL",
        "This evaluation round exists already.",
    )

    def _default_name(self):
        return self.env._("Tier Evaluation %(year)s", year=fields.Date.context_today(self).year)

    def _default_schemes(self):
        schemes = self.env["kam.tier.scheme"]._active_for(self.env.company)
        return schemes.filtered(lambda s: s._measured_criteria()).sudo(False)

    @api.constrains("company_id", "scheme_ids")
    def _check_companies(self):
        for evaluation in self:
            if evaluation.company_id.root_id != evaluation.company_id:
                raise ValidationError(
                    self.env._("Evaluations are made for a company, not for one of its branches.")
                )
            if evaluation.scheme_ids.company_id - evaluation.company_id:
                raise ValidationError(
                    self.env._("A scheme of another company cannot be evaluated here.")
                )

    @api.constrains("effective_date", "day")
    def _check_effective_date(self):
        for evaluation in self:
            if evaluation.effective_date and evaluation.effective_date < evaluation.day:
                raise ValidationError(
                    self.env._("Tiers cannot take effect before the day they are evaluated.")
                )

    @api.depends("criterion_ids.write_date", "computed_on")
    def _compute_is_stale(self):
        for evaluation in self:
            changed = evaluation.criterion_ids.filtered("changed_after_computing")
            evaluation.is_stale = evaluation.state == "computed" and bool(changed)

    def write(self, vals):
        frozen = SETTINGS & vals.keys() and not self._is_engine()
        if frozen and any(evaluation.state != "draft" for evaluation in self):
            raise UserError(
                self.env._(
                    "The figures rest on these settings. Set the evaluation back to draft to "
                    "change them."
                )
            )
        return super().write(vals)

    @ondelete_always
    def _unlink_except_decided(self):
        if any(evaluation.state not in ("draft", "cancelled") for evaluation in self):
            raise UserError(self.env._("Only draft evaluations can be deleted. Cancel it instead."))
        if self.approval_request_ids:
            raise UserError(self.env._("It was submitted for approval once and is kept."))
        for evaluation in self:
            evaluation._drop_lines()

    # Actions ----------------------------------------------------------------------

    @api.model
    def _open_adhoc(self, partners, company):
        """Create, compute and open an evaluation of a few customers.

        Source: S0-36, (c1) "ad hoc".
        """
        names = ", ".join(partners.mapped("name"))
        evaluation = self.with_company(company.ensure_one()).create(
            {
                "name": self.env._("Re-evaluation: %(names)s", names=names[:60]),
                "company_id": company.id,
                "partner_ids": [fields.Command.set(partners.ids)],
            }
        )
        evaluation.action_compute()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": evaluation.id,
            "view_mode": "form",
        }

    def _check_officer(self):
        """Evaluations are prepared by the KAM office (or by the nightly job)."""
        if not (self.env.su or self.env.user.has_group("key_account_mgmt.group_kam_officer")):
            raise AccessError(self.env._("Only the KAM office can prepare a tier evaluation."))
        self.check_access("write")

    def action_compute(self):
        """Measure every customer in scope and suggest a level; decisions start there.

        May be repeated until submission: overrides are kept, criteria of the
        evaluation's copy are used.  Source: S0-35, S2-07.
        """
        for evaluation in self:
            evaluation._check_officer()
            if evaluation.state not in ("draft", "computed"):
                raise UserError(
                    self.env._(
                        "“%(name)s” was submitted: its figures stay as they are. Withdraw it "
                        "first.",
                        name=evaluation.name,
                    )
                )
            evaluation._lock()
            evaluation._compute_evaluation()
        return True

    def action_reset(self):
        """Back to draft, dropping lines and the copy of the criteria."""
        for evaluation in self:
            evaluation._check_officer()
            if evaluation.state not in ("computed", "cancelled"):
                raise UserError(self.env._("Only a computed evaluation can go back to draft."))
            evaluation._drop_lines()
            engine = evaluation.sudo()._as_engine()
            engine.criterion_ids.unlink()
            engine.write({"state": "draft", "computed_on": False})
        return True

    def action_cancel(self):
        for evaluation in self:
            evaluation._check_officer()
            if evaluation.state not in ("draft", "computed", "approved"):
                raise UserError(
                    self.env._("Withdraw a submitted evaluation first; an applied one stays.")
                )
            evaluation._as_engine().write({"state": "cancelled", "period_key": False})
        return True

    def action_adopt_criteria(self):
        """Make the thresholds tried here the policy.  A separate act of the administrator."""
        self.ensure_one()
        self.criterion_ids._adopt()
        return True

    def _lock(self):
        """Two people (or workers) must not compute or apply the same evaluation."""
        if not self.try_lock_for_update():
            raise UserError(
                self.env._("Somebody is working on “%(name)s”. Try again soon.", name=self.name)
            )

    def action_view_lines(self):
        """Open lines; the context chooses the filter."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_tier_evaluation_line_action"
        )
        show = self.env.context.get("kam_show")
        context = {"default_evaluation_id": self.id, "create": False}
        if show in ("changed", "unchanged", "unassessed", "override"):
            context[f"search_default_{show}"] = 1
        action |= {"domain": [("evaluation_id", "=", self.id)], "context": context}
        if show == "matrix":
            action["views"] = [(False, "pivot"), (False, "list"), (False, "form")]
        return action
