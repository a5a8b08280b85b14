from datetime import datetime, time, timedelta

import pytz

from odoo import models
from odoo.fields import Domain

from ...policy.periods import month_end


class KamMetric(models.Model):
    """Computing metrics that are data: one ``_read_group`` whatever the number of partners."""

    _inherit = "kam.metric"

    def _data_values(self, run):
        model = run.env[self.model_name]
        groupby = [self._partner_groupby()]
        currency_field = self._foreign_currency_field(model)
        if currency_field:
            groupby.append(currency_field)
            if self.date_field:
                groupby.append(f"{self.date_field}:month")
        domain = self._data_domain(run, run.partner_ids)
        model = model.with_context(tz=run.scope.tz)
        rows = model._read_group(domain, groupby, [self._aggregate_spec()])
        values = {}
        for row in rows:
            if not row[0]:
                continue
            amount = row[-1] or 0.0
            if currency_field:
                amount = self._converted(run, amount, *row[1:-1])
            partner_id = row[0] if isinstance(row[0], int) else row[0].id
            if partner_id in values:
                amount = self._combined(values[partner_id], amount)
            values[partner_id] = amount
        return values

    def _partner_groupby(self):
        """Group by the *commercial* partner at the end of the path."""
        if self.partner_path == "id":
            return "commercial_partner_id"
        if self.partner_path.split(".")[-1] == "commercial_partner_id":
            return self.partner_path
        return f"{self.partner_path}.commercial_partner_id"

    def _aggregate_spec(self):
        return (
            "__count" if self.aggregator == "count" else f"{self.measure_field}:{self.aggregator}"
        )

    def _combined(self, first, second):
        """Two currencies of one partner; an average over both is that of the highest."""
        combine = {"min": min, "max": max, "avg": max}.get(self.aggregator)
        return combine(first, second) if combine else first + second

    def _data_domain(self, run, partner_ids=None):
        """Which records count: the author's filter, the window, the company, the partners."""
        domain = self._parsed_domain() & self._date_domain(run)
        if self.company_path:
            # A record without a company belongs to all of them.
            companies = list(run.scope.company_ids)
            domain &= Domain(self.company_path, "in", [*companies, False])
        if partner_ids is not None:
            domain &= Domain(self._partner_groupby(), "in", list(partner_ids))
        return domain

    def _date_domain(self, run):
        if not self.date_field:
            return Domain.TRUE
        period = run.period(self)
        field = self._field_at(run.env[self.model_name], self.date_field)
        start, after = period.start, period.end + timedelta(days=1)
        if field.type == "datetime":
            zone = pytz.timezone(run.scope.tz)
            start, after, end = (
                zone.localize(datetime.combine(day, time.min))
                .astimezone(pytz.utc)
                .replace(tzinfo=None)
                for day in (start, after, period.end)
            )
        else:
            end = period.end
        if self.date_mode == "before":
            return Domain(self.date_field, "<", end)
        return Domain(self.date_field, ">=", start) & Domain(self.date_field, "<", after)

    def _foreign_currency_field(self, model):
        """The measure's currency where it is the document's, not the company's."""
        if self.aggregator == "count":
            return False
        field = model._fields[self.measure_field]
        name = field.get_currency_field(model) if field.type == "monetary" else False
        if not name or name.startswith("company_currency"):
            return False
        currency = model._fields[name]
        if currency.related and currency.related.split(".")[-2:] == ["company_id", "currency_id"]:
            return False
        return name

    def _converted(self, run, amount, currency, month=None):
        """In company currency, at the end of the document's month (today without a date)."""
        day = run.period(self).end
        if month:
            month = month.date() if isinstance(month, datetime) else month
            day = min(day, month_end(month))
        return amount * run.scope.exchange.factor(
            currency or run.company.currency_id, run.company.currency_id, day
        )
