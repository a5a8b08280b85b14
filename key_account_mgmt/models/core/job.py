from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.base.models.ir_cron import _intervalTypes

# A job that is a little late is not missing: workers look every minute, work takes time.
GRACE = timedelta(hours=1)
FAILURE_DAYS = 7


class KamJob(models.Model):
    """A scheduled action of ours, as its readers see it: what it did and will do.

    A later domain says what its job will do in ``_job_forecast_<name>(company, day)``,
    where name is the part of the code after the slash; it returns a list of sentences.
    """

    _name = "kam.job"
    _description = "Scheduled Work"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Model and name of the job, as it locks itself.")
    sequence = fields.Integer(default=10)
    description = fields.Char(translate=True)
    cron_id = fields.Many2one("ir.cron", "Scheduled Action", required=True, ondelete="cascade")
    is_active = fields.Boolean("Switched On", compute="_compute_schedule")
    next_run = fields.Datetime(compute="_compute_schedule")
    last_run = fields.Datetime(compute="_compute_result")
    result = fields.Text("Did Last", compute="_compute_result")
    failure_count = fields.Integer("Failures This Week", compute="_compute_result")
    forecast = fields.Text("Will Do Next", compute="_compute_forecast")
    warning = fields.Text(compute="_compute_warning")

    _code_uniq = models.Constraint("UNIQUE (code)", "Another job has this code.")

    def _cron(self):
        # sudo: when ours run is no secret of the Settings users.
        return self.sudo().cron_id

    @api.depends("cron_id")
    def _compute_schedule(self):
        for job in self:
            cron = job._cron()
            job.is_active = cron.active
            job.next_run = cron.active and cron.nextcall

    # What it did ----------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids", "lang")
    @api.depends("cron_id")
    def _compute_result(self):
        Run = self.env["kam.job.run"]
        mine = Domain("job_id", "in", self.ids)
        started = dict(Run._read_group(mine, ["job_id"], ["job_started:max"]))
        last = Domain.OR(
            Domain("job_id", "=", job.id) & Domain("job_started", "=", moment)
            for job, moment in started.items()
        )
        counted = {}
        for job, state, units, things in Run._read_group(
            last, ["job_id", "state"], ["__count", "count:sum"]
        ):
            counted.setdefault(job, {})[state] = (units, things)
        week = Domain("started", ">=", fields.Datetime.now() - timedelta(days=FAILURE_DAYS))
        failed = dict(
            Run._read_group(mine & week & Domain("state", "=", "failed"), ["job_id"], ["__count"])
        )
        for job in self:
            job.last_run = started.get(job) or job._cron().lastcall
            job.result = job._result_text(counted.get(job, {}))
            job.failure_count = failed.get(job, 0)

    def _result_text(self, counted):
        texts = {
            "idle": self.env._("Nothing to do"),
            "done": self.env._("%(units)s done", units=counted.get("done", (0, 0))[0]),
            "failed": self.env._("%(units)s failed", units=counted.get("failed", (0, 0))[0]),
            "met": self.env._(
                "%(units)s left to another worker", units=counted.get("met", (0, 0))[0]
            ),
            "interrupted": self.env._(
                "%(units)s interrupted", units=counted.get("interrupted", (0, 0))[0]
            ),
            "running": self.env._("%(units)s running", units=counted.get("running", (0, 0))[0]),
        }
        parts = [text for state, text in texts.items() if state in counted]
        if things := sum(things for _units, things in counted.values()):
            parts.append(self.env._("records: %(things)s", things=things))
        return ", ".join(parts)

    # What it will do ------------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids", "lang")
    @api.depends("cron_id")
    def _compute_forecast(self):
        companies = self.env.companies.sudo().root_id
        for job in self:
            job.forecast = "\n".join(
                f"{company.name}: {line}" if len(companies) > 1 else line
                for company in companies
                for line in job._forecast_lines(company)
            )

    def _forecast_lines(self, company):
        hook = f"_job_forecast_{(self.code or '').rpartition('/')[2]}"
        if not self.is_active or not hasattr(self, hook):
            return []
        local = self.with_context(tz=company.resource_calendar_id.tz or self.env.user.tz)
        moment = max(self.next_run, fields.Datetime.now())
        return getattr(self, hook)(company, fields.Date.context_today(local, moment))

    def _job_forecast_notices(self, company, day):
        """How many people will get a message."""
        # sudo: a number, not who and what.
        notices = self.env["kam.notice"].sudo()
        domain = notices._waiting_domain()
        domain &= Domain("user_id.company_id", "child_of", company.id)
        [[people, count]] = notices._read_group(domain, [], ["user_id:count_distinct", "__count"])
        if not count:
            return [self.env._("Nobody has anything to hear so far.")]
        return [
            self.env._(
                "People who will hear, where they work that day: %(people)s, of %(count)s matters.",
                people=people,
                count=count,
            )
        ]

    # What is wrong --------------------------------------------------------------

    @api.depends("last_run", "is_active")
    def _compute_warning(self):
        for job in self:
            job.warning = job._warning_text()

    def _warning_text(self):
        cron = self._cron()
        if not cron.active:
            return self.env._("Switched off: it does nothing until Settings switch it on.")
        if cron.failure_count:
            return self.env._(
                "Failures in a row before its work began: %(count)s. See the server log.",
                count=cron.failure_count,
            )
        if not self.last_run:
            return self.env._("It has never run.")
        interval = _intervalTypes[cron.interval_type](cron.interval_number)
        if self.last_run + interval + GRACE < fields.Datetime.now():
            return self.env._("It has not run for more than its interval: is the scheduler on?")
        return False

    # Buttons --------------------------------------------------------------------

    def action_run_now(self):
        """Run the job at once, as the scheduler would: in a transaction of its own and as
        the scheduler's user.  Only the administrator.
        """
        self.ensure_one()
        if not self.env.user.has_group("key_account_mgmt.group_kam_admin"):
            raise AccessError(self.env._("Only the administrator runs scheduled work by hand."))
        self.check_access("read")
        # sudo: the administrator checked above need not be a Settings user.
        failure = self.sudo().cron_id.method_direct_trigger()
        if failure is not True:
            return failure
        self.invalidate_recordset()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if self.failure_count else "success",
                "title": self.name,
                "message": self.result or self.env._("It has run."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_runs(self):
        """Every unit of the last months."""
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_job_run_action")
        return action | {"domain": [("job_id", "in", self.ids)]}
