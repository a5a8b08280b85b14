from odoo import models
from odoo.fields import Domain
from odoo.tools.misc import format_date


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_obligations(self, company, day):
        """What begins, what ends, and from when on.  Source: J03."""
        # sudo: numbers of what is due, for readers of this page only.
        Obligation = self.sudo().env["kam.obligation"]
        if not Obligation._is_on():
            return [self.env._("Nothing: visits and obligations are switched off in Settings.")]
        floor = company._kam_obligation_floor(day)
        if floor > day:
            return [
                self.env._(
                    "Nothing before the go-live date %(day)s.", day=format_date(self.env, floor)
                )
            ]
        domain = Domain("company_id", "=", company.id) & Domain("state", "!=", "cancelled")
        since = company.kam_obligation_until or day
        begin = domain & Domain("date_from", ">", since) & Domain("date_from", "<=", day)
        end = domain & Domain("date_to", ">=", since) & Domain("date_to", "<", day)
        return [
            self.env._(
                "Obligations that begin: %(begin)s; that end unmet: %(end)s.",
                begin=Obligation.search_count(begin),
                end=Obligation.search_count(end & Domain("state", "in", ("open", "awaiting"))),
            )
        ]
