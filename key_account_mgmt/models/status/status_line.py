from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...policy.periods import Period, fiscal_year
from ..core.guarded import ondelete_always
from .insight_kind import BLOCKS
from .status_report import OFFICE, OPEN, STATES

STATUSES = [
    ("open", "To Complete"),
    ("complete", "Complete"),
    ("missing", "Not Completed"),
    ("supplement", "Supplement"),
]
LIGHTS = [("green", "Green"), ("yellow", "Yellow"), ("red", "Red"), ("none", "No Figures")]
# What the account manager writes; the system proposes it from what was reported.
CHANGES = ("change_1", "change_2", "change_3")
TEXTS = (*CHANGES, *(block for block, _label in BLOCKS), "next_plan")
# Figure: (code of the metric, its window)
FIGURES = {
    "sales_month": ("annual_sales", "month"),
    "sales_month_last_year": ("previous_sales", "month"),
    "sales_ytd": ("sales_ytd", "year"),
    "sales_last_year": ("sales_previous_ytd", "year"),
    "collections": ("collections", "month"),
    "overdue": ("receivables_overdue", "month"),
    "receivables": ("receivables_open", "month"),
}


class KamStatusReportLine(models.Model):
    """One strategic or key account in the report of a month.

    Facts (figures, lights, what was gathered with its source) are the system's: a refresh
    computes them anew until the report is submitted.  Texts are proposed from the month's
    visit reports, insights and issues; the account manager edits them, and what he has edited
    a refresh leaves alone.  His edit completes the line.  Profit is not part of it.
    Source: (c16), S3-33, users §2.
    """

    _name = "kam.status.report.line"
    _inherit = ["kam.guarded"]
    _description = "Account in a Status Report"
    _order = "month desc, tier_rank, account_id, id"
    _rec_name = "account_id"

    _guarded_create = True
    _guarded_unlink = True

    report_id = fields.Many2one("kam.status.report", required=True, index=True, ondelete="cascade")
    account_id = fields.Many2one("kam.account", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    month = fields.Date(required=True, readonly=True, index=True)
    date_due = fields.Date("Due", readonly=True)
    report_state = fields.Selection(STATES, "State of the Report", readonly=True, index=True)
    status = fields.Selection(STATUSES, required=True, default="open", readonly=True, index=True)
    tier_id = fields.Many2one("kam.tier", readonly=True, ondelete="restrict")
    tier_rank = fields.Integer(readonly=True, aggregator=None)
    user_id = fields.Many2one(
        "res.users",
        "Account Manager",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    # Facts
    sales_month = fields.Monetary("Sales of the Month", readonly=True)
    sales_month_last_year = fields.Monetary("Same Month Last Year", readonly=True)
    target_month = fields.Monetary("Target of the Month", readonly=True)
    sales_ytd = fields.Monetary("Sales Year to Date", readonly=True)
    target_ytd = fields.Monetary("Target Year to Date", readonly=True)
    sales_last_year = fields.Monetary("Last Year to Date", readonly=True)
    has_target = fields.Boolean(readonly=True)
    attainment = fields.Float(
        "Attained (%)",
        compute="_compute_attainment",
        help="Sales year to date of the target, else of last year.",
    )
    collections = fields.Monetary("Collected in the Month", readonly=True)
    receivables = fields.Monetary("Open Receivables", readonly=True)
    overdue = fields.Monetary("Overdue at Month's End", readonly=True)
    visits_due = fields.Integer(readonly=True, help="Of the running periods, so far.")
    visits_done = fields.Integer("Visits Held", readonly=True)
    issues_open = fields.Integer("Open Issues", readonly=True)
    issues_late = fields.Integer("Late Issues", readonly=True)
    contracts_expiring = fields.Integer("Contracts Ending Soon", readonly=True)
    contract_until = fields.Date("First One Ends", readonly=True)
    light_sales = fields.Selection(LIGHTS, "Sales", readonly=True)
    light_visits = fields.Selection(LIGHTS, "Visits", readonly=True)
    light_issues = fields.Selection(LIGHTS, "Issues", readonly=True)
    light_payments = fields.Selection(LIGHTS, "Payments", readonly=True)
    fact_ids = fields.One2many("kam.status.fact", "line_id", "Gathered From", readonly=True)

    # Texts
    change_1 = fields.Char("Main Change 1")
    change_2 = fields.Char("Main Change 2")
    change_3 = fields.Char("Main Change 3")
    personnel = fields.Text("Personnel Changes")
    demand = fields.Text()
    problems = fields.Text()
    competitor = fields.Text("Competitor Moves")
    next_plan = fields.Text("Plan for Next Month")
    # What the system proposed, to know what was edited.
    proposed = fields.Json("Proposed Texts", readonly=True)
    changes_text = fields.Text("Three Changes", compute="_compute_changes_text")
    completed_on = fields.Datetime("Completed", readonly=True)
    completed_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    reminded_on = fields.Date("Reminded", readonly=True)
    is_late = fields.Boolean("Late", compute="_compute_is_late")
    can_edit = fields.Boolean(compute="_compute_can_edit")

    _account_uniq = models.Constraint(
        "UNIQUE (report_id, account_id)", "The account is in this report already."
    )

    @api.depends("sales_ytd", "target_ytd", "sales_last_year", "has_target")
    def _compute_attainment(self):
        for line in self:
            expected = line._expected()
            line.attainment = 100.0 * line.sales_ytd / expected if expected > 0 else 0.0

    def _expected(self):
        """Sales expected of the year so far: the target, else last year's."""
        self.ensure_one()
        return self.target_ytd if self.has_target else self.sales_last_year

    @api.depends(*CHANGES, "status", "proposed")
    def _compute_changes_text(self):
        for line in self:
            said = line._said()
            line.changes_text = "\n".join(said[name] for name in CHANGES if said[name])

    def _said(self):
        """``{text field: text}`` as the report says it.

        Of a line that was missing at submission that is what the system gathered: what its
        account manager writes since then counts from the supplement on.
        """
        self.ensure_one()
        proposed = self.proposed or {}
        return {
            name: (proposed.get(name) if self.status == "missing" else self[name]) or False
            for name in TEXTS
        }

    @api.depends("status", "date_due", "completed_on")
    def _compute_is_late(self):
        """Not completed after the due day, or completed after it."""
        for line in self:
            # sudo: the company's day is no secret.
            company = line.company_id.sudo()
            if not line.date_due:
                line.is_late = False
            elif line.completed_on:
                day = company._kam_working_time().local_day(line.completed_on)
                line.is_late = day > line.date_due
            else:
                line.is_late = line.date_due < company._kam_today()

    @api.depends("status", "report_state", "account_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        for line in self:
            line.can_edit = line._is_writable() and line._is_mine()

    @api.depends("account_id", "month")
    def _compute_display_name(self):
        for line in self:
            # sudo: who sees the line may know whose it is; a named leader sees no account file.
            own = line.sudo()
            names = (own.account_id.display_name, own.report_id._month_label())
            line.display_name = " – ".join(name for name in names if name)

    def _week_texts(self):
        """What My Week says of it, beside the account: ``(title, state)``."""
        state = dict(self._fields["status"]._description_selection(self.env))[self.status]
        # sudo: the name of the report a line of his is in.
        return self.report_id.sudo().display_name, state

    def _names(self):
        # sudo: names of accounts whose line the reader sees.
        return ", ".join(self.sudo().account_id.mapped("display_name"))

    # Guards --------------------------------------------------------------------------

    def _is_writable(self):
        """Whether texts still change: the report is open, or the line is missing in it."""
        if self.report_state in OPEN:
            return self.status in ("open", "complete")
        return self.status == "missing"

    def _is_mine(self):
        """The lead account manager writes, or the office instead of him."""
        return self.env.user.has_group(OFFICE) or self._writer() == self.env.user

    def _writer(self):
        """Who leads the account now; ``user_id`` of a submitted line is who did then."""
        # sudo: whose account it is, is no secret of who sees the line.
        return self.sudo().account_id.user_id

    def write(self, vals):
        if self._is_engine():
            return super().write(vals)
        forbidden = vals.keys() - set(TEXTS)
        if forbidden:
            self._raise_guarded(sorted(name for name in forbidden if name in self._fields))
        self._check_may_write()
        changed = self.filtered(
            lambda line: any((line[name] or "") != (vals[name] or "") for name in vals)
        )
        result = super().write(vals)
        changed.filtered(lambda line: line.status == "open")._complete()
        return result

    @ondelete_always
    def _unlink_except_ever(self):
        if not self._is_engine():
            raise UserError(self.env._("Status reports are kept: they say what was known when."))

    def _check_may_write(self):
        """:raise AccessError: not his account; :raise UserError: nothing changes any more"""
        self.check_access("write")
        for line in self:
            if not (self.env.su or line._is_mine()):
                raise AccessError(
                    self.env._(
                        "What is said about %(account)s is written by its lead account manager.",
                        account=line.account_id.display_name,
                    )
                )
            if not line._is_writable():
                raise UserError(
                    self.env._(
                        "The report with “%(name)s” was submitted: it stays as it is.",
                        name=line.display_name,
                    )
                )

    # Buttons -------------------------------------------------------------------------

    def action_complete(self):
        """It is right as it stands: nothing to add.

        :raise UserError: the report went without it
        """
        self._check_may_write()
        if any(line.status == "missing" for line in self):
            raise UserError(
                self.env._("The report was submitted without it: open it and hand in a supplement.")
            )
        self.filtered(lambda line: line.status == "open")._complete()
        return True

    def _complete(self):
        """Completed by the user, now; the report is complete with its last line."""
        if not self:
            return
        # sudo and engine: what the rights and the state allow was checked.
        lines = self.sudo()._as_engine()
        lines.write(
            {
                "status": "complete",
                "completed_on": fields.Datetime.now(),
                "completed_by_id": self.env.uid,
            }
        )
        lines.report_id._follow_lines()
        self._settle_late()

    def action_supplement(self):
        """Hand in what was missing when the report was submitted; then it stays as it is.

        :raise UserError: the line was not missing
        """
        self._check_may_write()
        for line in self:
            if line.status != "missing":
                raise UserError(self.env._("“%(name)s” is not missing.", name=line.display_name))
        # sudo and engine: as in completing.
        self.sudo()._as_engine().write(
            {
                "status": "supplement",
                "completed_on": fields.Datetime.now(),
                "completed_by_id": self.env.uid,
            }
        )
        self._settle_late()
        self._tell_supplement()
        return True

    def action_open_report(self):
        """The whole report, as far as the reader may see it."""
        self.ensure_one()
        self.check_access("read")
        self.report_id.check_access("read")
        return self.report_id.get_formview_action()

    def action_explain(self):
        """The documents behind a figure; which one stands in the context as ``kam_figure``.

        Figures of a submitted report are those of its day: documents posted since are among
        those that open, and the explanation shows today's value.
        """
        self.ensure_one()
        self.check_access("read")
        code, window = FIGURES.get(self.env.context.get("kam_figure"), (None, None))
        if not code:
            raise UserError(self.env._("There is nothing to open behind this figure."))
        # sudo: which period a report is about is no secret of its reader.
        report = self.report_id.sudo()
        metric = self.env.ref(f"key_account_mgmt.metric_{code}")
        partner = self.sudo().account_id.partner_id.sudo(False)
        return metric._explain_action(partner, report.company_id, report._windows()[window])


class KamStatusReport(models.Model):
    _inherit = "kam.status.report"

    def _windows(self):
        """``{"month": …, "year": …}``: the month, and the fiscal year up to its last day."""
        self.ensure_one()
        return windows(self.company_id, Period(self.month, self.date_to))


def windows(company, month):
    """The periods a report of ``month`` looks at."""
    year = fiscal_year(month.end, int(company.fiscalyear_last_month), company.fiscalyear_last_day)
    return {"month": month, "year": Period(year.start, month.end)}
