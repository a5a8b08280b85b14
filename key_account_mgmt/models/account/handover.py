from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .handover_line import KINDS

# Under way: no second hand-over of the same account.
OPEN = ("proposed", "accepted", "running")
ENGINE_FIELDS = {
    "state": "draft",
    "proposed_on": False,
    "proposed_by_id": False,
    "answered_on": False,
    "refusal": False,
    "applied_on": False,
    "ended_on": False,
    "kept_items": False,
    "moved_member_ids": False,
}


class KamHandover(models.Model):
    """Hand-over 客户交接: accounts of one person go to another, for good or until a date.

    Proposed by the person himself, his manager or the office; accepted by the receiver;
    takes effect on its day.  What is open is listed when it is proposed and moves with the
    accounts.  Source: g Q35, S0-05.
    """

    _name = "kam.handover"
    _inherit = ["kam.guarded", "kam.job.mixin"]
    _description = "Hand-Over"
    _order = "id desc"
    _rec_names_search = ["from_user_id.name", "to_user_id.name"]
    _check_company_auto = True

    _guarded_initial = ENGINE_FIELDS

    name = fields.Char("Hand-Over", compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company.root_id
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    # Who leaves may have been archived already.
    from_user_id = fields.Many2one(
        "res.users",
        "From",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        context={"active_test": False},
        domain=[("share", "=", False)],
    )
    to_user_id = fields.Many2one(
        "res.users", "To", required=True, index=True, domain=[("share", "=", False)]
    )
    account_ids = fields.Many2many(
        "kam.account",
        "kam_handover_account_rel",
        "handover_id",
        "account_id",
        "Accounts",
        check_company=True,
    )
    account_text = fields.Text("Accounts Handed Over", compute="_compute_account_text")
    all_roles = fields.Boolean(
        "All His Roles", help="Also the rows of the person in the teams of other accounts."
    )
    date_from = fields.Date("From Day", required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        "Until", help="The last day; the accounts return on the next one. Empty: for good."
    )
    note = fields.Text(
        required=True, help="Why, and what the receiver should know about the customers."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("accepted", "Accepted"),
            ("running", "For a Time"),
            ("done", "Done"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    proposed_on = fields.Datetime(readonly=True, copy=False)
    proposed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    answered_on = fields.Datetime(readonly=True, copy=False)
    refusal = fields.Char("Why Not", readonly=True, copy=False)
    applied_on = fields.Date("In Effect Since", readonly=True, copy=False, index="btree_not_null")
    ended_on = fields.Date("Returned On", readonly=True, copy=False, index="btree_not_null")
    kept_items = fields.Json(readonly=True, copy=False)
    moved_member_ids = fields.Many2many("kam.team.member", readonly=True, copy=False)
    line_ids = fields.One2many("kam.handover.line", "handover_id", "Open Items")
    line_count = fields.Integer(compute="_compute_line_figures")
    overdue = fields.Monetary("Overdue Receivables", compute="_compute_line_figures")
    preview = fields.Text("Open Now", compute="_compute_preview")
    is_receiver = fields.Boolean(compute="_compute_is_receiver")

    _dates_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A hand-over cannot end before it begins.",
    )
    _people_check = models.Constraint(
        "CHECK (from_user_id != to_user_id)", "Nobody hands over to himself."
    )

    # Showing ----------------------------------------------------------------------

    @api.depends("from_user_id", "to_user_id")
    def _compute_name(self):
        for handover in self:
            handover.name = (
                f"{handover.from_user_id.name or '…'} → {handover.to_user_id.name or '…'}"
            )

    @api.depends_context("uid")
    @api.depends("to_user_id")
    def _compute_is_receiver(self):
        for handover in self:
            handover.is_receiver = handover.to_user_id == self.env.user

    @api.depends_context("uid")
    @api.depends("account_ids", "from_user_id", "state")
    def _compute_account_text(self):
        for handover in self:
            handover.account_text = "\n".join(handover._shown_accounts().mapped("display_name"))

    def _shown_accounts(self):
        """The accounts as the reader may know of them.

        Of a proposed hand-over all: that it could be given was checked, and the receiver
        must know what he is asked to take.  Of a draft what its author could give.
        """
        # sudo: names only, see above.
        accounts = self.sudo().account_ids
        if self.state == "draft":
            accounts = accounts.filtered(lambda a: a.user_id == self.from_user_id)
            if not self._may_be_given_by(self.env.user):
                return accounts.browse()
        return accounts

    @api.depends("line_ids.amount", "line_ids.kind")
    def _compute_line_figures(self):
        groups = self.env["kam.handover.line"]._read_group(
            [("handover_id", "in", self.ids)], ["handover_id"], ["__count", "amount:sum"]
        )
        figures = {handover.id: (count, amount) for handover, count, amount in groups}
        for handover in self:
            handover.line_count, handover.overdue = figures.get(handover._origin.id, (0, 0.0))

    @api.depends_context("uid")
    @api.depends("account_ids", "from_user_id", "state")
    def _compute_preview(self):
        """How much is open now, before it is written down by proposing."""
        labels = dict(
            self.env["kam.handover.line"]._fields["kind"]._description_selection(self.env)
        )
        for handover in self:
            counts = {}
            if handover.state == "draft":
                for item in handover._shown_accounts()._handover_items(handover.from_user_id):
                    counts[item["kind"]] = counts.get(item["kind"], 0) + 1
            handover.preview = ", ".join(
                f"{labels[kind]}: {counts[kind]}" for kind, _label in KINDS if kind in counts
            )

    @api.onchange("from_user_id")
    def _onchange_from_user_id(self):
        """Whoever leaves leaves all he leads; take out what goes to somebody else."""
        led = self.account_ids.filtered(lambda a: a.user_id == self.from_user_id)
        if self.from_user_id and not led:
            self.account_ids = self._led_accounts()

    def _led_accounts(self):
        return self.env["kam.account"].search(
            [
                ("user_id", "=", self.from_user_id.id),
                ("company_id", "=", self.company_id.root_id.id),
            ]
        )

    # Keeping ----------------------------------------------------------------------

    def write(self, vals):
        if not self._is_engine() and any(handover.state != "draft" for handover in self):
            raise UserError(
                self.env._(
                    "What was proposed does not change: cancel this hand-over and make another."
                )
            )
        return super().write(vals)

    def _may_be_given_by(self, user):
        """The person himself, the manager of his department, the office."""
        people = user.with_context(active_test=False)
        return (
            user == self.from_user_id
            or user.has_group("key_account_mgmt.group_kam_officer")
            or self.from_user_id in people._kam_own_people()
        )

    def _check_giver(self):
        if not self._may_be_given_by(self.env.user):
            raise AccessError(
                self.env._(
                    "Only %(name)s, the manager of the department and the KAM office hand these "
                    "accounts over.",
                    name=self.from_user_id.name,
                )
            )

    def _check_receiver(self):
        if self.env.user != self.to_user_id:
            raise AccessError(
                self.env._("Only %(name)s can answer this.", name=self.to_user_id.name)
            )

    def _check_state(self, *states):
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "This cannot be done any more: the hand-over is “%(state)s”.",
                    state=labels[self.state],
                )
            )

    # Buttons ----------------------------------------------------------------------

    def action_all_accounts(self):
        """Take every account the person leads."""
        for handover in self:
            handover.check_access("write")
            handover._check_giver()
            handover._check_state("draft")
            # A manager of a department need not see the files of his people.
            engine = handover._engine_self()
            engine.account_ids = engine._led_accounts()
        return True

    def action_propose(self):
        """Write down what is open and ask the receiver."""
        for handover in self:
            handover.check_access("write")
            handover._check_giver()
            handover._engine_self()._propose(handover.company_id._kam_today())
        return True

    def action_accept(self):
        """The receiver takes over, on the day of the hand-over or at once."""
        for handover in self:
            handover.check_access("read")
            handover._check_receiver()
            handover._engine_self()._accept(handover.company_id._kam_today())
        return True

    def action_refuse(self):
        """Ask the receiver why not."""
        self.ensure_one()
        self.check_access("read")
        self._check_receiver()
        self._check_state("proposed")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse the Hand-Over"),
            "res_model": "kam.handover.refuse.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_handover_id": self.id},
        }

    def _refuse(self, reason):
        """The receiver says no, and why."""
        self.check_access("read")
        self._check_receiver()
        self._check_state("proposed")
        self._engine_self()._answer("refused", reason)

    def action_cancel(self):
        """Whoever may give takes it back, as long as nothing has moved."""
        for handover in self:
            handover.check_access("write")
            handover._check_giver()
            handover._check_state("draft", "proposed", "accepted")
            handover._engine_self()._answer("cancelled")
        return True

    def action_end(self):
        """End a hand-over for a time before its last day: the accounts return now."""
        for handover in self:
            handover.check_access("read")
            handover._check_giver()
            handover._check_state("running")
            handover._engine_self()._return(handover.company_id._kam_today())
        return True

    def _engine_self(self):
        # sudo: after the check of who asks; the rows behind belong to others.
        return self.sudo()._as_engine().with_context(mail_auto_subscribe_no_notify=True)
