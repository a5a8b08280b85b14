from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.constants import GC_UNLINK_LIMIT

KEPT_DAYS = 90
MESSAGE_LENGTH = 1000


class KamJobRun(models.Model):
    """What one unit of a scheduled job did: the evidence behind *Scheduled Work*.

    A unit that is being worked on is *running*; when its worker is killed, the next run
    of the job calls it *interrupted* and does the unit again.  Source: S0-36.
    """

    _name = "kam.job.run"
    _inherit = ["kam.guarded"]
    _description = "Run of a Scheduled Job"
    _order = "id desc"
    _rec_name = "unit"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    job_id = fields.Many2one("kam.job", ondelete="cascade", index="btree_not_null")
    code = fields.Char("Job Code", required=True)
    company_id = fields.Many2one("res.company", ondelete="cascade", index="btree_not_null")
    unit = fields.Char("Worked on")
    job_started = fields.Datetime("Run", required=True, help="When this run of the job began.")
    started = fields.Datetime(required=True, index=True)
    ended = fields.Datetime("Finished")
    state = fields.Selection(
        [
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("met", "Met Another Worker"),
            ("interrupted", "Interrupted"),
            ("idle", "Nothing to Do"),
        ],
        required=True,
    )
    message = fields.Text()
    count = fields.Integer("Things Done")

    _open_idx = models.Index("(code) WHERE state = 'running'")

    @api.model
    def _of(self, code):
        """What the rows of one run of a job have in common."""
        # sudo: jobs write the log whoever runs them.
        job = self.env["kam.job"].sudo().search([("code", "=", code)], limit=1)
        return {"job_id": job.id, "code": code, "job_started": fields.Datetime.now()}

    @api.model
    def _begin(self, of_run, company=None, unit=None):
        """The row of a unit whose work begins; without a unit: there was nothing to do.

        :param of_run: what :meth:`_of` returned
        """
        now = fields.Datetime.now()
        # sudo: jobs write the log whoever runs them.
        return (
            self.sudo()
            ._as_engine()
            .create(
                {
                    **of_run,
                    "company_id": company.id if company else False,
                    "unit": unit or False,
                    "started": now,
                    "ended": False if company is not None else now,
                    "state": "running" if company is not None else "idle",
                }
            )
        )

    def _end(self, state, count=0, message=False):
        """The work of the unit is over."""
        is_number = isinstance(count, int) and not isinstance(count, bool)
        self._as_engine().write(
            {
                "state": state,
                "ended": fields.Datetime.now(),
                "count": count if is_number else 0,
                "message": message and message[:MESSAGE_LENGTH],
            }
        )

    @api.model
    def _close_interrupted(self, code):
        """Units left open by a worker that was killed."""
        runs = self.sudo()._as_engine()
        runs.search([("code", "=", code), ("state", "=", "running")]).write(
            {"state": "interrupted", "ended": fields.Datetime.now()}
        )

    @api.autovacuum
    def _gc_old_runs(self):
        """A quarter of a year is kept."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        domain = Domain("started", "<", limit)
        old = self.sudo()._as_engine().search(domain, order="id", limit=GC_UNLINK_LIMIT)
        old.unlink()
        return len(old), len(old) == GC_UNLINK_LIMIT
