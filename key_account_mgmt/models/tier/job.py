from odoo import models
from odoo.fields import Domain
from odoo.tools.misc import format_date

NAMED = 3


class KamJob(models.Model):
    """What the night and the yearly round will do."""

    _inherit = "kam.job"

    def _not_live_lines(self, company, day):
        """Why nothing will be done for a company, if so."""
        if not self.env["kam.tier.scheme"]._active_for(company):
            return [self.env._("Nothing: no tiering scheme is in use.")]
        if company.kam_go_live_date and company.kam_go_live_date > day:
            return [
                self.env._(
                    "Nothing before the go-live date %(day)s.",
                    day=format_date(self.env, company.kam_go_live_date),
                )
            ]
        return []

    def _job_forecast_nightly(self, company, day):
        """Source: S2-09, S0-36."""
        lines = self._not_live_lines(company, day)
        if lines:
            return lines
        # sudo: names and numbers of what is due, for readers of this page only.
        records = self.sudo()
        lines = records._taking_effect_lines(company, day) + records._scheme_lines(company)
        count = records.env["kam.account"].search_count([("company_id", "=", company.id)])
        return [*lines, self.env._("Refresh the figures of account files: %(count)s.", count=count)]

    def _taking_effect_lines(self, company, day):
        Evaluation = self.env["kam.tier.evaluation"]
        domain = Domain("state", "=", "approved") & Domain("company_id", "=", company.id)
        domain &= Domain("effective_date", "<=", day)
        count = Evaluation.search_count(domain)
        if not count:
            return []
        due = Evaluation.search(domain, order="effective_date, id", limit=NAMED)
        names = ", ".join(due.mapped("name")) + ("…" if count > NAMED else "")
        return [
            self.env._(
                "Apply evaluations that take effect (%(count)s): %(names)s.",
                count=count,
                names=names,
            )
        ]

    def _scheme_lines(self, company):
        """How many customers differ, as of the last night."""
        schemes = self.env["kam.tier.scheme"]._active_for(company)
        domain = Domain("company_id", "=", company.id) & Domain("change", "!=", "unassessed")
        differing = dict(
            self.env["kam.tier.suggestion"]._read_group(domain, ["scheme_id"], ["__count"])
        )
        lines = []
        for scheme in schemes:
            values = {"scheme": scheme.name, "count": differing.get(scheme, 0)}
            if scheme.auto_apply:
                text = self.env._(
                    "Apply “%(scheme)s” by itself (customers that differed last time: %(count)s).",
                    **values,
                )
            else:
                text = self.env._(
                    "Compare with “%(scheme)s” (customers that differed last time: %(count)s).",
                    **values,
                )
            lines.append(text)
        return lines

    def _job_forecast_yearly(self, company, day):
        """Which evaluation falls due next and when.  Source: S0-35, S3-20."""
        lines = self._not_live_lines(company, day)
        if lines:
            return lines
        # sudo: when a round is due, not what it will say.
        Evaluation = self.env["kam.tier.evaluation"].sudo()
        if not Evaluation._yearly_is_on():
            return [self.env._("Nothing: tier evaluations are switched off in Settings.")]
        by_day = {}
        for scheme in self.env["kam.tier.scheme"]._active_for(company):
            if scheme.approval_required and scheme._measured_criteria():
                due = Evaluation._next_due(company, scheme, day)
                if due:
                    by_day.setdefault(due, []).append(scheme.name)
        if not by_day:
            return [self.env._("No scheme in use is evaluated yearly.")]
        return [self._due_line(due, names, day) for due, names in sorted(by_day.items())]

    def _due_line(self, due, names, day):
        values = {"day": format_date(self.env, due), "schemes": ", ".join(names)}
        if due <= day:
            return self.env._("Make and compute the evaluation now due: %(schemes)s.", **values)
        return self.env._("Next evaluation on %(day)s: %(schemes)s.", **values)
