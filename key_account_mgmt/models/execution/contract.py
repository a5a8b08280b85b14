from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

# What became of a contract that ended early: the engine's to write.
SETTLEMENT = (
    "ended_on",
    "ended_by_id",
    "end_reason",
    "settlement_performed",
    "settlement_compensation",
    "settlement_to_invoice",
    "settlement_to_collect",
    "settlement_note",
    "settled_on",
    "settled_by_id",
)
OVER = ("completed", "terminated", "cancelled")


class KamContract(models.Model):
    """How a contract is kept: milestones, terms, checks, coordination group.

    In force it needs a project manager and a milestone; completed it has every milestone
    done, no open issue and its checks written.  Source: S0-107 … S0-111, S1s-04 … S1s-16,
    (c8).
    """

    _inherit = "kam.contract"

    milestone_ids = fields.One2many("kam.contract.milestone", "contract_id", "Milestones")
    term_ids = fields.One2many("kam.contract.term", "contract_id", "Terms and Dates")
    check_ids = fields.One2many("kam.contract.check", "contract_id", "Checks")
    coordinator_ids = fields.One2many(
        "kam.contract.coordinator", "contract_id", "Coordination Group"
    )
    coordination_period = fields.Selection(
        [
            ("month", "Every Month"),
            ("quarter", "Every Quarter"),
            ("half", "Every Half-Year"),
        ],
        "Coordination Meetings",
        copy=False,
        help="How often the group of both sides meets; empty: no meetings.",
    )
    coordination_missing = fields.Char(compute="_compute_coordination_missing")
    meeting_ids = fields.One2many("kam.review", "contract_id", "Meetings")
    milestone_count = fields.Integer("Milestones to Do", compute="_compute_milestones")
    milestone_late_count = fields.Integer("Milestones Late", compute="_compute_milestones")
    milestone_text = fields.Char("Milestones Done", compute="_compute_milestones")
    next_milestone = fields.Char(compute="_compute_milestones")
    next_check_on = fields.Date(compute="_compute_next_check_on")
    expires_on = fields.Date("Ends on", compute="_compute_expires_on")
    is_expiring = fields.Boolean(compute="_compute_expires_on", search="_search_is_expiring")
    exclusive_warning = fields.Char(compute="_compute_exclusive_warning")
    renewal_ids = fields.One2many("kam.negotiation", "renews_contract_id", "Next Negotiations")
    # What was signed stays; the terms let it end later.
    end_by_terms = fields.Date(
        "Goes on until", readonly=True, copy=False, help="By an event, or without a notice."
    )
    bond_ids = fields.One2many(related="bid_id.bond_ids", string="Bonds")
    is_run_by_me = fields.Boolean(compute="_compute_is_run_by_me")

    @api.depends("project_manager_id")
    @api.depends_context("uid")
    def _compute_is_run_by_me(self):
        office = self.env.user.has_group("key_account_mgmt.group_kam_officer")
        for contract in self:
            contract.is_run_by_me = office or contract.project_manager_id == self.env.user

    # Figures -------------------------------------------------------------------------

    # Not on the actions: ticking one off would look for contracts.
    @api.depends("milestone_ids")
    @api.depends_context("lang", "uid")
    def _compute_milestones(self):
        Milestone = self.env["kam.contract.milestone"]
        milestones = Milestone.search_fetch(
            [("contract_id", "in", self.ids)], ["contract_id", "action_id"]
        )
        # sudo: what is done under a contract, for whoever may read it.
        milestones.sudo().action_id.fetch(["state", "date_due", "name", "company_id"])
        by_contract = milestones.sudo().grouped(lambda m: m.contract_id.id)
        for contract in self:
            own = by_contract.get(contract._origin.id, Milestone).filtered(
                lambda m: m.state != "cancelled"
            )
            still_open = own.filtered(lambda m: m.state == "open")
            contract.milestone_count = len(still_open)
            contract.milestone_late_count = len(still_open.filtered("is_overdue"))
            contract.milestone_text = bool(own) and self.env._(
                "%(done)s of %(all)s", done=len(own) - len(still_open), all=len(own)
            )
            first = still_open.sorted("date_due")[:1]
            contract.next_milestone = first.name

    @api.depends("check_ids.state", "check_ids.due_on")
    def _compute_next_check_on(self):
        groups = self.env["kam.contract.check"]._read_group(
            [("contract_id", "in", self.ids), ("state", "=", "open")],
            ["contract_id"],
            ["due_on:min"],
        )
        days = {contract.id: day for contract, day in groups}
        for contract in self:
            contract.next_check_on = days.get(contract._origin.id)

    def _last_day(self):
        """The last day on which the contract binds, or False where none is agreed.

        Called unrestricted.
        """
        return self.date_to_in_force if self else False

    @api.depends("end_by_terms")
    def _compute_in_force(self):
        result = super()._compute_in_force()
        for contract in self:
            last = contract.date_to_in_force
            if contract.end_by_terms and (not last or contract.end_by_terms > last):
                contract.date_to_in_force = contract.end_by_terms
        return result

    @api.depends("date_to_in_force", "state")
    def _compute_expires_on(self):
        for contract in self:
            # sudo: the company's day is no secret.
            company = contract.company_id.sudo()
            contract.expires_on = contract.sudo()._last_day()
            contract.is_expiring = bool(company) and contract._ends_soon(company._kam_today())

    def _ends_soon(self, day):
        """Whether on ``day`` it is time to think of what follows.  Source: J10."""
        self.ensure_one()
        left = self.company_id._kam_contract_expiry_days()
        return bool(
            self.state == "in_force" and self.expires_on and (self.expires_on - day).days <= left
        )

    @api.model
    def _search_is_expiring(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The last day may come from a supplementary agreement: few run, so they are asked.
        running = self.search([("state", "=", "in_force")])
        soon = Domain("id", "in", running.filtered("is_expiring").ids)
        return soon if True in value else ~soon

    def _compute_exclusive_warning(self):
        """Another contract promises the same customer or scope to somebody alone.

        Source: S1s-13.
        """
        # sudo: that there is another one, by number only.
        Term = self.env["kam.contract.term"].sudo()
        terms = Term.search(
            [
                ("kind", "=", "exclusivity"),
                ("state", "=", "open"),
                ("company_id", "in", self.company_id.ids),
                ("contract_id.state", "in", ("to_sign", "in_force")),
            ]
        )
        terms = terms.filtered(lambda t: not t.date or t.date >= t.company_id._kam_today())
        for contract in self:
            own = contract.sudo()
            others = terms.contract_id.filtered(
                lambda c, own=own: (
                    c != own._origin
                    and c != own.parent_id
                    and own.state not in OVER
                    and c.company_id == own.company_id
                    and c._is_about_the_same(own)
                )
            )
            contract.exclusive_warning = bool(others) and self.env._(
                "%(contracts)s promises exclusivity for the same customer or product scope: ask "
                "legal before you go on.",
                contracts=", ".join(c.number or c.name or "" for c in others),
            )

    def _is_about_the_same(self, other):
        """The same project or customer, and no product scope that keeps them apart."""
        customer = self.partner_id.commercial_partner_id
        same = customer == other.partner_id.commercial_partner_id or (
            bool(self.project) and self.project == other.project
        )
        return same and (
            not self.scope_ids or not other.scope_ids or bool(self.scope_ids & other.scope_ids)
        )

    @api.depends("coordination_period", "coordinator_ids.user_id", "coordinator_ids.partner_id")
    @api.depends_context("lang")
    def _compute_coordination_missing(self):
        """One or two people of the customer, and one of ours.  Source: S1s-15."""
        for contract in self:
            group = contract.coordinator_ids
            theirs, ours = group.filtered("partner_id"), group.filtered("user_id")
            text = False
            if contract.coordination_period or group:
                if not theirs:
                    text = self.env._("The coordination group needs somebody of the customer.")
                elif not ours:
                    text = self.env._("The coordination group needs somebody of ours.")
            contract.coordination_missing = text

    # Steps ---------------------------------------------------------------------------

    def _approval_locked_fields(self):
        """How it is run may be planned while it is decided about."""
        mine = {
            "milestone_ids",
            # Each term looks itself after what was agreed.
            "term_ids",
            "check_ids",
            "coordinator_ids",
            "coordination_period",
            "meeting_ids",
            "renewal_ids",
            "stage_ids",
            "end_by_terms",
            *SETTLEMENT,
        }
        return super()._approval_locked_fields() - mine

    def _in_force_problems(self):
        """Source: S0-108."""
        problems = super()._in_force_problems()
        # sudo: whether there is one, for whoever enters the signature.
        live = self.sudo().milestone_ids.filtered(lambda m: m.state != "cancelled")
        # What changes a contract has its milestones there.
        if not live and not self.parent_id:
            problems.append(self.env._("Plan at least one milestone with department and day."))
        elif lacking := live.filtered(lambda m: not m.department_id):
            problems.append(
                self.env._("Say which department does: %(name)s.", name=lacking[0].name)
            )
        return problems

    def _on_in_force(self):
        result = super()._on_in_force()
        for contract in self.sudo():
            contract._shift_days()
        return result

    def _shift_days(self):
        """Terms that hang on the days of the contract know them now."""
        (self | self.parent_id).term_ids._as_engine()._refresh_days()

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            facts = dict.fromkeys(("end_by_terms", *SETTLEMENT), False)
            vals_list = [{**vals, **facts} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self._is_engine():
            forged = [name for name in vals if name == "end_by_terms" or name in SETTLEMENT]
            if forged:
                self._raise_guarded(forged)
        result = super().write(vals)
        if {"date_from", "date_to", "signed_on", "end_by_terms"} & vals.keys():
            # sudo: days follow from days.
            self.sudo()._shift_days()
        return result

    @api.constrains("date_to")
    def _check_milestones_within(self):
        """Source: S0-108."""
        for contract in self.sudo():
            end = contract._last_day()
            late = contract.milestone_ids.filtered(
                lambda m, end=end: m.state == "open" and end and m.date_due > end
            )
            if late:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is due after the end of the contract on %(day)s.",
                        name=late[0].name,
                        day=end,
                    )
                )

    def _completion_problems(self):
        """Why a contract cannot be completed yet, in words.  Source: (c8)."""
        self.ensure_one()
        # sudo: what is open counts, readable or not.
        own = self.sudo()
        problems = []
        if still_open := own.milestone_ids.filtered(lambda m: m.state == "open"):
            problems.append(self.env._("Milestone to do: %(name)s", name=still_open[0].name))
        unjudged = own.milestone_ids.filtered(
            lambda m: m.state == "done" and m.conformity == "open"
        )
        if unjudged:
            problems.append(self.env._("Conform or not: %(name)s", name=unjudged[0].name))
        if self._open_issues():
            problems.append(self.env._("An issue of this contract is still open."))
        if own.check_ids.filtered(lambda c: c.state == "open"):
            problems.append(self.env._("A check or report is not written yet."))
        if own.check_ids.filtered("is_check") and not own.check_ids.filtered("is_final"):
            problems.append(self.env._("The final check is missing."))
        return problems

    def _open_issues(self):
        # sudo: whether there are any.
        return (
            self.env["kam.issue"]
            .sudo()
            .search([("contract_id", "in", self.ids), ("state", "not in", ("closed", "rejected"))])
        )

    def action_complete(self):
        """Everything was done: by the project manager or the office.

        :raise UserError: what is still open
        """
        self.check_access("read")
        for contract in self:
            contract._check_run_by_me()
            if contract.state != "in_force":
                raise UserError(
                    self.env._("“%(contract)s” is not in force.", contract=contract.display_name)
                )
            if problems := contract._completion_problems():
                raise UserError("\n".join(problems))
            # sudo: the right was checked; the state belongs to the engine.
            own = contract.sudo()
            own._as_engine().write({"state": "completed"})
            own._without_engine()._on_closed()
        return True

    def _check_may_run(self):
        """Who plans milestones and keeps terms: drafters, who runs it, who leads the account.

        :raise AccessError: the user is none of them, or may not read the contract
        """
        if self.env.su or self._is_engine():
            return
        self.check_access("read")
        for contract in self:
            # sudo: who drafts it and leads its account.
            people = contract.sudo().user_id | contract.sudo().account_id.user_id
            if not (contract.is_run_by_me or self.env.user in people):
                raise AccessError(
                    self.env._(
                        "“%(contract)s” is planned by its drafter, its project manager and the "
                        "account manager.",
                        contract=contract.display_name,
                    )
                )

    def _check_run_by_me(self):
        """:raise UserError: neither project manager nor office"""
        for contract in self:
            if not (contract.is_run_by_me or self.env.su):
                raise UserError(
                    self.env._(
                        "“%(contract)s” is run by %(name)s.",
                        contract=contract.display_name,
                        name=contract.sudo().project_manager_id.name or self.env._("nobody yet"),
                    )
                )

    # Buttons -------------------------------------------------------------------------

    def action_milestones(self):
        """Milestones of this contract."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "key_account_mgmt.kam_contract_milestone_action"
        )
        return {
            **action,
            "domain": [("contract_id", "=", self.id)],
            "context": {"default_contract_id": self.id},
        }

    def action_checks(self):
        """Checks and progress reports of this contract."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "key_account_mgmt.kam_contract_check_action"
        )
        return {
            **action,
            "domain": [("contract_id", "=", self.id)],
            "context": {"default_contract_id": self.id},
        }

    def action_final_check(self):
        """Write the last check now."""
        self.ensure_one()
        self.check_access("read")
        self._check_run_by_me()
        check = self.env["kam.contract.check"]._open_final(self)
        return check.get_formview_action()

    def action_meetings(self):
        """Meetings of the coordination group."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Coordination Meetings"),
            "res_model": "kam.review",
            "view_mode": "list,form",
            "domain": [("contract_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_start_renewal(self):
        """Start the negotiation of the next contract now."""
        self.ensure_one()
        self.check_access("read")
        self.env["kam.negotiation"].check_access("create")
        if self.state != "in_force" or self.parent_id:
            raise UserError(self.env._("Only a contract in force is renewed."))
        negotiation = self.sudo().renewal_ids[:1].sudo(False)
        if not negotiation:
            negotiation = self.env["kam.negotiation"].create(self._prepare_renewal())
        return negotiation.get_formview_action()
