from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..account.kam_account import SUSPENDED
from ..core.guarded import ondelete_always

LIFE_CYCLE_KINDS = SUSPENDED


class KamAccountPause(models.Model):
    """Days on which nothing is owed to an account, and why.

    Entered by the office, or opened and closed by the life cycle of the account.  Both
    days belong to it; without a last day it lasts.  Source: users §2, design §3.
    """

    _name = "kam.account.pause"
    _inherit = ["kam.guarded"]
    _description = "Pause of Obligations"
    _order = "date_from desc, id desc"
    _rec_name = "reason"

    _guarded_initial = {"kind": "manual"}
    _guarded_once = frozenset({"account_id"})

    account_id = fields.Many2one("kam.account", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", help="Empty: until it is ended.")
    reason = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("manual", "By the Office"),
            ("paused", "Account Paused"),
            ("lost", "Account Lost"),
            ("blacklisted", "Account Blacklisted"),
        ],
        "Because",
        required=True,
        default="manual",
        readonly=True,
    )
    author_id = fields.Many2one(related="create_uid", string="Entered By")

    _dates_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a pause must not be before the first one.",
    )

    @api.constrains("date_from", "date_to", "account_id", "kind")
    def _check_overlap(self):
        """Two pauses entered by the office do not overlap; the life cycle may."""
        for pause in self.filtered(lambda p: p.kind == "manual"):
            domain = Domain("account_id", "=", pause.account_id.id) & Domain("id", "!=", pause.id)
            domain &= Domain("kind", "=", "manual")
            domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", pause.date_from)
            if pause.date_to:
                domain &= Domain("date_from", "<=", pause.date_to)
            # sudo: a pause must not overlap one somebody else entered.
            if self.sudo().search_count(domain, limit=1):
                raise ValidationError(
                    self.env._(
                        "%(account)s is paused already within these days. Change that pause.",
                        account=pause.account_id.name,
                    )
                )

    @api.constrains("reason")
    def _check_reason(self):
        for pause in self:
            if not (pause.reason or "").strip():
                raise ValidationError(self.env._("Say why obligations are paused."))

    @api.model_create_multi
    def create(self, vals_list):
        pauses = super().create(vals_list)
        if not self._is_engine():
            pauses._tell("paused")
        pauses._refresh_obligations()
        return pauses

    def write(self, vals):
        if not self._is_engine() and any(pause.kind != "manual" for pause in self):
            raise UserError(
                self.env._("This pause follows the life cycle of the account: change that.")
            )
        result = super().write(vals)
        if not self._is_engine():
            self._tell("changed")
        self._refresh_obligations()
        return result

    def unlink(self):
        accounts = self.account_id
        result = super().unlink()
        self.env["kam.obligation"]._refresh_accounts(accounts)
        return result

    @ondelete_always
    def _unlink_except_begun(self):
        if self._is_engine():
            return
        for pause in self:
            if pause.kind != "manual" or pause.date_from < pause.company_id._kam_today():
                raise UserError(
                    self.env._("A pause that has begun stays: enter its last day instead.")
                )

    def _refresh_obligations(self):
        # sudo: what is owed is counted by the system, whoever pauses.
        accounts = self.sudo().account_id
        starts = self.sudo().mapped("date_from")
        self.env["kam.obligation"]._refresh_accounts(accounts, starts)

    def _tell(self, what):
        """A line in the history of the account file."""
        for pause in self:
            values = {
                "start": fields.Date.to_string(pause.date_from),
                "end": fields.Date.to_string(pause.date_to) if pause.date_to else "…",
                "reason": pause.reason,
            }
            if what == "paused":
                text = self.env._("Obligations paused, %(start)s – %(end)s: %(reason)s", **values)
            else:
                text = self.env._(
                    "Pause of obligations is now %(start)s – %(end)s: %(reason)s", **values
                )
            # sudo: a note for the record; the right to pause was checked.
            pause.account_id.sudo()._message_log(body=text, author_id=self.env.user.partner_id.id)

    # Life cycle ----------------------------------------------------------------------

    @api.model
    def _follow_life_cycle(self, accounts):
        """Open a pause for suspended accounts that have none, close it for the others."""
        # sudo: the right to change the life cycle was checked where it changed.
        engine = self.sudo()._as_engine()
        kinds = Domain("kind", "in", LIFE_CYCLE_KINDS)
        running = engine.search(
            Domain("account_id", "in", accounts.ids) & kinds & Domain("date_to", "=", False)
        )
        by_account = running.grouped("account_id")
        new = []
        for account in accounts.sudo():
            today = account.company_id._kam_today()
            pause = by_account.get(account, engine.browse())
            if pause.kind == account.state:
                continue
            pause._end_before(today)
            if account.state in SUSPENDED:
                new.append(engine._prepare_of(account, today))
        engine.create(new)

    def _end_before(self, day):
        for pause in self:
            if pause.date_from >= day:
                pause.unlink()
            else:
                pause.write({"date_to": fields.Date.subtract(day, days=1)})

    @api.model
    def _prepare_of(self, account, day):
        return {
            "account_id": account.id,
            "date_from": day,
            "reason": account.state_reason or account.state,
            "kind": account.state,
        }

    @api.model
    def _ensure_suspended(self, company, day):
        """Accounts suspended before pauses were kept."""
        engine = self.sudo()._as_engine()
        running = engine._search(
            Domain("kind", "in", LIFE_CYCLE_KINDS) & Domain("date_to", "=", False)
        )
        accounts = self.env["kam.account"].sudo().search(
            Domain("company_id", "=", company.id)
            & Domain("state", "in", SUSPENDED)
            & Domain("id", "not in", running.subselect("account_id"))
        )  # fmt: skip
        if accounts:
            engine.create([engine._prepare_of(account, day) for account in accounts])

    @api.model
    def _paused_on(self, company, day):
        """Ids of the accounts paused on a day."""
        domain = Domain("company_id", "=", company.id) & Domain("date_from", "<=", day)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", day)
        return set(self.sudo().search_fetch(domain, ["account_id"]).account_id.ids)

    @api.model
    def _check_office(self):
        if not (self.env.su or self.env.user.has_group("key_account_mgmt.group_kam_officer")):
            raise AccessError(self.env._("Only the KAM office pauses obligations."))
