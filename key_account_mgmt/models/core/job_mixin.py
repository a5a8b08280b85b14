import logging
from contextlib import contextmanager

from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class KamJobMixin(models.AbstractModel):
    """Scheduled work.  Every job may die anywhere and run twice: each unit (a scheme of
    a company, an evaluation, a person) is one transaction, and repeating it gives the
    same rows.

    Every unit leaves one row of ``kam.job.run``, written in the commits there are anyway.
    """

    _name = "kam.job.mixin"
    _description = "Scheduled Work in Units"

    @api.model
    def _run_units(self, job, units):
        """Run each unit in its own transaction; a failing one is logged and left.

        One that met somebody else's change stays as work to do: the scheduler runs the
        job again soon.  Any other failure waits for the next night and does not stop the
        rest.  A second worker on the same job leaves it to the first.

        :param job: code of the job
        :param units: ``[(function, *arguments), …]``; the function may return how many
            things it did
        """
        with self._only_worker(job) as alone:
            if alone:
                # Whoever left a unit open was killed: nobody else is on this job now.
                self.env["kam.job.run"]._close_interrupted(self._job_key(job))
                self._run_units_alone(job, units)

    @api.model
    def _job_key(self, job):
        return f"{self._name}/{job}"

    @contextmanager
    def _only_worker(self, job):
        """Whether no other worker is on this job of this database, until the block ends.

        The lock belongs to the connection: it outlives the commits between units, and
        ends with a worker that is killed.
        """
        key = self._job_key(job)
        self.env.cr.execute(SQL("SELECT pg_try_advisory_lock(hashtext(%s))", key))
        [alone] = self.env.cr.fetchone()
        try:
            yield alone
        finally:
            if alone:
                self.env.cr.execute(SQL("SELECT pg_advisory_unlock(hashtext(%s))", key))

    @api.model
    def _run_units_alone(self, job, units):
        Cron = self.env["ir.cron"]
        Run = self.env["kam.job.run"]
        of_run = Run._of(self._job_key(job))
        left = len(units)
        # The row of a unit is committed before its work: a worker that is killed leaves it.
        run = Run._begin(of_run, *(self._job_unit(*units[0]) if units else ()))
        Cron._commit_progress(remaining=left)
        for number, (function, *args) in enumerate(units, start=1):
            done, state, count, message = 1, "done", 0, False
            try:
                with self.env.cr.savepoint():
                    count = function(*args)
            except OperationalError:
                _logger.info("Key accounts: %s met another worker", function.__name__)
                done, state = 0, "met"
            except Exception as error:  # pylint: disable=broad-exception-caught
                # Whatever is wrong with one company or scheme, the others get their night.
                _logger.exception("Key accounts: %s%s failed", function.__name__, tuple(args))
                state, message = "failed", f"{type(error).__name__}: {error}"
            left -= done
            run._end(state, count, message)
            if number < len(units):
                run = Run._begin(of_run, *self._job_unit(*units[number]))
            Cron._commit_progress(done, remaining=left)

    @api.model
    def _job_unit(self, function, *args):
        """``(company, what the unit works on)`` for the log."""
        model = getattr(function, "__self__", self)
        company = model._job_unit_company(function, args)
        try:
            text = model._job_unit_text(function, args)
        except UserError:
            # What it works on is gone; the unit itself will say so.
            text = function.__name__
        return company, text

    def _job_unit_company(self, function, args):
        """The root company a unit works for; hook."""
        for arg in args:
            if isinstance(arg, models.BaseModel) and len(arg) == 1:
                company = arg if arg._name == "res.company" else getattr(arg, "company_id", None)
                if company:
                    return company.sudo().root_id
        return self.env["res.company"]

    def _job_unit_text(self, function, args):
        """What a unit works on, in words; hook."""
        records = [a for a in args if isinstance(a, models.BaseModel) and a._name != "res.company"]
        return ", ".join(record.display_name for record in records if len(record) == 1)
