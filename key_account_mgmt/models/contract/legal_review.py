from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..approval.approval_route import RISKS
from ..core.guarded import ondelete_always

STATES = [
    ("draft", "Under Review"),
    ("conditions", "Passed with Conditions"),
    ("passed", "Passed"),
    ("returned", "Returned"),
    ("refused", "Refused"),
    ("dropped", "Not Decided"),
]
OPEN = ("draft", "conditions")
OUTCOME = {"approve": "passed", "return": "returned", "refuse": "refused"}
# What the reviewer writes.
OPINION = ("risk", "opinion", "file_ids", "condition_ids")


class KamContractLegalReview(models.Model):
    """Legal's opinion about one round of a contract 法务意见.

    Made when somebody of legal opens the review, kept for ever once decided.  Passed
    with conditions it waits: the last condition ticked off passes it, within the round.
    A marked-up copy is part of the opinion, no new version of the contract.
    Source: S0-102, S0-103, users §2 (legal), design §4.5.
    """

    _name = "kam.contract.legal.review"
    _inherit = ["kam.guarded", "kam.own.files", "kam.contract.record"]
    _description = "Legal Review"
    _order = "id desc"
    _rec_name = "contract_id"

    _guarded_create = True
    _guarded_unlink = True
    _own_file_fields = ("file_ids",)

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id")
    request_id = fields.Many2one(
        "kam.approval.request", "Approval Request", required=True, index=True, ondelete="restrict"
    )
    step_id = fields.Many2one(
        "kam.approval.request.step", required=True, index=True, ondelete="restrict"
    )
    cycle = fields.Integer(required=True, aggregator=None)
    round = fields.Integer(required=True, aggregator=None)
    reviewer_id = fields.Many2one("res.users", required=True, ondelete="restrict")
    state = fields.Selection(STATES, required=True, default="draft", readonly=True, index=True)
    risk = fields.Selection(RISKS, "Risk Grade", help="How much we risk by signing it as it is.")
    opinion = fields.Text(
        "Legal Opinion", help="What the reader must know: what binds us, what is unusual."
    )
    file_ids = fields.Many2many(
        "ir.attachment",
        "kam_contract_legal_review_file_rel",
        "review_id",
        "file_id",
        "Marked-Up Copy",
        bypass_search_access=True,
        help="Your own copy with remarks: part of the opinion, no new version.",
    )
    condition_ids = fields.One2many("kam.contract.condition", "review_id", "Conditions")
    open_condition_count = fields.Integer("Open Conditions", compute="_compute_open_conditions")
    decided_on = fields.Datetime(readonly=True)
    is_mine = fields.Boolean(compute="_compute_is_mine")
    party_check = fields.Html(related="contract_id.party_check", sanitize=False)
    differences_html = fields.Html(
        "Differences", compute="_compute_differences_html", sanitize=False
    )

    _once = models.UniqueIndex("(step_id, cycle)", "This round is under review already.")

    @api.depends("condition_ids.is_met")
    def _compute_open_conditions(self):
        for review in self:
            # As they stand on the page, saved or not: they decide which button is there.
            review.open_condition_count = len(review.condition_ids.filtered(lambda c: not c.is_met))

    @api.depends("state", "step_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        # sudo: whether the reader is asked.
        steps = self.sudo().step_id.sudo(False)._filtered_access("read")
        mine = steps.filtered("is_mine")
        for review in self:
            review.is_mine = review.state in OPEN and review.sudo().step_id.id in mine._ids

    @api.depends("contract_id")
    @api.depends_context("lang")
    def _compute_differences_html(self):
        """To the round before, else to our template."""
        for review in self:
            review.differences_html = review.contract_id and review.contract_id._side_by_side()

    # Guards --------------------------------------------------------------------------

    def write(self, vals):
        if not self._is_engine():
            if not vals.keys() <= set(OPINION):
                self._raise_guarded([name for name in vals if name not in OPINION])
            for review in self:
                review._check_writable(vals)
        return super().write(vals)

    def _check_writable(self, vals):
        if self.state == "conditions" and vals.keys() <= {"condition_ids"}:
            # Each condition says what may still be written.
            return
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "“%(contract)s”: this opinion was given and is kept.",
                    contract=self.contract_id.display_name,
                )
            )
        self._check_is_mine()

    def _check_is_mine(self):
        """:raise AccessError: somebody else is asked"""
        self.ensure_one()
        if not self.is_mine:
            raise AccessError(
                self.env._(
                    "The legal review of “%(contract)s” does not wait for you.",
                    contract=self.contract_id.display_name,
                )
            )
        # sudo: who drafted is part of what was asked.
        if self.step_id.sudo()._is_barred(self.env.user):
            raise AccessError(self.env._("Whoever drafted the contract does not review it."))

    # Opening -------------------------------------------------------------------------

    @api.model
    def _open_for(self, step):
        """The review of ``step`` as it is asked now; made where there is none."""
        review = step.sudo()._legal_review()
        if not review:
            # sudo: the step said that the acting user is asked.
            request = step.sudo().request_id
            review = (
                self.sudo()
                ._as_engine()
                .create(
                    {
                        "contract_id": request.res_id,
                        "request_id": request.id,
                        "step_id": step.id,
                        "cycle": step.sudo().cycle,
                        "round": request.round,
                        "reviewer_id": self.env.uid,
                        "state": "draft",
                    }
                )
            )
        return review.sudo(False)._without_engine()

    @api.model
    def _drop(self, requests):
        """Rounds ended: what was not decided in them stays undecided."""
        left = self.sudo().search([("request_id", "in", requests.ids), ("state", "in", OPEN)])
        left._as_engine().write({"state": "dropped"})

    # Deciding ------------------------------------------------------------------------

    def _missing(self):
        """What a decision still lacks, in words."""
        names = ("risk", "opinion")
        return [
            self._fields[name]._description_string(self.env)
            for name in names
            if not (self[name] or "").strip()
        ]

    def _settle_as(self, kind, steps):
        """Called by the steps, for the acting user, after every check of his right."""
        for step in steps - self.step_id:
            raise UserError(
                self.env._(
                    "“%(contract)s” is decided with a risk grade and an opinion: open its Legal "
                    "Review.",
                    contract=step.document_name,
                )
            )
        for review in self:
            review._check_settled(kind)
        self._as_engine().write(
            {
                "state": OUTCOME[kind],
                "reviewer_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
            }
        )
        self._take_over()

    def _check_settled(self, kind):
        """:raise UserError: risk grade or opinion is missing, or a condition is open"""
        name = self.step_id.document_name
        if missing := self._missing():
            raise UserError(
                self.env._(
                    "“%(contract)s”: enter %(missing)s first.",
                    contract=name,
                    missing=", ".join(missing),
                )
            )
        if kind == "approve" and self.condition_ids.filtered(lambda c: not c.is_met):
            raise UserError(
                self.env._(
                    "“%(contract)s” has open conditions: pass it with conditions, and tick them "
                    "off one by one; the last one passes it.",
                    contract=name,
                )
            )

    def _take_over(self):
        """Whoever decides is the legal reviewer of the contract.  Called unrestricted."""
        self.contract_id._as_engine().write({"legal_user_id": self.env.uid})

    def action_pass(self):
        """Nothing stands against it."""
        return self._act("approve")

    def action_pass_with_conditions(self):
        """Passed as soon as the conditions are met; the drafter is told which.

        :raise UserError: no condition, no risk grade, no opinion
        """
        for review in self:
            review.check_access("write")
            review._check_is_mine()
            if review.state != "draft":
                raise UserError(self.env._("This was decided already."))
            missing = review._missing()
            if not review.condition_ids.filtered(lambda c: not c.is_met):
                missing.append(self.env._("Conditions"))
            if missing:
                raise UserError(self.env._("Enter %(missing)s first.", missing=", ".join(missing)))
            # sudo: what a decision is about.
            step = review.sudo().step_id._engine()
            step.request_id._lock()
            step.request_id._check_unchanged()
            review.sudo()._as_engine().write(
                {
                    "state": "conditions",
                    "reviewer_id": self.env.uid,
                    "decided_on": fields.Datetime.now(),
                }
            )
            review.sudo()._take_over()
            review._tell_conditions()
        return True

    def action_return(self):
        """Back to whoever submitted it; the opinion says why."""
        return self._act("return")

    def action_refuse(self):
        """It is not to be signed at all."""
        return self._act("refuse")

    def _act(self, kind):
        self.check_access("write")
        for review in self:
            if review.state not in OPEN:
                raise UserError(self.env._("This was decided already."))
            review._check_is_mine()
            if missing := review._missing():
                raise UserError(self.env._("Enter %(missing)s first.", missing=", ".join(missing)))
        if kind == "approve":
            # sudo: which steps they are; the right to decide them is checked there.
            return self.sudo().step_id.sudo(False).action_approve()
        for review in self:
            step = review.sudo().step_id.sudo(False)
            getattr(step, f"action_{kind}")(review.opinion.strip())
        return True

    def action_open_contract(self):
        self.ensure_one()
        self.check_access("read")
        return self.contract_id.get_formview_action()

    def action_compare(self):
        """Two versions side by side, with their files."""
        self.ensure_one()
        self.check_access("read")
        return self.contract_id.action_compare()

    def _tell_conditions(self):
        """The drafter reads in the morning what he has to bring."""
        notices = self.env["kam.notice"]
        for review in self.sudo():
            user = review.contract_id.user_id or review.request_id.requester_id
            own = review._without_engine().with_context(lang=user.lang)
            title = own.env._(
                "Legal passes “%(contract)s” with conditions",
                contract=own.contract_id.display_name,
            )
            lines = own.condition_ids.filtered(lambda c: not c.is_met).mapped("name")
            notices._queue(user, title, lines, record=own.contract_id, topic="contract_condition")


