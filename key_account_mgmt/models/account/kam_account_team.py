from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain


class KamAccount(models.Model):
    """The team of an account, and who led it when.

    ``user_id`` is the lead account manager of today; his row in the team, and those of
    everybody who led before him, are kept here.  Source: S0-05, S3-21, g Q35.
    """

    _inherit = "kam.account"

    lead_since = fields.Date("Leads Since", compute="_compute_lead_since")

    def _compute_lead_since(self):
        """First day of the lead account manager of today."""
        leads = self.env["kam.team.member"].search_fetch(
            [("account_id", "in", self.ids), ("is_lead", "=", True), ("date_to", "=", False)],
            ["account_id", "date_from"],
        )
        since = {lead.account_id.id: lead.date_from for lead in leads}
        for account in self:
            account.lead_since = since.get(account._origin.id)

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts.filtered("user_id")._sync_lead_rows()
        return accounts

    def write(self, vals):
        changed = self.browse()
        if "user_id" in vals:
            changed = self.filtered(lambda a: a.user_id.id != (vals["user_id"] or False))
        before = {account: account.user_id for account in changed}
        result = super().write(vals)
        if changed:
            # Only a hand-over says another day than today, and moves what is open itself.
            day = self.env.context.get("kam_lead_day") if self._is_engine() else None
            changed._sync_lead_rows(day)
            if not day:
                changed._follow_lead(before)
        return result

    def _follow_lead(self, before):
        """What was open with the former lead goes to the new one, also without a hand-over.

        :param before: ``{account: who led}``; a first lead has nothing to take over
        """
        # sudo: who leads is a right checked before; actions and visits follow it.
        for account in self.sudo()._as_engine():
            old, new = before[account], account.user_id
            if old and new:
                quiet = account.with_context(mail_auto_subscribe_no_notify=True)
                quiet._handover_apply(old.sudo(), new)

    def _team_rows(self):
        # sudo: the rows follow the account file; whoever may write that one writes them.
        return self.env["kam.team.member"].sudo()._as_engine()

    def _sync_lead_rows(self, day=None):
        """Let the team say who leads from ``day`` on (default: today); run twice, no change.

        The row of whoever led before ends on the day before; one that began the same day
        was a mistake and goes.
        """
        rows = self._team_rows()
        role = self.env["kam.team.role"].sudo()._lead_role()
        open_rows = rows.search(
            [("account_id", "in", self.ids), ("is_lead", "=", True), ("date_to", "=", False)]
        )
        right = open_rows.filtered(lambda row: row.user_id == row.account_id.user_id)
        missing = self.filtered("user_id") - right.account_id
        for row in open_rows - right:
            row._end(max(day or row.account_id._lead_today(), row.date_from))
        if not (missing and role):
            return
        missing._make_room_for_leads(role, day)
        rows.create([account._prepare_lead_row(role, day) for account in missing])

    def _lead_today(self):
        return self.company_id.sudo()._kam_today()

    def _prepare_lead_row(self, role, day=None):
        return {
            "account_id": self.id,
            "user_id": self.user_id.id,
            "role_id": role.id,
            "date_from": day or self._lead_today(),
            "is_lead": True,
        }

    def _make_room_for_leads(self, role, day=None):
        """Whoever was an ordinary account manager in the team leads from now on."""
        rows = self._team_rows().search(
            [
                ("account_id", "in", self.ids),
                ("role_id", "=", role.id),
                ("is_lead", "=", False),
                ("user_id", "in", self.user_id.ids),
            ]
        )
        for row in rows:
            start = day or row.account_id._lead_today()
            if row.user_id == row.account_id.user_id and (not row.date_to or row.date_to >= start):
                row._end(start)

    @api.model
    def _ensure_lead_rows(self, company):
        """Rows for accounts led since before there were any, from the day of their file.

        :return: how many were missing
        """
        led = self.sudo().search([("company_id", "=", company.id), ("user_id", "!=", False)])
        present = self._team_rows()._read_group(
            [("account_id", "in", led.ids), ("is_lead", "=", True), ("date_to", "=", False)],
            ["account_id"],
        )
        missing = led - led.browse([account.id for (account,) in present])
        ended = dict(
            self._team_rows()._read_group(
                [("account_id", "in", missing.ids), ("is_lead", "=", True)],
                ["account_id"],
                ["date_to:max"],
            )
        )
        working = company._kam_working_time()
        for account in missing:
            day = working.local_day(account.create_date)
            if account in ended:
                day = max(day, ended[account] + timedelta(days=1))
            account._sync_lead_rows(day)
        return len(missing)

    def _kam_team_on(self, day):
        """Who is in the team on a day.

        :return: ``{account: team members whose days, both ends included, cover the day}``
        """
        Member = self.env["kam.team.member"]
        domain = Member._covering_domain(day) & Domain("account_id", "in", self.ids)
        found = Member.search(domain).grouped("account_id")
        return {account: found.get(account, Member) for account in self}

    # Merging ----------------------------------------------------------------------

    def _merge_into(self, kept):
        """The kept file keeps its lead; who led the other one stays in the history.

        Somebody in both teams in one role is in the kept one for the days of both.
        """
        day = kept._lead_today()
        rows = self._team_rows().search([("account_id", "=", self.id)])
        rows.filtered(lambda row: row.is_lead and not row.date_to)._end(day)
        rows = rows.exists()
        rows.write({"is_lead": False})
        for row in rows:
            twin = self._team_rows().search(
                [
                    ("account_id", "=", kept.id),
                    ("user_id", "=", row.user_id.id),
                    ("role_id", "=", row.role_id.id),
                ]
            )
            twin = twin.filtered(row._overlaps)
            if twin:
                row._join(twin[0])
        return super()._merge_into(kept)
