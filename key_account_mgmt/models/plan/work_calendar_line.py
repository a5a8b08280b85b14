from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..account.kam_account import SUSPENDED
from ..core.guarded import ondelete_always
from .plan import OFFICE
from .work_template import QUARTERS

FROZEN = {
    "frozen_progress": 0.0,
    "frozen_done": 0,
    "frozen_total": 0,
    "frozen_on": False,
    "done_on": False,
    "done_by_id": False,
}
COMPLETE = 80


class KamWorkCalendarLine(models.Model):
    """One piece of work of a quarter; measured by what the system knows, or ticked.

    When its quarter is over, the night keeps what was reached by then.
    A later domain adds a measure to :meth:`_measures` and a method
    ``_measure_<code>`` returning ``(done, of how many)``.  Source: S1q-24 … S1q-27.
    """

    _name = "kam.work.calendar.line"
    _inherit = ["kam.guarded"]
    _description = "Work of a Quarter"
    _order = "calendar_id, quarter, sequence, id"

    _guarded_initial = FROZEN
    _guarded_once = frozenset({"calendar_id"})

    calendar_id = fields.Many2one(
        "kam.work.calendar", required=True, index=True, ondelete="cascade"
    )
    template_id = fields.Many2one("kam.work.template", ondelete="set null", readonly=True)
    company_id = fields.Many2one(related="calendar_id.company_id", store=True, index=True)
    year = fields.Integer(related="calendar_id.year", store=True, aggregator=None)
    name = fields.Char("What", required=True)
    quarter = fields.Selection(QUARTERS, required=True, default="1")
    sequence = fields.Integer(default=10)
    measure = fields.Selection("_selection_measure", "Measured By", required=True, default="manual")
    target = fields.Float("Target (%)", default=100.0, aggregator=None)
    user_id = fields.Many2one(
        "res.users", "Owner", index="btree_not_null", domain=[("share", "=", False)]
    )
    date_due = fields.Date("Due", compute="_compute_date_due", store=True, readonly=False)
    done_count = fields.Integer("Done", compute="_compute_progress")
    total_count = fields.Integer("Of", compute="_compute_progress")
    progress = fields.Float("Progress (%)", compute="_compute_progress", aggregator="avg")
    is_reached = fields.Boolean("Target Reached", compute="_compute_progress")
    frozen_progress = fields.Float(
        "At the End of the Quarter (%)", readonly=True, copy=False, aggregator="avg"
    )
    frozen_done = fields.Integer(readonly=True, copy=False)
    frozen_total = fields.Integer(readonly=True, copy=False)
    frozen_on = fields.Date("Kept On", readonly=True, copy=False)
    done_on = fields.Date(readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    note = fields.Char("Remarks")

    _target_check = models.Constraint(
        "CHECK (target BETWEEN 0 AND 100)", "A target is between 0 and 100 percent."
    )

    @api.model
    def _measures(self):
        """Hook: what work can be measured by, ``[(code, label)]``."""
        return [
            ("manual", self.env._("Ticked by hand")),
            ("files", self.env._("Account files at least %(rate)s %% complete", rate=COMPLETE)),
            ("analyses", self.env._("Key accounts with an analysis of the year")),
            ("obligations", self.env._("Obligations of the quarter met")),
            ("actions", self.env._("Actions due in the quarter done")),
            ("plans", self.env._("Key accounts with a marketing plan of the year")),
            ("next_plans", self.env._("Key accounts with a plan for the next year")),
        ]

    @api.model
    def _selection_measure(self):
        return self._measures()

    @api.depends("quarter", "calendar_id.year")
    def _compute_date_due(self):
        for line in self:
            known = line.calendar_id.year and line.quarter
            line.date_due = line.calendar_id._quarter_end(line.quarter) if known else False

    # Measuring --------------------------------------------------------------------

    @api.depends("measure", "target", "done_on", "frozen_on", "frozen_progress", "quarter")
    def _compute_progress(self):
        for line in self:
            if line.frozen_on:
                done, total = line.frozen_done, line.frozen_total
            else:
                done, total = line._measured() if line.calendar_id.year else (0, 0)
            line.done_count, line.total_count = done, total
            rate = 100.0 * done / total if total else 0.0
            line.progress = line.frozen_progress if line.frozen_on else rate
            line.is_reached = bool(total or line.frozen_on) and line.progress >= line.target

    def _measured(self):
        """``(done, of how many)`` as it stands; sudo: numbers of the company's programme."""
        self.ensure_one()
        if self.measure == "manual":
            return int(bool(self.done_on)), 1
        measure = getattr(self.sudo(), f"_measure_{self.measure}", None)
        return measure() if measure else (0, 0)

    def _key_accounts(self):
        """Key and target accounts that are not suspended."""
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("is_key_account", "=", True) | Domain("is_target", "=", True)
        return self.env["kam.account"].search(domain & Domain("state", "not in", SUSPENDED))

    def _days(self):
        calendar = self.calendar_id
        return calendar._quarter_start(self.quarter), calendar._quarter_end(self.quarter)

    def _measure_files(self):
        """Source: S1q-24."""
        accounts = self._key_accounts()
        complete = accounts.filtered(lambda a: a.profile_completeness >= COMPLETE)
        return len(complete), len(accounts)

    def _measure_analyses(self):
        """Confirmed in the year, up to the end of the quarter.  Source: S1q-24."""
        accounts = self._key_accounts()
        domain = Domain("account_id", "in", accounts.ids) & Domain("state", "=", "confirmed")
        domain &= Domain("kind_id.needs_scores", "=", True)
        domain &= Domain("date", ">=", self.calendar_id._quarter_start("1"))
        domain &= Domain("date", "<=", self._days()[1])
        groups = self.env["kam.insight"]._read_group(domain, ["account_id"])
        return len(groups), len(accounts)

    def _measure_obligations(self):
        """Of the obligations that end in the quarter, those met.  Source: S1q-25."""
        first, last = self._days()
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("date_to", ">=", first) & Domain("date_to", "<=", last)
        domain &= Domain("state", "not in", ("cancelled", "waived"))
        groups = self.env["kam.obligation"]._read_group(domain, ["state"], ["__count"])
        counts = dict(groups)
        met = sum(count for state, count in counts.items() if state in ("met", "met_late"))
        return met, sum(counts.values())

    def _measure_actions(self):
        """Improvements and everything else promised for the quarter.  Source: S1q-26."""
        first, last = self._days()
        domain = Domain("company_id", "=", self.company_id.id)
        domain &= Domain("date_due", ">=", first) & Domain("date_due", "<=", last)
        domain &= Domain("state", "!=", "cancelled")
        groups = dict(self.env["kam.action"]._read_group(domain, ["state"], ["__count"]))
        return groups.get("done", 0), sum(groups.values())

    def _measure_plans(self):
        return self._planned_accounts(self.year, ("confirmed", "running", "done"))

    def _measure_next_plans(self):
        """Source: S1q-27."""
        return self._planned_accounts(self.year + 1, ("draft", "confirmed", "running", "done"))

    def _planned_accounts(self, year, states):
        """Planned for by themselves or with a file above them in their group."""
        accounts = self._key_accounts()
        domain = Domain("account_id", "in", accounts.ids) & Domain("kind", "=", "marketing")
        domain &= Domain("year", "=", year) & Domain("state", "in", states)
        groups = self.env["kam.plan"]._read_group(domain, ["account_id"])
        planned = {account.id for (account,) in groups}
        covered = accounts.filtered(
            lambda account: not planned.isdisjoint([account.id, *account._ids_above()])
        )
        return len(covered), len(accounts)

    # Doing ------------------------------------------------------------------------

    def write(self, vals):
        content = vals.keys() & {"name", "quarter", "measure", "target", "template_id"}
        if content and not self._is_engine() and any(self.mapped("frozen_on")):
            raise UserError(self.env._("The quarter is over: what was reached is kept."))
        return super().write(vals)

    @ondelete_always
    def _unlink_except_kept(self):
        if not self._is_engine() and any(self.mapped("frozen_on")):
            raise UserError(self.env._("The quarter is over: what was reached is kept."))

    def _check_mine(self):
        office = self.env.user.has_group(OFFICE)
        if not office and any(line.user_id != self.env.user for line in self):
            raise AccessError(self.env._("The owner or the KAM office ticks off this work."))
        if any(line.measure != "manual" for line in self):
            raise UserError(self.env._("This work is measured: it is not ticked by hand."))

    def action_done(self):
        """Tick work that nothing measures: by its owner or the office.  Source: S1q-27."""
        self.check_access("read")
        self._check_mine()
        # sudo: the owner just checked need not be allowed to change the calendar.
        for line in self.sudo().filtered(lambda one: not one.done_on):
            line._as_engine().write(
                {"done_on": line.company_id._kam_today(), "done_by_id": self.env.uid}
            )
        return True

    def action_undo(self):
        """Not done after all."""
        self.check_access("read")
        self._check_mine()
        if any(self.mapped("frozen_on")):
            raise UserError(self.env._("The quarter is over: what was reached is kept."))
        # sudo: as above.
        self.sudo()._as_engine().write({"done_on": False, "done_by_id": False})
        return True

    def _freeze(self, day):
        """Keep what was reached; once."""
        for line in self.filtered(lambda one: not one.frozen_on):
            line._as_engine().write(
                {
                    "frozen_progress": line.progress,
                    "frozen_done": line.done_count,
                    "frozen_total": line.total_count,
                    "frozen_on": day,
                }
            )
        return len(self)

    def _review_facts(self, today):
        """How far it is, and whether it is late, as data without a language."""
        self.ensure_one()
        fact = {"text": f"{self.done_count}/{self.total_count} · {round(self.progress)} %"}
        if self.frozen_on:
            fact["day"] = fields.Date.to_string(self.frozen_on)
        late = self.date_due and self.date_due < today and not self.is_reached
        owner = {"who": self.user_id.name} if self.user_id else {}
        return {
            "progress": [fact],
            "late": [{"day": fields.Date.to_string(self.date_due), "text": self.name, **owner}]
            if late
            else [],
        }

    def _week_texts(self):
        """Title and state for My Week."""
        quarters = dict(QUARTERS)
        return f"{quarters[self.quarter]} {self.year} · {self.name}", self.env._("Work Calendar")