class KamContractCondition(models.Model):
    """What has to be there before legal's “passed with conditions” is a pass.

    Legal writes it, the drafter answers, legal ticks it off.  Source: design §4.5.
    """

    _name = "kam.contract.condition"
    _inherit = ["kam.guarded", "kam.own.files", "kam.contract.record"]
    _description = "Condition of a Legal Review"
    _order = "review_id, sequence, id"

    _guarded_initial = {"is_met": False, "met_by_id": False, "met_on": False}
    _guarded_once = frozenset({"review_id"})
    _own_file_fields = ("file_ids",)

    review_id = fields.Many2one(
        "kam.contract.legal.review", required=True, index=True, ondelete="cascade"
    )
    contract_id = fields.Many2one(related="review_id.contract_id", store=True, index=True)
    company_id = fields.Many2one(related="review_id.company_id", store=True, index=True)
    round = fields.Integer(related="review_id.round")
    review_state = fields.Selection(related="review_id.state")
    sequence = fields.Integer(default=10)
    name = fields.Char("Condition", required=True)
    answer = fields.Text(help="How it was met; a file where one belongs to it.")
    file_ids = fields.Many2many(
        "ir.attachment",
        "kam_contract_condition_file_rel",
        "condition_id",
        "file_id",
        "Files That Show It",
        bypass_search_access=True,
    )
    is_met = fields.Boolean("Met", readonly=True, copy=False)
    met_by_id = fields.Many2one("res.users", "Ticked off by", readonly=True, ondelete="restrict")
    met_on = fields.Datetime("Ticked off on", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        conditions = super().create(vals_list)
        if not self._is_engine():
            for review in conditions.review_id:
                review._check_writable({"name": True})
        return conditions

    def write(self, vals):
        if not self._is_engine():
            for condition in self:
                condition._check_writable(vals)
        return super().write(vals)

    def _check_writable(self, vals):
        # sudo: where the review stands, for a drafter who may only answer.
        state = self.sudo().review_id.state
        if state == "conditions" and vals.keys() <= {"answer", "file_ids"} and not self.is_met:
            # Legal, or whoever works on the contract.
            if not self.sudo().review_id.sudo(False).is_mine:
                self.contract_id.check_access("write")
            return
        self.review_id._check_writable({"name": True})

    @ondelete_always
    def _unlink_except_given(self):
        if not self._is_engine():
            for review in self.review_id:
                review._check_writable({"name": True})

    def action_tick(self):
        """It is met; the last one passes the review.

        :raise AccessError: the acting user is not asked as legal
        """
        for condition in self:
            condition.check_access("read")
            # sudo: which review it is; it asks for the right itself.
            review = condition.sudo().review_id.sudo(False)
            review._check_is_mine()
            if review.state != "conditions":
                raise UserError(self.env._("Conditions are ticked off once they were set."))
            if condition.is_met:
                continue
            # sudo: the engine keeps who ticked it off.
            condition.sudo()._as_engine().write(
                {"is_met": True, "met_by_id": self.env.uid, "met_on": fields.Datetime.now()}
            )
            if not review.sudo().condition_ids.filtered(lambda c: not c.is_met):
                review._act("approve")
        return True
