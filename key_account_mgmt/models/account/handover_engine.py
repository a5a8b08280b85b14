from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools.misc import format_date

from .handover import OPEN
from .handover_line import KINDS

ORDER = {kind: number for number, (kind, _label) in enumerate(KINDS)}
NAMED = 20


class KamHandover(models.Model):
    """How a hand-over is proposed, takes effect and comes back.

    Everything here is called on ``_engine_self()``, after the check of who asks.
    """

    _inherit = "kam.handover"

    # Proposing --------------------------------------------------------------------

    def _propose(self, day):
        """Check it, write down what is open, tell the receiver at once.

        Raises ValidationError where it cannot be done, saying what to change.
        """
        self.ensure_one()
        self._check_state("draft")
        self._check_proposal(day)
        self.line_ids.unlink()
        self.env["kam.handover.line"].create(self._prepare_lines())
        self.write(
            {
                "state": "proposed",
                "proposed_on": fields.Datetime.now(),
                "proposed_by_id": self.env.uid,
            }
        )
        reader = self.with_context(lang=self.to_user_id.lang)
        title = reader.env._(
            "%(name)s hands over to you: accept or refuse", name=self.from_user_id.name
        )
        lines = [*self._shown_accounts()[:NAMED].mapped("display_name"), self.note]
        self._tell(self.to_user_id, title, lines, urgent=True)

    def _check_proposal(self, day):
        texts = [*self._date_problems(day), *self._receiver_problems(), *self._account_problems()]
        if not (self.note or "").strip():
            texts.append(self.env._("Say why, and what the receiver should know."))
        if texts:
            raise ValidationError("\n".join(texts))

    def _date_problems(self, day):
        if self.date_from < day:
            yield self.env._(
                "A hand-over begins today (%(day)s) or later.", day=format_date(self.env, day)
            )

    def _receiver_problems(self):
        receiver = self.to_user_id
        if receiver == self.from_user_id:
            yield self.env._("Nobody hands over to himself.")
        works_here = receiver.company_ids.root_id & self.company_id.root_id
        is_ours = receiver.has_group("key_account_mgmt.group_kam_member")
        if not (receiver.active and is_ours and works_here):
            yield self.env._(
                "%(name)s cannot take accounts over: he must be an active user of key accounts "
                "in %(company)s.",
                name=receiver.name,
                company=self.company_id.name,
            )

    def _account_problems(self):
        if not self.account_ids and not self._team_rows_to_move():
            yield self.env._("Choose the accounts to hand over.")
        others = self.account_ids.filtered(lambda a: a.user_id != self.from_user_id)
        if others:
            yield self.env._(
                "Not led by %(name)s: %(accounts)s. Take them out.",
                name=self.from_user_id.name,
                accounts=", ".join(others[:NAMED].mapped("display_name")),
            )
        # Two proposals of the same account must not pass each other.
        self.account_ids.lock_for_update(allow_referencing=True)
        busy = self.search(
            [
                ("state", "in", OPEN),
                ("account_ids", "in", self.account_ids.ids),
                ("id", "!=", self.id),
            ]
        )
        if busy:
            yield self.env._(
                "Being handed over already: %(accounts)s (%(handovers)s).",
                accounts=", ".join((busy.account_ids & self.account_ids).mapped("display_name")),
                handovers=", ".join(busy.mapped("name")),
            )

    def _prepare_lines(self):
        """What is open now, as rows of the slip."""
        items = self.account_ids._handover_items(self.from_user_id) + self._role_items()
        accounts = self.env["kam.account"].browse(
            filter(None, (self._account_of(item) for item in items))
        )
        names = {account.id: account.display_name for account in accounts}
        kinds = self.env["kam.handover.line"]._fields["kind"].get_values(self.env)
        return [
            {
                "handover_id": self.id,
                "sequence": ORDER.get(item["kind"], len(ORDER)),
                "account_id": self._account_of(item),
                "account_name": names.get(self._account_of(item)),
                "kind": item["kind"] if item["kind"] in kinds else "other",
                "name": item["name"] or "–",
                "date": item["date"],
                "amount": item.get("amount", 0.0),
                "res_model": item["model"],
                "res_id": item["res_id"],
            }
            for item in items
        ]

    @api.model
    def _account_of(self, item):
        """The account an item belongs to, said by it or by its document."""
        if item.get("account_id"):
            return item["account_id"]
        record = self.env[item["model"]].browse(item["res_id"])
        if record._name == "kam.account":
            return record.id
        return record.account_id.id if "account_id" in record._fields else False

    def _team_rows_to_move(self):
        """Rows of the person in teams, today and later, but for those of who leads."""
        rows = self.env["kam.team.member"]
        if not self.all_roles:
            return rows
        return rows.search(
            Domain("user_id", "=", self.from_user_id.id)
            & Domain("is_lead", "=", False)
            & Domain("company_id", "=", self.company_id.id)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", self.date_from))
        )

    def _role_items(self):
        return [
            {
                "kind": "role",
                "model": row._name,
                "res_id": row.id,
                "name": row.role_id.name,
                "date": row.date_to,
                "account_id": row.account_id.id,
            }
            for row in self._team_rows_to_move()
        ]

    # Answering --------------------------------------------------------------------

    def _accept(self, day):
        self._lock()
        self._check_state("proposed")
        if self.date_to and self.date_to < day:
            raise UserError(
                self.env._("Its last day is over: ask %(name)s to propose it again.",
                           name=self.proposed_by_id.name)
            )  # fmt: skip
        self._answer("accepted")
        if self.date_from <= day:
            self._apply(day)

    def _answer(self, state, reason=False):
        """Note the answer and tell whoever waits for it, next morning."""
        told = state in ("accepted", "refused")
        self.write(
            {"state": state, "answered_on": fields.Datetime.now(), "refusal": reason or False}
        )
        self.env["kam.notice"]._settle("handover", self)
        for user in (self.proposed_by_id | self.from_user_id) - self.env.user if told else ():
            text = self.with_context(lang=user.lang).env._
            values = {"name": self.to_user_id.name}
            if state == "accepted":
                title = text("%(name)s takes over what was proposed", **values)
            else:
                title = text("%(name)s does not take over what was proposed", **values)
            self._tell(user, title, [reason] if reason else [])

    def _tell(self, user, title, lines, urgent=False):
        if user.active:
            self.env["kam.notice"]._queue(
                user, title, lines, urgent=urgent, record=self, topic="handover"
            )

    def _lock(self):
        """Two answers, or a person and the job, must not meet."""
        if not self.try_lock_for_update():
            raise UserError(
                self.env._("Somebody is working on “%(name)s”. Try again soon.", name=self.name)
            )
        self.invalidate_recordset(["state"])

    # Taking effect ----------------------------------------------------------------

    def _apply(self, day):
        """Accounts, roles and what is open go to the receiver; once.

        Who was given to somebody else meanwhile stays there.
        """
        self._check_state("accepted")
        old, new = self.from_user_id, self.to_user_id
        moving = self.account_ids.filtered(lambda a: a.user_id == old)
        rows = self._team_rows_to_move()
        touched = moving | rows.account_id
        kept = [[item["model"], item["res_id"]] for item in touched._handover_items(new)]
        moving._change_lead(new, day)
        moved = self._move_rows(rows, new, day)
        if self.all_roles and not self.date_to:
            self._move_sponsorship(old, new)
        touched._handover_apply(old, new)
        self.write(
            {
                "state": "running" if self.date_to else "done",
                "applied_on": day,
                "kept_items": kept,
                "moved_member_ids": [Command.set(moved.ids)],
            }
        )
        self._log_on(moving)

    def _move_rows(self, rows, user, day):
        """End rows of a team before ``day`` and open the same for another person.

        :return: the rows opened
        """
        opened = rows.browse()
        for row in rows:
            start = max(day, row.date_from)
            vals = {
                "account_id": row.account_id.id,
                "user_id": user.id,
                "role_id": row.role_id.id,
                "date_from": start,
                "date_to": row.date_to,
                "is_dedicated": row.is_dedicated,
                "own_duties": row.own_duties,
            }
            account, role = row.account_id, row.role_id
            row._end(start)
            if not self._is_in_role(account, role, user, start):
                opened |= opened.create(vals)
        return opened

    def _is_in_role(self, account, role, user, day):
        """Whether somebody is in a role on a day or later."""
        return self.env["kam.team.member"].search_count(
            Domain("account_id", "=", account.id)
            & Domain("role_id", "=", role.id)
            & Domain("user_id", "=", user.id)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", day)),
            limit=1,
        )

    def _move_sponsorship(self, old, new):
        sponsored = self.env["kam.account"].search(
            [("executive_sponsor_id", "=", old.id), ("company_id", "=", self.company_id.id)]
        )
        sponsored.write({"executive_sponsor_id": new.id})

    def _log_on(self, accounts):
        for account in accounts:
            account._message_log(
                body=self.env._(
                    "Handed over from %(old)s to %(new)s: %(note)s",
                    old=self.from_user_id.name,
                    new=self.to_user_id.name,
                    note=self.note,
                )
            )

    def _return(self, day):
        """What is still with the receiver goes back, unless the other has left."""
        self._lock()
        self._check_state("running")
        old, new = self.from_user_id, self.to_user_id
        if old.active:
            back = self.account_ids.filtered(lambda a: a.user_id == new)
            rows = self.moved_member_ids.exists().filtered(
                lambda row: not row.date_to or row.date_to >= day
            )
            touched = back | rows.account_id
            back._change_lead(old, day)
            self._move_rows(rows, old, day)
            kept = frozenset((model, res_id) for model, res_id in self.kept_items or ())
            touched.with_context(kam_handover_kept=kept)._handover_apply(new, old)
        self.write({"state": "done", "ended_on": day})

    # The job ----------------------------------------------------------------------

    @api.model
    def _cron_handovers(self, day=None):
        """Begin what was accepted for today or before, end what has had its last day.

        :param day: empty: the day it is where the company works
        """
        units = []
        jobs = self._engine_self()
        for company in jobs.env["res.company"].search([("parent_id", "=", False)]):
            today = day or company._kam_today()
            mine = Domain("company_id", "=", company.id)
            due = mine & Domain("state", "=", "accepted") & Domain("date_from", "<=", today)
            over = mine & Domain("state", "=", "running") & Domain("date_to", "<", today)
            units += [(found._begin_due, today) for found in jobs.search(due, order="id")]
            units += [(found._end_due, today) for found in jobs.search(over, order="id")]
        self._run_units("handovers", units)

    def _begin_due(self, day):
        self._lock()
        if self.state != "accepted":
            return 0
        if not self.to_user_id.active or (self.date_to and self.date_to < day):
            reason = self.env._("The receiver has left, or the last day was over.")
            self._answer("cancelled", reason)
            title = self.env._("The hand-over %(name)s did not take place", name=self.name)
            # With the message of the morning: the job runs by night, also before days off.
            self._tell(self.proposed_by_id, title, [reason])
            return 0
        self._apply(day)
        if self.date_to and self.date_to < day:
            self._return(day)
        return len(self.account_ids)

    def _end_due(self, day):
        if self.state != "running":
            return 0
        self._return(day)
        return len(self.account_ids)

    def _job_unit_company(self, function, args):
        return self.company_id.root_id

    def _job_unit_text(self, function, args):
        return self.name
