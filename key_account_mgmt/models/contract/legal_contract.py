from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...policy import contracting
from ..approval.approval_route import RISKS
from .legal_file import BEFORE_SIGNATURE
from .legal_step import draw

# How many changes since the last round an approver reads at once.
SHOWN = 5
# What may change while it is decided about: who works on it, and what the system keeps.
OPEN = {
    "account_id",
    "number",
    "signed_on",
    "sign_deadline",
    "legal_user_id",
    "project_manager_id",
    "technical_user_id",
    "delivery_user_id",
    "legal_draw",
    "review_ids",
    "condition_ids",
    "file_change_ids",
    "version_ids",
    "seal_ids",
    "signing_ids",
    "supplement_ids",
}


class KamContract(models.Model):
    """A contract under review and approval.

    Until signature a change of lines, price, terms or clauses is a new round; a file that
    comes later is judged by legal.  Source: design §4.5, §5, S0-102 … S0-104, g Q16.
    """

    _inherit = "kam.contract"

    _approval_state_from = ("draft",)
    _approval_state_pending = "legal"
    _approval_state_approved = "to_sign"
    _approval_state_refused = "draft"

    technical_user_id = fields.Many2one(
        "res.users",
        "Technical Reviewer",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="Says whether we can make and prove what the contract promises.",
    )
    delivery_user_id = fields.Many2one(
        "res.users",
        "Delivery Reviewer",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="Says whether we can deliver it in time.",
    )
    tier_id = fields.Many2one("kam.tier", related="account_id.tier_id")
    # 1 to 100, 0 before it was drawn: whether an unchanged template is looked at.
    legal_draw = fields.Integer(copy=False, readonly=True, aggregator=None)
    review_ids = fields.One2many("kam.contract.legal.review", "contract_id", "Legal Opinions")
    condition_ids = fields.One2many("kam.contract.condition", "contract_id", "Conditions")
    file_change_ids = fields.One2many("kam.contract.file", "contract_id", "Changed Files")
    version_ids = fields.One2many("kam.contract.version", "contract_id", "Rounds of Approval")
    legal_risk = fields.Selection(RISKS, "Risk Grade", compute="_compute_legal_risk")
    has_open_file = fields.Boolean(
        "File to Judge", compute="_compute_has_open_file", search="_search_has_open_file"
    )
    has_conditions = fields.Boolean("Conditions Open", compute="_compute_has_conditions")
    is_for_legal = fields.Boolean(compute="_compute_is_for_legal")
    legal_task = fields.Selection(
        [
            ("review", "To Review"),
            ("conditions", "Conditions Open"),
            ("file", "File to Judge"),
        ],
        "What Legal Does",
        compute="_compute_legal_task",
    )
    was_refused = fields.Boolean(compute="_compute_was_refused")
    last_outcome = fields.Char("How the Last Round Ended", compute="_compute_was_refused")
    route_preview = fields.Html("Who Will Decide", compute="_compute_route_preview", sanitize=False)

    # Figures -------------------------------------------------------------------------

    @api.depends("review_ids.risk", "review_ids.decided_on")
    def _compute_legal_risk(self):
        """Of the latest opinion legal gave."""
        for contract in self:
            # sudo: the grade belongs to the contract, the opinion to the round.
            given = contract.sudo().review_ids.filtered(lambda r: r.decided_on and r.risk)
            contract.legal_risk = given.sorted("id")[-1:].risk

    @api.depends("file_change_ids.verdict", "state")
    def _compute_has_open_file(self):
        groups = (
            self.env["kam.contract.file"]
            .sudo()
            ._read_group(
                [("contract_id", "in", self.ids), ("verdict", "=", "new")], ["contract_id"]
            )
        )
        waiting = {contract.id for (contract,) in groups}
        for contract in self:
            contract.has_open_file = (
                contract.state in BEFORE_SIGNATURE and contract._origin.id in waiting
            )

    @api.model
    def _search_has_open_file(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("file_change_ids", "any", [("verdict", "=", "new")]) & Domain(
            "state", "in", BEFORE_SIGNATURE
        )

    @api.depends("condition_ids.is_met", "review_ids.state")
    def _compute_has_conditions(self):
        groups = (
            self.env["kam.contract.condition"]
            .sudo()
            ._read_group(
                [
                    ("contract_id", "in", self.ids),
                    ("is_met", "=", False),
                    ("review_id.state", "=", "conditions"),
                ],
                ["contract_id"],
            )
        )
        waiting = {contract.id for (contract,) in groups}
        for contract in self:
            # While a form is edited, too.
            contract.has_conditions = contract._origin.id in waiting

    @api.depends("state", "has_open_file", "has_conditions")
    def _compute_legal_task(self):
        """In the queue: what it waits for there."""
        for contract in self:
            at_legal = "conditions" if contract.has_conditions else "review"
            waits = contract.state == "legal" and at_legal
            contract.legal_task = waits or (contract.has_open_file and "file")

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_is_for_legal(self):
        """Whether the reader is asked as legal."""
        at_legal = self.filtered(lambda c: c.state == "legal")
        steps = self.env["kam.approval.request.step"].sudo()
        mine = at_legal and steps.search(
            steps._domain_mine()
            & Domain("is_legal", "=", True)
            & Domain("request_id", "any", at_legal._approval_request_domain())
        )
        ids = set(mine.mapped("request_id.res_id")) if mine else set()
        for contract in self:
            contract.is_for_legal = contract._origin.id in ids

    @api.depends("state")
    @api.depends_context("uid", "lang")
    def _compute_was_refused(self):
        """Back in drafting after a round: the last one did not end well."""
        drafts = self.filtered(lambda c: c.state == "draft")
        groups = (
            self.env["kam.contract.version"]
            .sudo()
            ._read_group([("contract_id", "in", drafts.ids)], ["contract_id"])
        )
        ids = {contract.id for (contract,) in groups}
        for contract in self:
            refused = contract._origin if contract._origin.id in ids else contract.browse()
            contract.was_refused = bool(refused)
            contract.last_outcome = refused.version_ids.sorted("round")[-1:].outcome

    # Before it is submitted -------------------------------------------------------------

    @api.depends("technical_user_id", "delivery_user_id", "project_manager_id", "currency_id")
    def _compute_problems(self):
        """Also what would stop it on its road: people the contract does not name yet."""
        result = super()._compute_problems()
        for contract in self.filtered(lambda c: c.state == "draft" and c._origin):
            texts = [contract.problems, *(f"• {t}" for t in contract._origin._road_problems())]
            contract.problems = "\n".join(filter(None, texts))
        return result

    @api.depends("state", "amount_total", "paper", "technical_user_id", "delivery_user_id")
    @api.depends_context("uid", "lang")
    def _compute_route_preview(self):
        for contract in self:
            drafted = contract._origin and contract.state == "draft"
            rows = contract._origin._route_people() if drafted else []
            contract.route_preview = contract._route_html(rows)

    def _route_people(self):
        """Whom it would be put to, were it submitted now.

        :return: ``[(stage, step, names, problem)]``; without a fitting route one row that
            says so
        """
        self.ensure_one()
        company = self._approval_company()
        neutral = self._approval_neutral(company).with_context(lang=self.env.lang)
        # Whoever asks and may not submit it sees the road of its drafter.
        requester = self.env.user if self._may_draft() else self.sudo().user_id
        try:
            route = neutral.env["kam.approval.route"]._choose(neutral, company)
        except UserError as error:
            return [("", "", "", str(error))]
        return [
            (stage, step.name, *neutral._step_people(step, company, requester))
            for stage, step in route._stages()
        ]

    def _step_people(self, step, company, requester):
        """(names, problem) of a step of the road.  In a neutral environment."""
        try:
            people = step._approvers(self, company, requester)
        except UserError as error:
            return "", str(error)
        if step._reviews(self) and step.skip_template and self._is_unchanged_template():
            return self.env._("skipped for an unchanged template, but for a sample"), ""
        return ", ".join(people.mapped("name")), ""

    def _road_problems(self):
        """What would stop the submission besides the content of the contract."""
        self.ensure_one()
        return self._file_problems() + self._route_problems()

    def _file_problems(self):
        """A file that is called PDF is one: others have to read it side by side."""
        # sudo: of what kind their files are, whoever attached them.
        files = self.env["ir.attachment"].sudo()
        domain = Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        named = files.search(domain & Domain("name", "=ilike", "%.pdf"))
        return [
            self.env._(
                "“%(file)s” is called PDF but is none: attach the document itself.",
                file=file.name,
            )
            for file in named
            if file._kam_only_called_pdf()
        ]

    def _route_problems(self):
        """What the road of approval still lacks, in words; nothing before it has an amount."""
        self.ensure_one()
        if not (self.amount_total or self.parent_id) or not self.partner_id:
            return []
        return [problem for *_row, problem in self._route_people() if problem]

    @api.model
    def _route_html(self, rows):
        if not rows:
            return False
        line = Markup("<tr><td class='text-muted pe-3'>%s</td><td class='pe-3'>%s</td>%s</tr>")
        names = Markup("<td>%s</td>")
        lacks = Markup("<td class='text-danger'>%s</td>")
        return Markup("<table class='table table-sm w-auto mb-0'>%s</table>") % Markup("").join(
            line % (stage, step, lacks % problem if problem else names % people)
            for stage, step, people, problem in rows
        )

    # Guards --------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            # Neither a client nor a default of his chooses the draw.
            vals_list = [{**vals, "legal_draw": 0} for vals in vals_list]
        contracts = super().create(vals_list)
        contracts._propose_reviewers()
        return contracts

    def write(self, vals):
        if "legal_draw" in vals and not self._is_engine():
            self._raise_guarded(["legal_draw"])
        asked = vals.keys() & {"technical_user_id", "delivery_user_id", "supplement_text"}
        if asked and not (self.env.su or self._is_engine() or self._may_draft()):
            self._raise_not_drafter(asked)
        result = super().write(vals)
        if vals.get("project_manager_id") and "delivery_user_id" not in vals:
            # Whoever runs the project is asked about delivery, unless somebody was named.
            self.filtered(lambda c: c.state == "draft")._propose_reviewers()
        return result

    def _propose_reviewers(self):
        """Technical owner of the account's team; whoever runs the project delivers."""
        for contract in self.sudo():
            vals = {}
            if not contract.technical_user_id:
                today = contract.company_id._kam_today()
                members = contract.account_id.member_ids.filtered(
                    lambda m, day=today: (
                        (m.role_id.counts_as_id or m.role_id).code == "technical"
                        and m.user_id.active
                        and m.date_from <= day
                        and (not m.date_to or m.date_to >= day)
                    )
                )
                if members:
                    vals["technical_user_id"] = members[0].user_id.id
            if not contract.delivery_user_id and contract.project_manager_id:
                vals["delivery_user_id"] = contract.project_manager_id.id
            if vals:
                contract.write(vals)

    # Who does not review --------------------------------------------------------------

    def _legal_barred(self):
        """Whoever drafted it, or worded one of its clauses: never its legal reviewer."""
        # sudo: who drafted does not depend on who asks.
        contracts = self.sudo()
        clauses = contracts.clause_ids
        people = contracts.user_id | contracts.create_uid | clauses.create_uid | clauses.write_uid
        return people.sudo(self.env.su)

    def _legal_draw(self):
        """A number from 0 to 99, drawn once and kept."""
        self.ensure_one()
        contract = self.sudo()
        if not contract.legal_draw:
            contract._as_engine().write({"legal_draw": draw() + 1})
        return contract.legal_draw - 1

    # The round -----------------------------------------------------------------------

    def _approval_submit(self):
        if problems := self._file_problems():
            raise UserError("\n".join(problems))
        result = super()._approval_submit()
        # What came while an earlier round ran is part of this one.
        seen = (
            self.env["kam.contract.file"]
            .sudo()
            .search([("contract_id", "in", self.ids), ("verdict", "=", "new")])
        )
        seen._as_engine().unlink()
        self.env["kam.contract.version"]._keep(self)
        return result

    def _check_may_work(self):
        """:raise AccessError: the acting user neither drafts contracts nor runs the office"""
        self.check_access("write")
        if not self._may_draft():
            raise AccessError(
                self.env._("Commercial and the KAM office submit, seal and sign contracts.")
            )

    def _approval_check(self):
        """:raise UserError: naming everything that stops the submission"""
        self._check_may_work()
        result = super()._approval_check()
        if problems := self._contract_problems():
            raise UserError(
                self.env._(
                    "“%(contract)s” cannot be submitted yet:\n%(problems)s",
                    contract=self.display_name,
                    problems="\n".join(f"• {text}" for text in problems),
                )
            )
        return result

    def _approval_locked_fields(self):
        return super()._approval_locked_fields() - OPEN

    def _approval_fingerprint_values(self):
        """What is agreed: fields, clauses, payments, and the lines of the orders.

        Of a frame contract later orders are call-offs, none of its content.
        """
        values = super()._approval_fingerprint_values()
        # Opportunities and contacts are merged meanwhile: the customer counts.
        for name in ("lead_id", "own_partner_id"):
            values.pop(name, None)
        values["partner_id"] = self.partner_id.commercial_partner_id.id
        values["clause_ids"] = [
            self._line_content(clause) for clause in self.clause_ids.sorted("id")
        ]
        values["payment_ids"] = [
            self._line_content(payment) for payment in self.payment_ids.sorted("id")
        ]
        values["order_ids"] = [
            order._kam_contract_content() for order in self._agreed_orders().sorted("id")
        ]
        return values

    def _agreed_orders(self):
        """The orders whose lines are agreed: of a supplementary agreement those of its
        contract, as they are to be; of a frame contract none."""
        orders = (self.parent_id or self).order_ids
        return orders if self.kind != "frame" else orders.browse()

    def _approval_amount(self):
        """In company currency at the day the contract was drafted.

        Of a supplementary agreement what the contract comes to with it: nobody approves by
        parts what he could not approve as a whole.
        """
        company = self._approval_company()
        amount = self.amount_total
        if self.parent_id:
            amount = max(
                abs(amount),
                self.parent_id.amount_in_force + amount,
                # What the changed lines come to, whatever amount was typed.
                self._agreed_amount(),
            )
        day = fields.Datetime.context_timestamp(
            self.with_context(tz="UTC"), self.create_date or fields.Datetime.now()
        ).date()
        return self.currency_id._convert(amount, company.currency_id, company, day)

    def _agreed_amount(self):
        """What the agreed orders come to, in the currency of the contract."""
        orders = self._agreed_orders().filtered(lambda order: order.state != "cancel")
        day = self.create_date.date() if self.create_date else fields.Date.today()
        return sum(
            order.currency_id._convert(order.amount_total, self.currency_id, self.company_id, day)
            for order in orders
        )

    def _approval_risk(self):
        return self.legal_risk

    def _approval_summary(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        papers = dict(self._fields["paper"]._description_selection(self.env))
        rows = [
            (self.env._("Customer"), self.partner_id.display_name or "–"),
            (self.env._("Kind"), kinds.get(self.kind, "–")),
            (
                self.env._("Amount"),
                self.company_id._kam_format_amount(self.amount_total, self.currency_id),
            ),
            (self.env._("From"), format_date(self.env, self.date_from) or "–"),
            (self.env._("Until"), format_date(self.env, self.date_to) or "–"),
            (self.env._("Paper"), papers.get(self.paper, "–")),
            (self.env._("Drafted by"), self.user_id.name or "–"),
        ]
        content = self._version_content()
        rows += [tuple(pair) for pair in content.get("payments", {}).values()]
        return rows

    def _approval_highlights(self):
        """What is unusual: the paper, the customer, what changed since the last round."""
        texts = []
        if self.paper == "customer":
            texts.append(self.env._("On the customer's paper"))
        texts += [
            self.env._("%(label)s: %(value)s", label=label, value=value)
            for _code, label, value, level in self._party_check()
            if level == "bad"
        ]
        last = self.version_ids.sorted("round")[-1:]
        if last:
            code, said = last._content()
            now = self.with_context(lang=code)._version_content()
            found = contracting.differences(said, now)
            labels = ", ".join(d.label for d in found[:SHOWN])
            texts.append(
                self.env._(
                    "Round %(round)s: %(count)s changes since the last one (%(labels)s)",
                    round=last.round + 1,
                    count=len(found),
                    labels=labels or "–",
                )
            )
        return texts

    def _approval_granted(self):
        result = super()._approval_granted()
        self._open_signing()
        return result

    # A new round ---------------------------------------------------------------------

    def _is_as_submitted(self, request):
        """Whether it still is what ``request`` was about."""
        self.ensure_one()
        document = request._documents().exists()
        files = request.env["ir.attachment"].sudo().browse(request.file_ids or []).exists()
        return bool(document) and request.fingerprint == document._approval_fingerprint(files)

    def _orders_changed(self):
        """Called with rights of nobody: what its orders say may have changed.

        Never refuses anything: where a round cannot be ended now, its fingerprint refuses
        the next decision.
        """
        for contract in self | self.supplement_ids:
            if contract.state not in BEFORE_SIGNATURE or contract.signed_on:
                continue
            contract.env.flush_all()
            request = contract._approval_request()
            if not request or contract._is_as_submitted(request):
                continue
            if request.state == "pending" and request.try_lock_for_update() != request:
                continue
            contract._new_round(self.env._("Lines or terms of its orders changed"))

    def _new_round(self, reason):
        """Back to drafting: what was decided was decided about something else.

        The round is kept with what it said; the drafter is told.  Called unrestricted,
        the right was checked.
        """
        for contract in self.sudo()._without_engine():
            if contract.state not in BEFORE_SIGNATURE or contract.signed_on:
                continue
            request = contract._approval_request()._engine()
            running = request.state == "pending"
            if running:
                request._lock()
                request._send_back(request._record("return", comment=reason))
            else:
                contract._approval_move("returned")
            contract.version_ids.filtered(
                lambda v, ids=request.ids: v.request_id.id in ids
            )._as_engine().write({"end_reason": reason})
            contract._close_signing()
            # Whoever submitted a running round hears of its end by itself.
            contract._tell_drafter(reason, request.requester_id if running else None)
            contract.invalidate_recordset()

    def _tell_drafter(self, reason, told=None):
        for contract in self:
            user = contract.user_id
            if not user.active or user in (self.env.user, told):
                continue
            own = contract.with_context(lang=user.lang)
            title = own.env._("“%(contract)s” needs a new round", contract=own.display_name)
            self.env["kam.notice"]._queue(user, title, [reason], record=own, topic="contract_round")

    def action_cancel(self):
        """Given up: nothing of it is sealed or signed any more."""
        result = super().action_cancel()
        self._close_signing()
        return result

    def action_new_round(self):
        """Ask what is changed: approved or not, it is drafted and decided again."""
        self.ensure_one()
        self._check_new_round()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Round"),
            "res_model": "kam.contract.reason.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_step": "round", "default_contract_id": self.id},
        }

    def _check_new_round(self):
        self._check_may_work()
        for contract in self:
            if contract.state != "to_sign" or contract.signed_on:
                raise UserError(
                    self.env._(
                        "“%(contract)s”: while it is decided about, withdraw it; once signed, "
                        "make a supplementary agreement.",
                        contract=contract.display_name,
                    )
                )

    def _start_new_round(self, reason):
        """:raise UserError: not to sign, or no reason"""
        self._check_new_round()
        text = reason.strip() if isinstance(reason, str) else ""
        if not text:
            raise UserError(self.env._("Say why, in a few words."))
        # sudo: the right was checked; the engine keeps the rounds.
        self.sudo()._new_round(text)
        return True

    # Legal ---------------------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Whoever is asked as legal has one button: the page with the opinion."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            for name in ("approve", "refuse", "return"):
                for button in arch.iterfind(f".//header/button[@name='action_{name}_document']"):
                    button.set("invisible", "not approval_is_mine or is_for_legal")
        return arch, view

    def _approval_own_steps(self):
        """Another step is decided first; a legal review has a page of its own."""
        steps = super()._approval_own_steps()
        return steps.filtered(lambda step: not step.is_legal) or steps

    def action_changed_files(self):
        """What came after the submission, and what legal says of it."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Changed Files"),
            "res_model": "kam.contract.file",
            "view_mode": "list",
            "domain": [("contract_id", "=", self.id)],
        }

    def action_legal_review(self):
        """Open the review of the round; whoever is asked writes his opinion there.

        :raise UserError: it does not wait for the acting user as legal
        """
        self.ensure_one()
        self.check_access("read")
        steps = self.env["kam.approval.request.step"].search(
            [
                ("is_mine", "=", True),
                ("is_legal", "=", True),
                ("request_id.res_model", "=", self._name),
                ("request_id.res_id", "=", self.id),
            ]
        )
        steps = steps.filtered(lambda s: not s.sudo()._is_barred(self.env.user))
        if not steps:
            raise UserError(
                self.env._(
                    "The legal review of “%(contract)s” does not wait for you.",
                    contract=self.display_name,
                )
            )
        review = self.env["kam.contract.legal.review"]._open_for(steps[0])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Legal Review"),
            "res_model": review._name,
            "res_id": review.id,
            "view_mode": "form",
        }
