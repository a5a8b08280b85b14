import json
from dataclasses import asdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...policy.criteria import EXPIRED
from ...policy.periods import Period, month_end
from .options import MetricOptions


class KamMetricValue(models.Model):
    """Stored figures: the latest one and one per month, never one per night.

    ``_refresh`` writes both rows: the month's row is overwritten until its month is
    over and then stays, so an outage of some nights loses nothing. Rows are written by
    the system only. A restricted metric's rows are served to its groups only.
    """

    _name = "kam.metric.value"
    _description = "Metric Value"
    _order = "metric_id, month desc"
    # Written by SQL every night; two foreign keys less to check on each row.
    _log_access = False

    metric_id = fields.Many2one("kam.metric", required=True, ondelete="cascade", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade", readonly=True
    )
    account_id = fields.Many2one(
        "kam.account", "Account File", index="btree_not_null", ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("latest", "Latest"), ("month_end", "Month End")], required=True, readonly=True
    )
    month = fields.Date(required=True, readonly=True, help="Last day of the month of the value.")
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    # Shares and growths do not add up; a graph of several customers shows their average.
    value = fields.Float(readonly=True, aggregator="avg")
    computed_on = fields.Datetime("Changed On", readonly=True)
    options = fields.Json(readonly=True, help="How sales were counted; see MetricOptions.")
    unit = fields.Selection(related="metric_id.unit")
    window_label = fields.Char("Window", compute="_compute_labels")
    value_label = fields.Char("Value in Words", compute="_compute_labels")

    _latest_uniq = models.UniqueIndex(
        "(metric_id, partner_id, company_id) WHERE kind = 'latest'",
    )
    _month_uniq = models.UniqueIndex(
        "(metric_id, partner_id, company_id, month) WHERE kind = 'month_end'",
    )

    @api.depends("metric_id", "value", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_labels(self):
        for stored in self:
            stored.value_label = stored.metric_id._format_value(stored.value, stored.currency_id)
            stored.window_label = (
                stored.metric_id._window_label(stored._period()) if stored.date_from else ""
            )

    def _period(self):
        return Period(self.date_from, self.date_to)

    @api.depends("metric_id", "partner_id")
    def _compute_display_name(self):
        for stored in self:
            stored.display_name = f"{stored.metric_id.name}: {stored.value_label}"

    def action_show_documents(self):
        """Open exactly the documents behind this figure that the user may read."""
        self.ensure_one()
        self.check_access("read")
        options = MetricOptions(**(self.options or {}))
        return self.metric_id._explain_action(
            self.partner_id, self.company_id, self._period(), options
        )

    @api.model
    def _refresh(self, company, day, partners, metrics=None, options=None, run=None):
        """Write the figures of ``partners`` as of ``day``; running it twice changes nothing.

        :param company: one ``res.company``
        :param partners: ``res.partner``; contacts count for their commercial partner
        :param metrics: default: those shown on the account file
        :param run: a run that has read the documents already

        A metric that cannot be computed any more is logged and left out. Rows of
        partners without a figure are removed. Two workers at once: rows are written in
        one order, so the later one waits, then fails as a whole (serialization) and leaves
        the rows of the first; the job runs again.
        """
        Metric = self.env["kam.metric"].sudo()
        if metrics is None:
            metrics = Metric.search([("show_on_account", "=", True)])
        metrics = metrics.sudo()._computable()
        run = run or Metric._new_run(company, day, partners, options=options)
        run.plan(metrics)
        partner_ids = Metric._commercial_ids(partners)
        for metric in metrics.sorted("id"):
            values = run.values(metric)
            missing = metric._missing_value()
            figures = {
                pid: value
                for pid in sorted(partner_ids)
                if (value := values.get(pid, missing)) not in (None, EXPIRED)
            }
            self._store(metric, run, partner_ids, figures)

    def _store(self, metric, run, partner_ids, figures):
        period = run.period(metric)
        month = month_end(period.end)
        self._remove_missing(metric, run.company, month, set(partner_ids) - set(figures))
        for kind, target in (
            ("latest", SQL("(metric_id, partner_id, company_id) WHERE kind = 'latest'")),
            (
                "month_end",
                SQL("(metric_id, partner_id, company_id, month) WHERE kind = 'month_end'"),
            ),
        ):
            self._upsert(metric, run, period, month, kind, target, figures)
        self.invalidate_model()

    def _remove_missing(self, metric, company, month, partner_ids):
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM kam_metric_value
                 WHERE metric_id = %s AND company_id = %s AND partner_id = ANY(%s)
                   AND (kind = 'latest' OR month = %s)
                """,
                metric.id,
                company.id,
                list(partner_ids),
                month,
            )
        )

    def _upsert(self, metric, run, period, month, kind, target, figures):
        """One statement for all partners, in one order so that workers queue up.

        What has not changed is not written again: most figures are those of yesterday.
        """
        if not figures:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kam_metric_value AS kept
                       (metric_id, partner_id, account_id, company_id, kind, month,
                        date_from, date_to, value, options, computed_on)
                SELECT %(metric)s, figure.partner_id, account.id, %(company)s,
                       %(kind)s, %(month)s, %(date_from)s, %(date_to)s, figure.value,
                       %(options)s::jsonb, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(partners)s::int[], %(values)s::float8[])
                       AS figure(partner_id, value)
                  LEFT JOIN kam_account account
                         ON account.partner_id = figure.partner_id
                        AND account.company_id = %(root)s AND account.active
                 ORDER BY figure.partner_id
                    ON CONFLICT %(target)s DO UPDATE
                   SET account_id = EXCLUDED.account_id,
                       month = EXCLUDED.month, date_from = EXCLUDED.date_from,
                       date_to = EXCLUDED.date_to, value = EXCLUDED.value,
                       options = EXCLUDED.options, computed_on = EXCLUDED.computed_on
                 WHERE (kept.account_id, kept.date_from, kept.date_to,
                        kept.value, kept.options)
                       IS DISTINCT FROM
                       (EXCLUDED.account_id, EXCLUDED.date_from,
                        EXCLUDED.date_to, EXCLUDED.value, EXCLUDED.options)
                """,
                metric=metric.id,
                company=run.company.id,
                root=run.company.root_id.id,
                kind=kind,
                month=month,
                date_from=period.start,
                date_to=period.end,
                options=json.dumps(asdict(run.options)),
                partners=list(figures),
                values=list(figures.values()),
                target=target,
            )
        )
