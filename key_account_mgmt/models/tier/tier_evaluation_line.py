from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...policy.criteria import INACTIVE, MET, missing_for
from .engine import TierEngine

CODES = [
    ("matched", "Criteria met"),
    ("fallback", "Below every level"),
    ("unassessed", "Not assessed"),
    ("kept_margin", "Kept: within the margin"),
    ("kept_tenure", "Kept: held for a short time"),
    ("suspended", "Kept: account suspended"),
    ("manual", "Kept: decided by hand"),
]
CHANGES = [
    ("up", "Upgrade"),
    ("down", "Downgrade"),
    ("new", "New"),
    ("same", "Unchanged"),
    ("none", "Stays without level"),
    ("added", "Label Added"),
    ("removed", "Label Removed"),
]
# What the office may still write while an evaluation is being prepared.
OPEN_FIELDS = {"assessment", "expected_increment"}


class KamTierEvaluationLine(models.Model):
    """One customer in one scheme: figures, suggestion and decision, frozen.

    Lines are written by one SQL statement; the decision changes through
    :meth:`_override` only.  Source: S0-34, S3-09, S3-10.
    """

    _name = "kam.tier.evaluation.line"
    _inherit = ["kam.guarded"]
    _description = "Tier Evaluation Line"
    _order = "evaluation_id, attention desc, sales desc, id"
    _rec_name = "partner_id"

    _guarded_create = True
    _guarded_unlink = True

    evaluation_id = fields.Many2one(
        "kam.tier.evaluation", required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(related="evaluation_id.state")
    company_id = fields.Many2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    scheme_id = fields.Many2one("kam.tier.scheme", required=True, ondelete="restrict")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict"
    )
    account_id = fields.Many2one("kam.account", index="btree_not_null", ondelete="restrict")
    user_id = fields.Many2one("res.users", "Lead Account Manager")
    label_id = fields.Many2one("kam.tier", ondelete="restrict")
    current_tier_id = fields.Many2one("kam.tier", ondelete="restrict")
    suggested_tier_id = fields.Many2one("kam.tier", ondelete="restrict")
    decided_tier_id = fields.Many2one("kam.tier", ondelete="restrict")
    next_tier_id = fields.Many2one("kam.tier", "Next Level", ondelete="restrict")
    code = fields.Selection(CODES, "Why", required=True)
    change = fields.Selection(CHANGES, required=True)
    attention = fields.Integer(help="Sorts what needs a look to the top.")
    needs_attention = fields.Boolean(
        compute="_compute_needs_attention", search="_search_needs_attention"
    )
    is_override = fields.Boolean("Override")
    override_reason = fields.Char("Reason")
    override_user_id = fields.Many2one("res.users", "Overridden By")
    sales = fields.Monetary("Sales in Window")
    sales_previous = fields.Monetary("Sales a Year Before")
    sales_delta = fields.Monetary("Difference", compute="_compute_sales_delta")
    sales_growth = fields.Float("Growth (%)", compute="_compute_sales_delta")
    pipeline = fields.Monetary("Open Pipeline")
    assessment = fields.Char()
    expected_increment = fields.Monetary()
    result_ids = fields.One2many("kam.tier.evaluation.result", "line_id", "Criteria")
    missing_text = fields.Char("Missing for the Next Level", compute="_compute_missing_text")

    _evaluation_idx = models.Index("(evaluation_id, scheme_id, attention DESC, sales DESC)")

    @api.depends("attention")
    def _compute_needs_attention(self):
        for line in self:
            line.needs_attention = line.attention > 0

    def _search_needs_attention(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = Domain("attention", ">", 0)
        return wanted if True in value else ~wanted

    @api.depends("sales", "sales_previous")
    def _compute_sales_delta(self):
        for line in self:
            line.sales_delta = line.sales - line.sales_previous
            previous = line.sales_previous
            line.sales_growth = 100 * line.sales_delta / previous if previous > 0 else 0.0

    def _compute_missing_text(self):
        """What the customer would need for the next level.  Source: S2-08, g Q5."""
        for line in self:
            line.missing_text = line._missing_sentence() if line.next_tier_id else False

    def _missing_sentence(self):
        results = self.result_ids.filtered(lambda r: r.tier_id == self.next_tier_id)
        verdicts = {result.criterion_id.id: result.verdict for result in results}
        level = self.next_tier_id._to_policy(results.criterion_id)
        active = [c for c in level.criteria if verdicts.get(c.key, INACTIVE) != INACTIVE]
        if not active:
            return False
        lacking = {criterion.key for criterion in missing_for(level, verdicts)}
        parts = results.filtered(
            lambda r: r.criterion_id.id in lacking and r.verdict != MET
        ).mapped("gap_text")
        if not parts:
            return False
        return self.env._(
            "%(tier)s: %(gaps)s",
            tier=self.next_tier_id.name,
            gaps="; ".join(parts),
        )

    def _run(self):
        """The run this line was measured by, for explaining its figures."""
        # sudo: periods and group members are no secret; explain checks the reader.
        line = self.sudo()
        engine = TierEngine(
            line.env,
            line.scheme_id,
            line.company_id,
            line.evaluation_id.day,
            line.evaluation_id.criterion_ids.browse(),
            line.partner_id,
        )
        return engine.run

    def write(self, vals):
        if not self._is_engine():
            if vals.keys() - OPEN_FIELDS:
                self._raise_guarded([name for name in vals if name not in OPEN_FIELDS])
            self._check_open()
        return super().write(vals)

    def _check_open(self):
        if any(state != "computed" for state in self.mapped("evaluation_id.state")):
            raise UserError(self.env._("The evaluation was submitted: its lines stay as they are."))
        if not self.env.user.has_group("key_account_mgmt.group_kam_officer"):
            raise AccessError(self.env._("Only the KAM office can work on evaluation lines."))

    def _override(self, tier, reason):
        """Decide another level than the suggested one, for one or many lines.

        :param tier: level of the lines' scheme; empty for a label: take it away
        :param reason: required, kept with the author

        Raises UserError without a reason, for a level of another scheme, or after
        submission.  Source: S0-09, (c1).
        """
        self.check_access("write")
        self._check_open()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the decision differs from the suggestion."))
        if tier and self.scheme_id != tier.scheme_id:
            raise UserError(
                self.env._(
                    "“%(tier)s” is a level of %(scheme)s: choose lines of that scheme only.",
                    tier=tier.name,
                    scheme=tier.scheme_id.name,
                )
            )
        for line in self:
            line._decide(tier, reason, override=True)

    def action_take_suggestion(self):
        """Drop the override: the suggestion is the decision again."""
        self.check_access("write")
        self._check_open()
        for line in self.filtered("is_override"):
            line._decide(line.suggested_tier_id or line.current_tier_id, False, override=False)
        return True

    def _decide(self, tier, reason, override):
        if self.label_id and tier and tier != self.label_id:
            raise UserError(
                self.env._("A label is given or taken away; choose “%(label)s” or nothing.",
                           label=self.label_id.name)
            )  # fmt: skip
        override = override and tier != self.suggested_tier_id
        change = self._change_to(tier)
        self._as_engine().write(
            {
                "decided_tier_id": tier.id,
                "is_override": override,
                "override_reason": reason if override else False,
                "override_user_id": self.env.uid if override else False,
                "change": change,
                "attention": self._attention(change, self.code, override),
            }
        )

    def _change_to(self, tier):
        current = self.current_tier_id
        if current == tier:
            return "same"
        if self.label_id:
            return "added" if tier else "removed"
        if not current:
            return "none" if tier == self.scheme_id.fallback_tier_id or not tier else "new"
        if not tier:
            return "removed"
        return "up" if tier.rank < current.rank else "down"

    @api.model
    def _attention(self, change, code, override):
        """Order in which the approver sees lines: 0 = nothing new."""
        if override:
            return 5
        if change in ("up", "down", "new", "added", "removed"):
            return 4
        if code == "unassessed":
            return 3
        if code in ("kept_margin", "kept_tenure"):
            return 2
        return 0

    def action_override(self):
        """Ask for the level and the reason."""
        self.check_access("write")
        self._check_open()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Override"),
            "res_model": "kam.tier.override.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_ids": self.ids, "default_scheme_id": self.scheme_id[:1].id},
        }

    def action_qualify(self):
        """Record standing, qualifications and expected sales of the chosen customers."""
        return self.partner_id._kam_qualify_action()

    def action_open(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }
