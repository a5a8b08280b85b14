from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

OFFICE = "key_account_mgmt.group_kam_officer"
BENEFITS = [
    ("discount", "Discount"),
    ("rebate", "Rebate"),
    ("goods", "Goods or Samples"),
    ("service", "Service"),
    ("money", "Money"),
    ("other", "Other"),
]


class KamReferral(models.Model):
    """Who brought whom; a benefit is approved, and only once the deal is won.

    Pending → (won) to approve → approved → granted; void at any time before.
    Source: (c18), S1r-20, S1i-10, S0-58.
    """

    _name = "kam.referral"
    _inherit = ["kam.approval.mixin", "mail.thread"]
    _description = "Referral"
    _order = "date desc, id desc"

    _guarded_initial = {
        "state": "pending",
        "granted_on": False,
        "granted_by_id": False,
    }
    _guarded_once = frozenset({"lead_id", "company_id", "account_id"})

    _approval_state_from = ("pending",)
    _approval_state_pending = "to_approve"
    _approval_state_approved = "approved"
    _approval_state_refused = "pending"

    referrer_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="restrict", help="Who brought them."
    )
    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", required=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", "Brought", compute="_compute_lead", search="_search_partner_id"
    )
    account_id = fields.Many2one(
        "kam.account",
        "Referrer's Account File",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    date = fields.Date("Referred on", required=True, default=fields.Date.context_today)
    benefit_type = fields.Selection(BENEFITS, help="Empty: no benefit is meant.")
    benefit = fields.Char("Which Benefit", help="e.g. 2 % off the next order")
    amount = fields.Monetary("Value", help="What it costs us.")
    note = fields.Text("How They Were Referred")
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("to_approve", "To Approve"),
            ("approved", "Approved"),
            ("granted", "Benefit Given"),
            ("void", "Void"),
        ],
        default="pending",
        required=True,
        readonly=True,
        index=True,
        copy=False,
    )
    is_earned = fields.Boolean(
        "Won", compute="_compute_lead", search="_search_is_earned", help="The deal was won."
    )
    granted_on = fields.Date(readonly=True, copy=False)
    granted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    reason = fields.Char("Why Void", copy=False)

    _amount_check = models.Constraint(
        "CHECK (amount IS NULL OR amount >= 0)", "The value of a benefit cannot be negative."
    )

    @api.depends("referrer_id", "lead_id")
    def _compute_display_name(self):
        for referral in self:
            referral.display_name = self.env._(
                "%(referrer)s brought %(customer)s",
                referrer=referral.referrer_id.name or "–",
                # sudo: whoever may read the referral reads whom it brought.
                customer=referral.partner_id.name or referral.sudo().lead_id.name or "–",
            )

    @api.depends("lead_id")
    def _compute_lead(self):
        for referral in self:
            # sudo: whoever may read the referral reads whom it brought, and whether he bought.
            lead = referral.sudo().lead_id
            referral.partner_id = lead.partner_id
            referral.is_earned = lead.won_status == "won"

    @api.model
    def _search_partner_id(self, operator, value):
        return [("lead_id", "any!", [("partner_id", operator, value)])]

    @api.model
    def _search_is_earned(self, operator, value):
        if operator != "in":
            return NotImplemented
        won = "=" if True in value else "!="
        return [("lead_id", "any!", [("won_status", won, "won")])]

    # Writing -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._prepare_own(vals) for vals in vals_list]
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        referrals = super(KamReferral, quiet).create(vals_list).with_env(self.env)
        referrals._sync_account()
        return referrals

    @api.model
    def _prepare_own(self, vals):
        """Nobody refers to an opportunity he may not read; the company is the deal's."""
        lead_id = vals.get("lead_id") or self.env.context.get("default_lead_id")
        lead = self.env["crm.lead"].browse(lead_id if isinstance(lead_id, int) else ())
        lead.check_access("read")
        company = (lead.sudo().company_id or self.env.company).sudo().root_id
        vals = {name: value for name, value in vals.items() if name != "account_id"}
        return {**vals, "lead_id": lead.id, "company_id": company.id}

    def write(self, vals):
        result = super().write(vals)
        if "referrer_id" in vals:
            self._sync_account()
        return result

    def _sync_account(self):
        for referral in self:
            # sudo: which file is the referrer's; who may read it is asked where it is shown.
            partner = referral.sudo().referrer_id.commercial_partner_id
            account = partner.with_company(referral.sudo().company_id).kam_account_id
            if referral.sudo().account_id != account:
                referral.sudo()._as_engine().write({"account_id": account.id})

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        return []

    # Approval ------------------------------------------------------------------------

    def _approval_check(self):
        """A benefit, and a deal that was won.  Source: S1r-20."""
        result = super()._approval_check()
        if not self.is_earned:
            raise UserError(
                self.env._(
                    "“%(name)s”: a benefit is approved once the deal is won.",
                    name=self.display_name,
                )
            )
        if not (self.benefit_type and (self.benefit or "").strip() and self.amount > 0):
            raise UserError(
                self.env._(
                    "“%(name)s”: say which benefit it is and what it is worth.",
                    name=self.display_name,
                )
            )
        return result

    def _approval_locked_fields(self):
        return {
            "referrer_id",
            "lead_id",
            "company_id",
            "user_id",
            "date",
            "benefit_type",
            "benefit",
            "amount",
            "note",
        }

    def _approval_fingerprint_values(self):
        values = super()._approval_fingerprint_values()
        return {**values, "date": str(self.date), "won": self.is_earned}

    def _approval_amount(self):
        return self.amount

    def _approval_summary(self):
        kinds = dict(self._fields["benefit_type"]._description_selection(self.env))
        return [
            (self.env._("Referrer"), self.referrer_id.display_name),
            (self.env._("Brought"), self.partner_id.display_name or "–"),
            (self.env._("Opportunity"), self.lead_id.name),
            (self.env._("Benefit"), f"{kinds.get(self.benefit_type, '')}: {self.benefit}"),
            (
                self.env._("Value"),
                formatLang(self.env, self.amount, currency_obj=self.currency_id),
            ),
        ]

    def _approval_highlights(self):
        """Who gains from it, and how often before."""
        texts = []
        referrer = self.referrer_id
        if not referrer.commercial_partner_id.is_company:
            texts.append(self.env._("The benefit goes to a person, not to a company."))
        if referrer.commercial_partner_id == self.partner_id.commercial_partner_id:
            texts.append(self.env._("The referrer belongs to the customer himself."))
        before = self.search_count(
            [
                ("referrer_id", "child_of", referrer.commercial_partner_id.ids),
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("approved", "granted")),
                ("id", "!=", self.id),
            ]
        )
        if before:
            texts.append(self.env._("Benefits of this referrer before: %(count)s.", count=before))
        return texts

    # Buttons -------------------------------------------------------------------------

    def action_submit(self):
        """Submit the benefit; by whoever is responsible, or the office."""
        self._check_mine()
        return super().action_submit()

    def action_grant(self):
        """The referrer got it.  By the office, and while the deal is still won.

        :raise UserError: not approved, or the deal is not won any more
        """
        for referral in self:
            referral._check_office()
            referral._check_state(("approved",))
            if not referral.is_earned:
                raise UserError(
                    self.env._(
                        "“%(name)s”: the deal is not won any more. Declare it void.",
                        name=referral.display_name,
                    )
                )
            today = referral.company_id.sudo()._kam_today()
            referral._as_engine().write(
                {"state": "granted", "granted_on": today, "granted_by_id": self.env.uid}
            )
        return True

    def action_void(self):
        """Nothing is granted; says why."""
        for referral in self:
            referral._check_mine()
            referral._check_state(("pending", "approved"))
            if referral.state == "approved":
                referral._check_office()
            if not (referral.reason or "").strip():
                raise UserError(self.env._("Say under “Why Void” why nothing is granted."))
            referral._as_engine().write({"state": "void"})
        return True

    def _check_mine(self):
        self.check_access("write")
        office = self.env.su or self.env.user.has_group(OFFICE)
        for referral in self:
            if not (office or referral.user_id == self.env.user):
                raise AccessError(
                    self.env._(
                        "This is done by %(name)s or the KAM office.", name=referral.user_id.name
                    )
                )

    def _check_office(self):
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group(OFFICE)):
            raise AccessError(self.env._("Only the KAM office does this."))

    def _check_state(self, states):
        self.ensure_one()
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(name)s” is “%(state)s”: this step is not possible now.",
                    name=self.display_name,
                    state=labels[self.state],
                )
            )
