import operator as operators

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .visit import HELD

COMPARE = {"<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge}


class KamAccount(models.Model):
    """Last and next visit of an account; its visits in hand-overs and merges."""

    _inherit = "kam.account"

    last_visit_date = fields.Date(
        "Last Visit",
        compute="_compute_visit_dates",
        search="_search_last_visit_date",
        help="Face to face or by video; calls and messages are not visits.",
    )
    next_visit_date = fields.Date(
        "Next Visit", compute="_compute_visit_dates", search="_search_next_visit_date"
    )

    def _compute_visit_dates(self):
        mine = Domain("account_id", "in", self.ids) | Domain("also_account_ids", "in", self.ids)
        last = self._visit_dates(mine & self._last_visit_domain(), "day:max", max)
        following = self._visit_dates(mine & self._next_visit_domain(), "day:min", min)
        for account in self:
            account.last_visit_date = last.get(account._origin.id, False)
            account.next_visit_date = following.get(account._origin.id, False)

    @api.model
    def _last_visit_domain(self):
        return Domain("state", "in", HELD) & Domain("mode_id.is_visit", "=", True)

    @api.model
    def _next_visit_domain(self):
        return Domain("state", "=", "planned") & Domain("stop", ">", fields.Datetime.now())

    @api.model
    def _visit_dates(self, domain, aggregate, choose):
        """``{account id: day}``; a visit counts for each account it was for.

        Two queries, however many accounts; only visits the reader may see.
        """
        Visit = self.env["kam.visit"]
        result = {}
        for name in ("account_id", "also_account_ids"):
            shared = Domain("also_account_ids", "!=", False) if name != "account_id" else domain
            for account, day in Visit._read_group(domain & shared, [name], [aggregate]):
                result[account.id] = choose(day, result.get(account.id, day))
        return result

    def _search_last_visit_date(self, operator, value):
        dates = self._visit_dates(self._last_visit_domain(), "day:max", max)
        return self._dates_domain(dates, operator, value)

    def _search_next_visit_date(self, operator, value):
        dates = self._visit_dates(self._next_visit_domain(), "day:min", min)
        return self._dates_domain(dates, operator, value)

    @api.model
    def _dates_domain(self, dates, operator, value):
        if operator == "in":
            wanted = {fields.Date.to_date(day) for day in value if day}
            domain = Domain("id", "in", [key for key, day in dates.items() if day in wanted])
            return domain | Domain("id", "not in", list(dates)) if False in value else domain
        if operator not in COMPARE:
            return NotImplemented
        limit = fields.Date.to_date(value)
        fits = [key for key, day in dates.items() if COMPARE[operator](day, limit)]
        return Domain("id", "in", fits)

    def action_kam_visits(self):
        """The visits of this account, those made together with others included."""
        self.ensure_one().check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_visit_action")
        return action | {
            "domain": [
                "|", ("account_id", "=", self.id), ("also_account_ids", "in", self.ids)
            ],
            "context": {"default_account_id": self.id},
        }  # fmt: skip

    def action_kam_log_visit(self):
        """Enter a visit, call or message that took place; several: as one visit of a group."""
        self.env["kam.visit"].check_access("create")
        self.check_access("read")
        if len(self.group_root_id) > 1:
            raise UserError(
                self.env._("Choose one account, or members of one account group visited together.")
            )
        return self.env["kam.visit"]._log_action(
            {"default_account_id": self[:1].id, "default_also_account_ids": self[1:].ids}
        )

    def action_kam_plan_visits(self):
        """Plan visits to these accounts as one trip."""
        self.check_access("read")
        return self.env["kam.visit"]._plan_action([{"account_id": account.id} for account in self])

    # Hand-over ------------------------------------------------------------------------

    def _handover_items(self, user):
        """Also the visits ``user`` organises: planned, and those without a report.

        Source: g Q35.
        """
        items = [
            {
                "kind": "visit" if visit.state == "planned" else "report",
                "model": visit._name,
                "res_id": visit.id,
                "name": visit.display_name,
                "date": visit.report_due or visit.day,
                "account_id": visit.account_id.id,
            }
            for visit in self._open_visits(user)
        ]
        return super()._handover_items(user) + items

    def _handover_apply(self, old, new):
        """Planned visits go to the receiver with the meeting; of those held only the
        reminder: who was there reports.
        """
        self._handover_mine(self._open_visits(old))._pass_on(old, new)
        return super()._handover_apply(old, new)

    def _open_visits(self, user):
        return self.env["kam.visit"].search(
            [
                ("account_id", "in", self.ids),
                ("user_id", "=", user.id),
                ("state", "in", ("planned", "to_report")),
            ],
            order="day, id",
        )

    # Merging --------------------------------------------------------------------------

    def _merge_into(self, kept):
        """Visits move to the file that is kept."""
        result = super()._merge_into(kept)
        # sudo: the wizard is for administrators of contacts, not of visits.
        Visit = self.env["kam.visit"].sudo()._as_engine()
        also = Visit.search([("also_account_ids", "in", self.ids)])
        Visit.search([("account_id", "=", self.id)]).write({"account_id": kept.id})
        for visit in also | Visit.search([("also_account_ids", "in", kept.ids)]):
            others = visit.also_account_ids - self - kept
            visit.also_account_ids = others | (kept - visit.account_id)
        return result
