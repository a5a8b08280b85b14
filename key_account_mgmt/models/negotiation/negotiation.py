from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...policy import negotiation as terms
from ..core.guarded import ondelete_always

STATES = [
    ("preparing", "Preparing"),
    ("negotiating", "Negotiating"),
    ("to_confirm", "To Confirm"),
    ("agreed", "Agreement Reached"),
    ("broken_off", "Broken Off"),
]
# People still work on it.
OPEN = ("preparing", "negotiating")
RUNNING = (*OPEN, "to_confirm")
# Facts that only the engine sets; whatever else a client sends, a negotiation begins here.
FACTS = {
    "state": "preparing",
    "started_on": False,
    "agreed_on": False,
    "break_reason": False,
    "floor_version": 0,
    "floor_sealed": 0,
    "floor_set_on": False,
    "floor_set_by_id": False,
}
EXECUTIVES = ("key_account_mgmt.group_kam_executive", "key_account_mgmt.group_kam_gm")


class KamNegotiation(models.Model):
    """A negotiation 商务谈判: what we want, who speaks for us, what was said and agreed.

    From an opportunity, a bid that was won, or an account file.  Its bottom line is not
    here: see ``kam.negotiation.floor``.
    Source: design §4.4, users §3.5, (c7), S0-92 … S0-98, S1h-08.
    """

    _name = "kam.negotiation"
    _inherit = ["kam.approval.mixin", "kam.deal.document", "mail.thread"]
    _description = "Negotiation"
    _order = "next_date, id desc"
    _check_company_auto = True

    _guarded_initial = FACTS

    # Who
    lead_negotiator_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        tracking=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        help="An executive, or somebody an executive authorised in writing.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "kam_negotiation_member_rel",
        "negotiation_id",
        "user_id",
        "Negotiating Team",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        help="They read and write the negotiation; the bottom line is not shown to them.",
    )
    executive_ids = fields.Many2many(
        "res.users",
        "kam_negotiation_executive_rel",
        "negotiation_id",
        "user_id",
        "Executives",
        domain=[("share", "=", False)],
        help="They set the bottom line, authorise the lead negotiator and confirm the "
        "agreement. Once a bottom line is set, only they change who they are.",
    )
    has_authority = fields.Boolean(compute="_compute_authority")
    authority = fields.Char(
        "Authority to Negotiate",
        compute="_compute_authority",
        help="By which right the lead negotiator speaks for us.",
    )
    # What
    state = fields.Selection(
        STATES,
        required=True,
        default="preparing",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    objective = fields.Text(help="What we want to have agreed at the end.")
    strategy = fields.Text(help="How we want to reach it, and what we offer in return.")
    price_currency_id = fields.Many2one(
        "res.currency",
        "Negotiated in",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    yearly_sales_typed = fields.Monetary(
        "Yearly Sales, Estimated",
        currency_field="price_currency_id",
        help="Where the prices below do not say it: what payment days and rebates apply to.",
    )
    yearly_sales = fields.Monetary(
        compute="_compute_yearly_sales",
        store=True,
        currency_field="price_currency_id",
        help="Estimated, else opening prices × yearly quantities.",
    )
    interest_rate = fields.Float(
        "Interest (% per Year)",
        default=lambda self: self.env.company._kam_interest_rate(),
        help="Values a day of payment.",
    )
    item_ids = fields.One2many("kam.negotiation.item", "negotiation_id", "Items", copy=True)
    has_service = fields.Boolean(compute="_compute_has_service")
    quote_ids = fields.One2many("kam.negotiation.quote", "negotiation_id", "Competitor Quotes")
    no_quotes_known = fields.Boolean(
        "None Known", copy=False, help="We asked around and know of no competitor's quote."
    )
    round_ids = fields.One2many("kam.negotiation.round", "negotiation_id", "Rounds")
    round_count = fields.Integer("Rounds Held", compute="_compute_round_count")
    concession_ids = fields.One2many(
        "kam.negotiation.concession", "negotiation_id", "Concession Ledger"
    )
    conceded = fields.Monetary(
        "Conceded per Year",
        compute="_compute_conceded",
        store=True,
        currency_field="price_currency_id",
        help="Sum of the concession ledger: positive is what we gave.",
    )
    authorization_ids = fields.One2many(
        "kam.negotiation.authorization", "negotiation_id", "Authorizations"
    )
    # When
    next_date = fields.Date("Next Round", copy=False, index="btree_not_null")
    started_on = fields.Datetime(readonly=True, copy=False)
    agreed_on = fields.Date(readonly=True, copy=False, index="btree_not_null")
    break_reason = fields.Char("Why Broken Off", readonly=True, copy=False)
    # That there is a bottom line, and who set it, is no secret; what it says is not here.
    floor_version = fields.Integer(
        "Version of the Bottom Line", readonly=True, copy=False, aggregator=None
    )
    floor_sealed = fields.Integer(readonly=True, copy=False, aggregator=None)
    floor_set_on = fields.Datetime("Bottom Line Set on", readonly=True, copy=False)
    floor_set_by_id = fields.Many2one(
        "res.users", "Bottom Line Set by", readonly=True, copy=False, ondelete="restrict"
    )
    has_floor = fields.Boolean("Bottom Line Set", compute="_compute_has_floor")
    is_ready = fields.Boolean("Ready", compute="_compute_ready")
    missing = fields.Text("Still Missing", compute="_compute_ready")
    is_lead = fields.Boolean(compute="_compute_is_lead")

    # Figures -------------------------------------------------------------------------

    @api.depends("item_ids.opening", "item_ids.quantity", "item_ids.kind", "yearly_sales_typed")
    def _compute_yearly_sales(self):
        for negotiation in self:
            prices = negotiation.item_ids.filtered(lambda item: item.kind == terms.PRICE)
            of_items = sum(item.opening * item.quantity for item in prices)
            negotiation.yearly_sales = negotiation.yearly_sales_typed or of_items

    @api.depends("item_ids.kind")
    def _compute_has_service(self):
        for negotiation in self:
            negotiation.has_service = terms.SERVICE in negotiation.item_ids.mapped("kind")

    @api.depends("concession_ids.value")
    def _compute_conceded(self):
        for negotiation in self:
            negotiation.conceded = sum(negotiation.concession_ids.mapped("value"))

    def _compute_round_count(self):
        groups = self.env["kam.negotiation.round"]._read_group(
            [("negotiation_id", "in", self.ids)], ["negotiation_id"], ["__count"]
        )
        counts = {negotiation.id: count for negotiation, count in groups}
        for negotiation in self:
            negotiation.round_count = counts.get(negotiation.id, 0)

    @api.depends("floor_version", "floor_sealed")
    def _compute_has_floor(self):
        for negotiation in self:
            negotiation.has_floor = negotiation.floor_version > negotiation.floor_sealed

    @api.depends_context("uid")
    @api.depends("lead_negotiator_id")
    def _compute_is_lead(self):
        for negotiation in self:
            negotiation.is_lead = negotiation.lead_negotiator_id == self.env.user

    # Authority -----------------------------------------------------------------------

    @api.model
    def _is_executive(self, user):
        """An executive or general manager by explicit membership, never by another group."""
        groups = self.env["res.groups"].union(*(self.env.ref(name) for name in EXECUTIVES))
        # sudo: who is an executive does not depend on who asks.
        user = user.sudo()
        return bool(user.active and not user.share and user.group_ids & groups)

    def _authorization_on(self, user, day):
        """The authorization by which ``user`` speaks for us on ``day``; may be empty."""
        self.ensure_one()
        # sudo: whoever may read the negotiation learns by which right somebody leads it.
        return self.sudo().authorization_ids.filtered(
            lambda a: (
                a.user_id == user
                and a.granted_on
                and not a.revoked_on
                and a.date_from <= day <= a.date_to
            )
        )[:1]

    def _has_authority(self, day):
        """Whether the lead negotiator may negotiate on ``day``.  Source: S0-93, g Q19."""
        lead = self.lead_negotiator_id
        return self._is_executive(lead) or bool(self._authorization_on(lead, day))

    def _check_authority(self, day):
        """:raise UserError: the lead negotiator is no executive and not authorised"""
        for negotiation in self:
            if not negotiation._has_authority(day):
                raise UserError(
                    self.env._(
                        "%(name)s is no executive and holds no authorization for “%(what)s” that "
                        "is valid on %(day)s. Ask an executive to sign one, or let somebody else "
                        "lead.",
                        name=negotiation.lead_negotiator_id.sudo().name,
                        what=negotiation.display_name,
                        day=day,
                    )
                )

    @api.depends(
        "lead_negotiator_id",
        "authorization_ids.user_id",
        "authorization_ids.date_from",
        "authorization_ids.date_to",
        "authorization_ids.revoked_on",
    )
    @api.depends_context("lang")
    def _compute_authority(self):
        for negotiation in self:
            lead = negotiation.lead_negotiator_id
            # sudo: the day it is where the company works, is no secret.
            day = negotiation.company_id.sudo()._kam_today()
            paper = negotiation._authorization_on(lead, day)
            if negotiation._is_executive(lead):
                text = self.env._("Executive")
            elif paper:
                text = self.env._("Authorised until %(day)s", day=paper.date_to)
            else:
                text = self.env._("Needs an authorization")
            negotiation.authority = text
            negotiation.has_authority = negotiation._has_authority(day)

    # Ready ---------------------------------------------------------------------------

    def _missing_parts(self):
        """What must be there before the first round, in words.  Source: S0-94, S0-95."""
        self.ensure_one()
        parts = [
            self._fields[name]._description_string(self.env)
            for name in ("objective", "strategy")
            if not (self[name] or "").strip()
        ]
        if not self.item_ids:
            parts.append(self.env._("what is negotiated: at least one item"))
        if not (self.quote_ids or self.no_quotes_known):
            parts.append(self.env._("competitors' quotes, or “None Known”"))
        if not self.has_floor:
            parts.append(self.env._("the bottom line, set by an executive"))
        return parts

    @api.depends(
        "objective",
        "strategy",
        "item_ids",
        "quote_ids",
        "no_quotes_known",
        "floor_version",
        "floor_sealed",
    )
    @api.depends_context("lang")
    def _compute_ready(self):
        for negotiation in self:
            parts = negotiation._missing_parts()
            negotiation.is_ready = not parts
            negotiation.missing = "\n".join(f"• {part}" for part in parts)

    # Rules ---------------------------------------------------------------------------

    @api.constrains("lead_negotiator_id", "member_ids")
    def _check_people(self):
        for negotiation in self:
            # sudo: whether somebody works here must not depend on who asks.
            people = (negotiation.lead_negotiator_id | negotiation.member_ids).sudo()
            if any(people.mapped("share")):
                raise ValidationError(self.env._("Only colleagues negotiate for us."))

    @api.constrains("executive_ids")
    def _check_executives(self):
        for negotiation in self:
            strangers = negotiation.executive_ids.filtered(lambda u: not self._is_executive(u))
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%(names)s: not an executive.",
                        names=", ".join(strangers.sudo().mapped("name")),
                    )
                )

    @api.constrains("interest_rate", "yearly_sales_typed")
    def _check_figures(self):
        for negotiation in self:
            if negotiation.interest_rate < 0 or negotiation.yearly_sales_typed < 0:
                raise ValidationError(self.env._("Interest and yearly sales cannot be negative."))

    # Keeping -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        quiet = self.with_context(
            mail_create_nosubscribe=True, mail_create_nolog=True, mail_auto_subscribe_no_notify=True
        )
        vals_list = [self._named(vals) for vals in vals_list]
        negotiations = super(KamNegotiation, quiet).create(vals_list).with_env(self.env)
        negotiations._add_known_executives()
        return negotiations

    @api.model
    def _named(self, vals):
        """Called as the opportunity where nobody calls it otherwise."""
        if (vals.get("name") or "").strip():
            return vals
        lead_id = vals.get("lead_id", self.env.context.get("default_lead_id"))
        # sudo: the right to read it is checked when the document is made.
        lead = self.env["crm.lead"].sudo().browse(lead_id or ()).exists()
        return {**vals, "name": lead.name or self.env._("Negotiation")}

    def _add_known_executives(self):
        """Where nobody is named: the sponsor of the account and the lead, if executives."""
        for negotiation in self.filtered(lambda n: not n.executive_ids):
            # sudo: who sponsors the account, for whoever negotiates without reading it.
            sponsor = negotiation.sudo().account_id.executive_sponsor_id
            people = (sponsor | negotiation.lead_negotiator_id).filtered(self._is_executive)
            if people:
                negotiation._as_engine().write({"executive_ids": [fields.Command.set(people.ids)]})

    def write(self, vals):
        before = {negotiation: negotiation.executive_ids for negotiation in self}
        result = super().write(vals)
        if "executive_ids" in vals:
            self._floor_check_executives(before)
        if {"lead_negotiator_id", "member_ids"} & vals.keys():
            self._deal_sync_team()
        return result

    def copy_data(self, default=None):
        """Another negotiation about the same; nothing of what happened goes along."""
        result = super().copy_data(default)
        for negotiation, vals in zip(self, result, strict=True):
            vals.pop("executive_ids", None)
            # The customer is the opportunity's.
            vals.setdefault("lead_id", negotiation.lead_id.id)
            if not (default or {}).get("name"):
                vals["name"] = self.env._("%(name)s (copy)", name=negotiation.name)
        return result

    @ondelete_always
    def _unlink_except_happened(self):
        for negotiation in self:
            if negotiation.floor_version or negotiation.state != "preparing":
                raise UserError(
                    self.env._(
                        "“%(name)s” was begun: break it off instead of deleting it.",
                        name=negotiation.display_name,
                    )
                )

    @api.model
    def _prepare_action(self, defaults):
        """The window in which one is prepared.

        :param defaults: context with what is known already
        """
        self.check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Negotiation"),
            "res_model": self._name,
            "view_mode": "form",
            "context": defaults,
        }

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        # Told through our notices: no letter to anybody.
        return []

    # The deal ------------------------------------------------------------------------

    @api.model
    def _deal_code(self):
        return "negotiation"

    def _deal_step(self):
        levels = {"agreed": "success", "broken_off": "danger", "to_confirm": "warning"}
        holder = self.lead_negotiator_id.name if self.state in OPEN else ""
        if self.state == "to_confirm":
            holder = self.approval_waiting_for or ""
        return super()._deal_step() | {
            "label": self.env._("Negotiation"),
            "level": levels.get(self.state, "primary"),
            "holder": holder,
        }

    def _deal_next(self):
        if not self.has_access("write"):
            return ()
        if self.state == "preparing" and self.is_ready and self.has_authority:
            return (self.env._("Start Negotiating"), "action_start")
        if self.state == "negotiating" and self.is_lead and self.round_ids:
            return (self.env._("Submit Agreement"), "action_submit")
        if self.state == "agreed" and self.env["sale.order"].has_access("create"):
            return (self.env._("Quotation"), "action_quote")
        return ()

    def _deal_running(self):
        return self.state in RUNNING

    def _deal_result(self):
        """An order wins a deal; a negotiation that was broken off may lose it."""
        return "lost" if self.state == "broken_off" else False

    def _deal_team(self):
        people = self.lead_negotiator_id | self.member_ids
        return [(user.id, False, False) for user in people]
