from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..account.kam_account import SUSPENDED
from .obligation import UNMET


class KamAccount(models.Model):
    """What is owed to the account; its life cycle and its people carry it."""

    _inherit = "kam.account"

    obligation_ids = fields.One2many("kam.obligation", "account_id", "Obligations")
    obligation_count = fields.Integer(compute="_compute_obligation_count")
    obligation_overdue_count = fields.Integer(compute="_compute_obligation_count")
    pause_ids = fields.One2many("kam.account.pause", "account_id", "Pauses of Obligations")

    def _compute_obligation_count(self):
        """Running and overdue ones, as the reader may see them."""
        today = fields.Date.context_today(self)
        domain = Domain("account_id", "in", self.ids) & Domain("state", "in", UNMET)
        domain &= Domain("date_from", "<=", today)
        counts = {}
        for account, state, count in self.env["kam.obligation"]._read_group(
            domain, ["account_id", "state"], ["__count"]
        ):
            counts.setdefault(account.id, {})[state] = count
        for account in self:
            own = counts.get(account._origin.id, {})
            account.obligation_count = sum(own.values())
            account.obligation_overdue_count = own.get("overdue", 0)

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        suspended = accounts.filtered(lambda a: a.state in SUSPENDED)
        if suspended:
            self.env["kam.account.pause"]._follow_life_cycle(suspended)
        return accounts

    def write(self, vals):
        before = {account.id: account.state for account in self} if "state" in vals else {}
        result = super().write(vals)
        moved = self.filtered(
            lambda a: (
                before.get(a.id, a.state) != a.state
                and (a.state in SUSPENDED or before[a.id] in SUSPENDED)
            )
        )
        if moved:
            self.env["kam.account.pause"]._follow_life_cycle(moved)
        if {"user_id", "executive_sponsor_id", "parent_id"} & vals.keys():
            self.env["kam.obligation"]._refresh_accounts(self)
        return result

    def action_open_obligations(self):
        """The obligations of the account, those of its group included."""
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_obligation_action"
        )
        return action | {
            "domain": [("account_id", "in", (self | self.group_root_id).ids)],
            "context": {"search_default_begun": 1},
        }

    def action_pause_obligations(self):
        """Ask for the days and the reason; for one or many accounts."""
        self.env["kam.account.pause"]._check_office()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pause Obligations"),
            "res_model": "kam.account.pause.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_account_ids": self.ids},
        }

    # Hand-over ------------------------------------------------------------------------

    def _handover_items(self, user):
        """Obligations that are open or overdue and the person's.  J21."""
        # sudo: the list of a hand-over is complete whoever makes it.
        domain = Domain("account_id", "in", self.ids) & Domain("state", "in", UNMET)
        domain &= Domain("user_id", "=", user.id) | Domain("manager_id", "=", user.id)
        today = fields.Date.context_today(self)
        obligations = self.env["kam.obligation"].sudo().search(
            domain & Domain("date_from", "<=", today)
        )  # fmt: skip
        return super()._handover_items(user) + [
            {
                "model": obligation._name,
                "res_id": obligation.id,
                "name": obligation.name,
                "date": obligation.date_next or obligation.date_to,
                "kind": "obligation",
                "account_id": obligation.account_id.id,
            }
            for obligation in obligations
        ]

    def _handover_apply(self, old, new, *args, **kwargs):
        """Obligations belong to the account: they follow whoever is responsible now."""
        result = super()._handover_apply(old, new, *args, **kwargs)
        self.env["kam.obligation"]._refresh_accounts(self)
        return result

    # Merging --------------------------------------------------------------------------

    def _merge_into(self, kept):
        """The history moves over; of what both were owed in the same days the kept file's
        stays.
        """
        self.pause_ids.sudo()._as_engine().write({"account_id": kept.id})
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kam_obligation mine SET state = 'cancelled'
                  FROM kam_obligation other
                 WHERE mine.account_id = %s AND other.account_id = %s
                   AND mine.kind_id = other.kind_id AND mine.date_from = other.date_from
                   AND mine.date_to = other.date_to
                   AND mine.state != 'cancelled' AND other.state != 'cancelled';
                UPDATE kam_obligation SET account_id = %s WHERE account_id = %s
                """,
                self.id,
                kept.id,
                kept.id,
                self.id,
            )
        )
        self.env["kam.obligation"].invalidate_model()
        result = super()._merge_into(kept)
        self.env["kam.obligation"]._refresh_accounts(kept)
        return result
