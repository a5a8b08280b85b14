from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...policy import execution as rules
from ..core.guarded import ondelete_always

OFFICE = "key_account_mgmt.group_kam_officer"
FACTS = {
    "state": "open",
    "closed_on": False,
    "closed_by_id": False,
    "told": False,
    "extended": 0,
}
# What was agreed; once signed, only a supplementary agreement changes it.
AGREED = frozenset(
    {
        "kind",
        "name",
        "party",
        "basis",
        "fixed_on",
        "number",
        "unit",
        "direction",
        "event",
        "condition",
        "extend_months",
        "consequence",
        "amount",
    }
)
# Decided about, or signed.
FIXED = ("legal", "approval", "to_sign", "in_force", "completed", "terminated", "cancelled")
NEEDS_DAY = ("notice", "retention", "bond", "end")


class KamContractTerm(models.Model):
    """What a contract binds somebody to by a day: one list of kind, party, day, reminder.

    The day is a fixed one, or so many days or months before or after the beginning, the
    end, the signature or an event, and known as soon as that is.  Auto-extension: without
    a notice the contract goes on.  Source: S1s-04 … S1s-07, S1s-13, S1s-14, users §3.6.
    """

    _name = "kam.contract.term"
    _inherit = ["kam.guarded", "kam.contract.record"]
    _description = "Contract Term"
    _order = "date, sequence, id"

    _guarded_initial = FACTS
    _guarded_once = frozenset({"contract_id"})

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    account_id = fields.Many2one(related="contract_id.account_id")
    partner_id = fields.Many2one(related="contract_id.partner_id")
    contract_state = fields.Selection(related="contract_id.state", string="Contract Status")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [
            ("notice", "Notice"),
            ("extension", "Automatic Extension"),
            ("end", "End of the Contract"),
            ("exclusivity", "Exclusivity"),
            ("retention", "Retention to Be Paid"),
            ("bond", "Bond to Be Returned"),
            ("document", "Document to Hand Over"),
            ("settlement", "Settlement on Early End"),
            ("other", "Other"),
        ],
        required=True,
        default="notice",
    )
    name = fields.Char("What", required=True)
    party = fields.Selection(
        [("us", "We"), ("customer", "Customer"), ("both", "Both")],
        "Bound",
        required=True,
        default="us",
    )
    basis = fields.Selection(
        [
            ("fixed", "Fixed Day"),
            ("start", "Beginning of the Contract"),
            ("end", "End of the Contract"),
            ("signed", "Signature"),
            ("event", "Event"),
        ],
        "Counted from",
        required=True,
        default="fixed",
    )
    fixed_on = fields.Date("Day")
    number = fields.Integer(default=0)
    unit = fields.Selection([("day", "Days"), ("month", "Months")], default="day", required=True)
    direction = fields.Selection(
        [(rules.BEFORE, "Before"), (rules.AFTER, "After")], default=rules.AFTER, required=True
    )
    event = fields.Char(help="What it is counted from, e.g. acceptance of the last lift.")
    event_on = fields.Date("Happened on", copy=False)
    date = fields.Date(
        "By", compute="_compute_date", store=True, index="btree_not_null",
        help="Known as soon as the day it is counted from is.",
    )  # fmt: skip
    rule_text = fields.Char("Rule", compute="_compute_rule_text")
    remind_days = fields.Integer("Reminded before", default=30, help="Calendar days.")
    user_id = fields.Many2one(
        "res.users",
        "Kept by",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Is reminded; empty: the project manager.",
    )
    condition = fields.Char(help="On what it depends, e.g. until 95 % are sold.")
    consequence = fields.Char(help="What happens when it is missed.")
    extend_months = fields.Integer("Goes on for (Months)")
    currency_id = fields.Many2one(related="contract_id.currency_id")
    amount = fields.Monetary(currency_field="currency_id")
    state = fields.Selection(
        [("open", "Open"), ("kept", "Kept"), ("waived", "Waived")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
    )
    closed_on = fields.Date(readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    note = fields.Text()
    told = fields.Date("Reminded of", readonly=True, copy=False)
    extended = fields.Integer("Times Extended", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    # The day -------------------------------------------------------------------------

    def _basis_day(self):
        """The day it is counted from, or None."""
        contract = self.sudo().contract_id
        day = {
            "fixed": self.fixed_on,
            "start": contract.date_from or contract.signed_on,
            # A term that ends the contract does not hang on its end.
            "end": self.kind != "end" and contract._last_day(),
            "signed": contract.signed_on,
            "event": self.event_on,
        }[self.basis]
        return day or None

    # Days of the contract come through _refresh_days: an agreement changes them, too.
    @api.depends(
        "contract_id", "kind", "basis", "fixed_on", "number", "unit", "direction", "event_on"
    )
    def _compute_date(self):
        for term in self:
            number = 0 if term.basis == "fixed" else term.number
            term.date = term.contract_id and rules.term_day(
                term._basis_day(), number, term.unit or "day", term.direction or rules.AFTER
            )

    def _refresh_days(self):
        """Count again: a day of the contract changed.  Called unrestricted."""
        terms = self.filtered(lambda t: t.state == "open")
        terms._compute_date()
        for term in terms.filtered(lambda t: t.kind == "end" and t.date):
            contract = term.contract_id
            if contract.end_by_terms != term.date and contract.state == "in_force":
                contract._as_engine().write({"end_by_terms": term.date})

    @api.depends("basis", "number", "unit", "direction", "event", "fixed_on")
    @api.depends_context("lang")
    def _compute_rule_text(self):
        def label(term, name):
            return dict(term._fields[name]._description_selection(self.env)).get(term[name], "")

        for term in self:
            if term.basis == "fixed":
                term.rule_text = label(term, "basis")
                continue
            start = term.event if term.basis == "event" else label(term, "basis")
            term.rule_text = self.env._(
                "%(number)s %(unit)s %(direction)s: %(start)s",
                number=term.number,
                unit=label(term, "unit"),
                direction=label(term, "direction"),
                start=start or "",
            )

    @api.constrains("basis", "fixed_on", "event", "kind", "number", "extend_months", "remind_days")
    def _check_rule(self):
        for term in self:
            if term.number < 0 or term.extend_months < 0 or term.remind_days < 0:
                raise ValidationError(self.env._("Days and months cannot be negative."))
            if term.basis == "fixed" and not term.fixed_on and term.kind in NEEDS_DAY:
                raise ValidationError(
                    self.env._("“%(name)s” needs its day.", name=term.display_name)
                )
            if term.basis == "event" and not (term.event or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say which event “%(name)s” is counted from.", name=term.display_name
                    )
                )
            if term.kind == "extension" and not term.extend_months:
                raise ValidationError(
                    self.env._("Say for how many months the contract goes on by itself.")
                )

    @api.depends("date", "state", "contract_id.state")
    def _compute_is_overdue(self):
        for term in self:
            # sudo: the day it is where the company works, and its go-live.
            company = (term.company_id or self.env.company).sudo()
            live = company.kam_go_live_date
            term.is_overdue = bool(
                term.date
                and term.state == "open"
                and term.kind not in ("extension", "exclusivity", "end")
                and term.sudo().contract_id.state == "in_force"
                and (not live or term.date >= live)
                and term.date < company._kam_today()
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: which companies there are decides about days, not about rights.
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        late = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date", "<", company._kam_today())
            & Domain("date", ">=", company.kam_go_live_date or "1900-01-01")
            for company in companies
        )
        late &= Domain("state", "=", "open")
        late &= Domain("kind", "not in", ("extension", "exclusivity", "end"))
        late &= Domain("contract_id.state", "=", "in_force")
        return late if True in value else ~late

    # Keeping -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(vals_list)
        terms._check_may_agree()
        # sudo: days follow from days.
        terms.sudo()._as_engine()._refresh_days()
        return terms

    def write(self, vals):
        if not self._is_engine():
            if AGREED & vals.keys():
                self._check_may_agree()
            else:
                self.contract_id._check_may_run()
        result = super().write(vals)
        if "event_on" in vals:
            # sudo: the event may end the contract.
            self.sudo()._as_engine()._refresh_days()
        return result

    @ondelete_always
    def _unlink_except_agreed(self):
        self._check_may_agree()

    def _check_may_agree(self):
        """:raise UserError: the contract is decided about, or signed"""
        if self.env.su or self._is_engine():
            return
        self.contract_id._check_may_run()
        office = self.env.user.has_group(OFFICE)
        for term in self:
            # sudo: the state of its contract.
            state = term.sudo().contract_id.state
            # What was forgotten is entered by the office, while the contract runs.
            if state in FIXED and not (office and state == "in_force"):
                raise UserError(
                    self.env._(
                        "“%(contract)s” is under review or signed: what was agreed changes with "
                        "a supplementary agreement. The KAM office adds what was forgotten.",
                        contract=term.sudo().contract_id.display_name,
                    )
                )

    # Buttons -------------------------------------------------------------------------

    def action_kept(self):
        """It was kept: notice given, retention paid, bond back."""
        self._close("kept")
        return True

    def action_waived(self):
        """Nobody insists on it; say why in the note first."""
        for term in self:
            if not (term.note or "").strip():
                raise UserError(self.env._("Write in the note of “%(name)s” why.", name=term.name))
        self._close("waived")
        return True

    def _close(self, state):
        self.check_access("read")
        for term in self:
            if not (term._is_mine() or self.env.su):
                raise UserError(
                    self.env._(
                        "“%(name)s” is closed by who keeps it, the project manager or the KAM "
                        "office.",
                        name=term.name,
                    )
                )
            # sudo: the right was checked; facts belong to the engine.
            own = term.sudo()
            own._as_engine().write(
                {
                    "state": state,
                    "closed_on": own.company_id._kam_today(),
                    "closed_by_id": self.env.uid,
                }
            )
            self.env["kam.notice"]._settle("contract_term", term)

    def _keeper(self):
        """Who is reminded: called unrestricted."""
        contract = self.contract_id
        people = self.user_id or contract.project_manager_id or contract.user_id
        return people.filtered("active") or contract.account_id.user_id

    def _is_mine(self):
        # sudo: who keeps it.
        own = self.sudo()
        people = own.user_id | own.contract_id.project_manager_id | own.contract_id.user_id
        return self.env.user in people or self.env.user.has_group(OFFICE)

    # The job -------------------------------------------------------------------------

    def _extend(self, day):
        """Without a notice the contract goes on.  Called unrestricted; run twice: once.

        A notice that was given (a term of that kind marked as kept) stops it.

        :return: whether it was extended
        """
        self.ensure_one()
        contract = self.contract_id
        end = contract._last_day()
        given = contract.term_ids.filtered(lambda t: t.kind == "notice" and t.state == "kept")
        if not end or contract.state != "in_force" or given:
            return False
        last, times = rules.extended_until(end, self.extend_months, day)
        if not times:
            return False
        contract._as_engine().write({"end_by_terms": last})
        self._as_engine().write({"extended": self.extended + times})
        contract._shift_days()
        contract.message_post(
            body=self.env._(
                "No notice was given: the contract goes on until %(day)s.",
                day=format_date(self.env, last),
            ),
            subtype_xmlid="mail.mt_note",
        )
        return True
