from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.guarded import ondelete_always

LIFE_CYCLE = [
    ("prospect", "Prospect"),
    ("active", "Active"),
    ("dormant", "Dormant"),
    ("paused", "Paused"),
    ("lost", "Lost"),
    ("blacklisted", "Blacklisted"),
]
# What stops our obligations towards the customer, and so needs a reason.
SUSPENDED = ("paused", "lost", "blacklisted")


class KamAccount(models.Model):
    """Account file 客户档案: one per commercial partner and root company.

    A file is never deleted: history hangs on it.  It is opened by applying a tier, or
    by hand for a prospect worth winning.  Source: S0-154, S0-05.
    """

    _name = "kam.account"
    _inherit = ["kam.guarded", "mail.thread", "mail.activity.mixin"]
    _description = "Account File"
    _rec_names_search = ["partner_id.name", "partner_id.ref", "partner_id.vat"]
    _parent_store = True
    _check_company_auto = True

    # A merged file keeps its history; the guard keeps it out of everybody's hands.
    _guarded_initial = {"merged_into_id": False, "active": True}
    _guarded_once = frozenset({"partner_id", "company_id"})
    # What only the office decides, and what also an account manager may; everything else
    # the team works on, whatever its sales team. Later domains add their fields.
    _office_fields = frozenset({"user_id", "executive_sponsor_id", "parent_id"})
    _manager_fields = frozenset({"state", "state_reason", "is_target"})

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    name = fields.Char(related="partner_id.name")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean("In Use", default=True, readonly=True)
    state = fields.Selection(
        LIFE_CYCLE, "Life Cycle", required=True, default="prospect", tracking=True, readonly=True
    )
    state_reason = fields.Char("Reason", tracking=True, readonly=True)
    is_target = fields.Boolean("Target Account", tracking=True)
    user_id = fields.Many2one(
        "res.users",
        "Lead Account Manager",
        tracking=True,
        index="btree_not_null",
        domain=[("share", "=", False)],
    )
    executive_sponsor_id = fields.Many2one(
        "res.users", tracking=True, domain=[("share", "=", False)]
    )
    parent_id = fields.Many2one(
        "kam.account",
        "Account Group",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        check_company=True,
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("kam.account", "parent_id", "Group Members")
    member_ids = fields.One2many("kam.team.member", "account_id", "Team")
    merged_into_id = fields.Many2one("kam.account", readonly=True)
    industry_id = fields.Many2one(related="partner_id.industry_id")
    country_id = fields.Many2one(related="partner_id.country_id")
    note = fields.Html("Notes")
    account_properties = fields.Properties(
        "Company Specifics", definition="company_id.kam_account_properties_definition", copy=True
    )
    group_root_id = fields.Many2one(
        "kam.account", "Group Head", compute="_compute_group_root_id", compute_sudo=True
    )

    _partner_company_uniq = models.UniqueIndex(
        "(partner_id, company_id) WHERE active",
        "This customer already has an account file in this company.",
    )

    @api.constrains("partner_id", "company_id")
    def _check_partner_is_commercial(self):
        for account in self:
            if account.partner_id.commercial_partner_id != account.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(company)s: open the account file on "
                        "%(company)s.",
                        contact=account.partner_id.name,
                        company=account.partner_id.commercial_partner_id.name,
                    )
                )
            if account.company_id.root_id != account.company_id:
                raise ValidationError(
                    self.env._(
                        "%(branch)s is a branch: account files belong to %(company)s.",
                        branch=account.company_id.name,
                        company=account.company_id.root_id.name,
                    )
                )

    def _ids_above(self):
        """The files above this one in its group, the head first."""
        self.ensure_one()
        above = (self.parent_path or "").split("/")[:-2]
        return [int(number) for number in above]

    @api.constrains("parent_id")
    def _check_group_cycle(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("An account cannot be a member of its own group. Choose another group.")
            )

    @api.constrains("state", "state_reason")
    def _check_state_reason(self):
        for account in self:
            if account.state in SUSPENDED and not (account.state_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say why %(name)s is being paused, lost or blacklisted: the reason "
                        "stays on the account file.",
                        name=account.name,
                    )
                )

    @api.depends("parent_path")
    def _compute_group_root_id(self):
        for account in self:
            root_id = int((account.parent_path or str(account.id or 0)).split("/")[0])
            account.group_root_id = self.browse(root_id or account._origin.id)

    @api.depends("partner_id.display_name")
    def _compute_display_name(self):
        for account in self:
            account.display_name = account.partner_id.display_name

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_life_cycle_rights(vals)
            self._check_manager_rights(vals)
        accounts = super().create(vals_list)
        accounts._link_partners()
        return accounts

    def write(self, vals):
        self._check_life_cycle_rights(vals)
        self._check_manager_rights(vals)
        result = super().write(vals)
        if "active" in vals:
            self._link_partners()
        return result

    def _check_manager_rights(self, vals):
        """Who leads an account, and which group it belongs to, the office decides.

        A salesperson opens a file for himself only, and only for a customer who is not
        somebody else's.  Source: g Q36.
        """
        if self.env.su or self.env.user.has_group("key_account_mgmt.group_kam_officer"):
            return
        if self and self._manager_fields & vals.keys():
            self._check_is_manager()
        refused = self._office_fields & vals.keys()
        if not self and refused == {"user_id"} and vals["user_id"] in (False, self.env.uid):
            refused = set()
        partner = self.env["res.partner"].sudo().browse(vals.get("partner_id"))
        if refused or (not self and partner.user_id - self.env.user):
            raise AccessError(
                self.env._(
                    "Who leads an account and which group it belongs to is decided by the KAM "
                    "office."
                )
            )

    def _check_is_manager(self):
        """A member of the team works on the file; its life cycle is not his.  S0-05."""
        if not self.env.user.has_group("key_account_mgmt.group_kam_user"):
            raise AccessError(
                self.env._(
                    "The life cycle of an account is decided by its account manager and the KAM "
                    "office."
                )
            )

    def _check_life_cycle_rights(self, vals):
        """Only the office puts a customer on the blacklist or takes him off it."""
        if self._is_engine() or "state" not in vals:
            return
        touches = vals["state"] == "blacklisted" or "blacklisted" in self.mapped("state")
        if touches and not self.env.user.has_group("key_account_mgmt.group_kam_officer"):
            raise AccessError(
                self.env._("Only the KAM office can put a customer on or off the blacklist.")
            )

    def _link_partners(self):
        """Let contacts find their file: for the root company and every branch of it."""
        for company, accounts in self.grouped("company_id").items():
            branches = self.env["res.company"].sudo().search([("id", "child_of", company.id)])
            for branch in branches:
                for account in accounts:
                    # sudo: opening a file is the right checked here, not editing contacts.
                    partner = account.partner_id.sudo().with_company(branch)
                    partner.kam_account_id = account if account.active else False

    @api.model
    def _open_for(self, partners, company):
        """The account files of commercial partners, opening those that do not exist.

        :return: ``{partner id: account}``
        """
        company = company.root_id
        domain = [("partner_id", "in", partners.ids), ("company_id", "=", company.id)]
        found = {account.partner_id.id: account for account in self.search(domain)}
        missing = partners.filtered(lambda p: p.id not in found)
        # No letter, no log entry per file: a re-tiering sends one digest per manager.
        quiet = self.with_context(tracking_disable=True, mail_auto_subscribe_no_notify=True)
        created = quiet.create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "user_id": partner.with_company(company).user_id.id,
                }
                for partner in missing
            ]
        )
        return found | {account.partner_id.id: account for account in created}

    def _set_life_cycle(self, state, reason=False):
        """Move to another life-cycle state; paused, lost and blacklisted need a reason."""
        self.write({"state": state, "state_reason": reason if state in SUSPENDED else False})

    def action_set_life_cycle(self):
        """Ask for the new state and its reason."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change Life Cycle"),
            "res_model": "kam.account.state.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_account_ids": self.ids},
        }

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }

    def action_open_group(self):
        """The whole group of companies as a tree."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_account_action")
        return action | {
            "domain": [("id", "child_of", self.group_root_id.id)],
            "views": [(False, "hierarchy"), (False, "list"), (False, "form")],
            "context": {"hierarchy_res_id": self.id},
        }

    @ondelete_always
    def _unlink_except_ever(self):
        raise UserError(
            self.env._(
                "Account files are not deleted: tiers, decisions and figures hang on them. "
                "Change the life cycle instead."
            )
        )
