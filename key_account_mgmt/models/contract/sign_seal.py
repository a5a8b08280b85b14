from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.guarded import ondelete_always

LEGAL = "key_account_mgmt.group_kam_legal"


class KamSeal(models.Model):
    """A seal of the company, and who keeps it.  Source: users §3.6 (seal)."""

    _name = "kam.seal"
    _inherit = ["kam.policy.logged"]
    _description = "Seal"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Use", default=True)
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", help="Empty: every company has one of the kind."
    )
    keeper_ids = fields.Many2many(
        "res.users",
        "kam_seal_keeper_rel",
        "seal_id",
        "user_id",
        "Kept by",
        domain=[("share", "=", False)],
        help="They put it under contracts. Empty: legal.",
    )
    note = fields.Text(help="What the written policy says about its use.")

    @api.constrains("keeper_ids")
    def _check_keepers(self):
        """A keeper needs a role here: without one he could not open a request."""
        for seal in self:
            for user in seal.keeper_ids:
                if not self.env["kam.contract.seal"].with_user(user).has_access("read"):
                    raise ValidationError(
                        self.env._(
                            "%(user)s has no role in key account management: give him one before "
                            "he keeps “%(seal)s”.",
                            user=user.name,
                            seal=seal.name,
                        )
                    )

    def _keepers(self, company):
        """Who may use it for ``company``: its keepers, else legal."""
        self.ensure_one()
        # sudo: who keeps it does not depend on who asks.
        seal = self.sudo()
        people = seal.keeper_ids or self.env.ref(LEGAL).sudo().user_ids
        return people.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )


class KamContractSeal(models.Model):
    """A seal request 用印申请: which seal, how many copies.

    Of an approved contract; its keeper affixes it, never for himself.
    Source: users §3.6, S0-106.
    """

    _name = "kam.contract.seal"
    _inherit = ["kam.guarded", "kam.contract.record"]
    _description = "Seal Request"
    _order = "id desc"
    _rec_name = "contract_id"

    _guarded_initial = {
        "state": "requested",
        "requested_by_id": False,
        "requested_on": False,
        "affixed_by_id": False,
        "affixed_on": False,
    }
    _guarded_once = frozenset({"contract_id"})

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id")
    number = fields.Char(related="contract_id.number", string="Contract No.")
    seal_id = fields.Many2one(
        "kam.seal",
        required=True,
        index=True,
        ondelete="restrict",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
    )
    copies = fields.Integer(default=4, required=True, help="How many originals are sealed.")
    note = fields.Char(help="Where it goes, e.g. across the edges of the pages.")
    state = fields.Selection(
        [("requested", "Requested"), ("affixed", "Affixed"), ("cancelled", "Cancelled")],
        required=True,
        default="requested",
        readonly=True,
        index=True,
    )
    requested_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    requested_on = fields.Datetime(readonly=True)
    affixed_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    affixed_on = fields.Datetime(readonly=True)
    is_mine = fields.Boolean("Waits for Me", compute="_compute_is_mine", search="_search_is_mine")

    _copies_check = models.Constraint("CHECK (copies > 0)", "At least one copy is sealed.")

    @api.depends("state", "seal_id", "requested_by_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for request in self:
            # sudo: whether it waits for the reader.
            known = request.sudo()
            keepers = known.seal_id._keepers(known.company_id) if known.seal_id else ()
            request.is_mine = (
                known.state == "requested"
                and self.env.user in keepers
                and self.env.user != known.requested_by_id
            )

    @api.model
    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: the answer is part of the access rule.
        waiting = self.sudo().search([("state", "=", "requested")])
        return [("id", "in", waiting.sudo(False).filtered("is_mine").ids)]

    @api.depends("contract_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for request in self:
            # sudo: whoever may read the request reads of which contract it is; its keeper need
            # not read the contract.
            request.display_name = request.sudo().contract_id.display_name or ""

    @api.constrains("seal_id", "contract_id")
    def _check_company(self):
        for request in self.sudo():
            if request.seal_id.company_id not in (request.company_id, request.env["res.company"]):
                raise ValidationError(self.env._("This seal belongs to another company."))

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        if self._is_engine():
            return requests
        for request in requests:
            request._check_request()
        # sudo: the engine keeps who asked.
        requests.sudo()._as_engine().write(
            {"requested_by_id": self.env.uid, "requested_on": fields.Datetime.now()}
        )
        requests._tell_keepers()
        return requests

    def write(self, vals):
        if not self._is_engine():
            for request in self:
                request._check_open()
                request.contract_id._check_may_work()
        result = super().write(vals)
        if "seal_id" in vals and not self._is_engine():
            self._tell_keepers()
        return result

    @ondelete_always
    def _unlink_except_affixed(self):
        for request in self:
            request._check_open()
            request.contract_id._check_may_work()

    def _check_request(self):
        """:raise UserError: the contract is not approved, or changed since"""
        contract = self.contract_id
        contract._check_may_work()
        contract._check_to_sign()

    def _check_open(self):
        if self.state != "requested":
            raise UserError(
                self.env._(
                    "“%(contract)s”: this seal request is closed and is kept.",
                    contract=self.display_name,
                )
            )

    def action_affix(self):
        """The keeper put the seal under the contract.

        :raise AccessError: not its keeper, or his own request
        :raise UserError: closed already, the contract is not approved or changed since
        """
        for request in self:
            request.check_access("read")
            request._check_open()
            if not request.is_mine:
                raise AccessError(
                    self.env._(
                        "%(names)s affix “%(seal)s”, and nobody for his own request.",
                        names=", ".join(request._people().mapped("name")) or "–",
                        seal=request.sudo().seal_id.name,
                    )
                )
            # sudo: a keeper need not be allowed to write contracts.
            request.sudo().contract_id._check_to_sign()
            request.sudo()._as_engine().write(
                {
                    "state": "affixed",
                    "affixed_by_id": self.env.uid,
                    "affixed_on": fields.Datetime.now(),
                }
            )
            self.env["kam.notice"]._settle("contract_seal", request.sudo())
        return True

    def action_cancel(self):
        """It is not needed any more."""
        for request in self:
            request.check_access("write")
            request.contract_id._check_may_work()
            request._check_open()
            # sudo: the engine keeps the state.
            request.sudo()._as_engine().write({"state": "cancelled"})
            self.env["kam.notice"]._settle("contract_seal", request.sudo())
        return True

    def _people(self):
        known = self.sudo()
        return known.seal_id._keepers(known.company_id) - known.requested_by_id

    def _tell_keepers(self):
        rows = []
        for request in self.sudo():
            for user in request._people():
                own = request.with_context(lang=user.lang)
                title = own.env._(
                    "Seal request: %(contract)s", contract=own.contract_id.display_name
                )
                line = own.env._(
                    "%(seal)s, %(copies)s copies", seal=own.seal_id.name, copies=own.copies
                )
                rows.append(
                    self.env["kam.notice"]._prepare_vals(
                        user, title, [line], record=own, topic="contract_seal"
                    )
                )
        self.env["kam.notice"]._queue_all(rows)
