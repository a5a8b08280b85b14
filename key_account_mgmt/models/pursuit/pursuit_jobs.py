from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from .pursuit import LIVE, PROTECTED


class KamPursuit(models.Model):
    """J06: what the night does with pursuits.  Run twice it changes nothing; late it
    catches up.
    """

    _name = "kam.pursuit"
    _inherit = ["kam.pursuit", "kam.job.mixin"]

    @api.model
    def _cron_pursuits(self, day=None):
        """Stage reports are asked for, silent pursuits warned about and released, and
        those whose protection ended.

        :param day: for tests; empty: the day it is where each company works
        """
        if not self.env["res.groups"]._kam_area_is_on("pursuit"):
            self._run_units("pursuits", [])
            return
        # sudo: as the scheduler, whoever starts it.
        jobs = self.sudo()._as_engine()
        units = []
        for company in self.env["res.company"].sudo().search([("parent_id", "=", False)]):
            today = day or company._kam_today()
            if company.kam_go_live_date and company.kam_go_live_date > today:
                continue
            own = jobs.with_context(lang=company.partner_id.lang)
            units.append((own._ask_reports, company, today))
            units.append((own._release_silent, company, today))
            units.append((own._warn_silent, company, today))
        jobs._run_units("pursuits", units)

    def _job_unit_text(self, function, args):
        texts = {
            "_ask_reports": self.env._("Stage reports"),
            "_release_silent": self.env._("Pursuits released"),
            "_warn_silent": self.env._("Silent pursuits"),
        }
        return texts.get(function.__name__) or super()._job_unit_text(function, args)

    @api.model
    def _ask_reports(self, company, today):
        """A step whose planned day has come, or which is done, owes a report.

        Source: S1n-16, g Q14.
        """
        Report = self.env["kam.pursuit.report"].sudo()._as_engine()
        steps = self.env["kam.action"].search(
            Domain("pursuit_id.state", "in", LIVE)
            & Domain("company_id", "=", company.id)
            & Domain("pursuit_kind", "=", "step")
            & Domain("state", "!=", "cancelled")
            & Domain("date_due", ">=", company.kam_go_live_date or "1900-01-01")
            & (Domain("date_due", "<=", today) | Domain("state", "=", "done"))
        )
        have = Report.search([("action_id", "in", steps.ids)]).action_id
        new = Report.create(
            [{"pursuit_id": s.pursuit_id.id, "action_id": s.id} for s in steps - have]
        )
        dropped = Report.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "due"),
                ("action_id.state", "=", "cancelled"),
            ]
        )
        dropped.write({"state": "dropped"})
        return len(new)

    @api.model
    def _release_domain(self, company, today):
        """Silent for too long, or past its protection.  What waits for others does not."""
        release = company._kam_pursuit_protection()[2]
        ended = Domain("company_id", "=", company.id) & Domain("state", "in", PROTECTED)
        ended &= Domain("protected_until", "<", today)
        return self._silent_domain(company, today, release) | ended

    @api.model
    def _release_silent(self, company, today):
        """Source: users §3.3, J06."""
        found = self.search(self._release_domain(company, today))
        found = found.filtered(lambda pursuit: not pursuit.is_pending)
        _months, _warn, release = company._kam_pursuit_protection()
        for pursuit in found:
            if pursuit.protected_until < today:
                texts = pursuit.with_context(lang=pursuit.user_id.lang)
                reason = texts.env._(
                    "Protection ended on %(day)s.",
                    day=format_date(texts.env, pursuit.protected_until),
                )
            else:
                reason = pursuit.with_context(lang=pursuit.user_id.lang).env._(
                    "No progress for %(days)s days.", days=release
                )
            before = pursuit.state if pursuit.state in LIVE else pursuit.state_before
            pursuit.write({"state": "lapsed", "state_before": before, "reason": reason})
            self.env["kam.notice"]._settle("pursuit", pursuit._without_engine())
            pursuit._without_engine()._tell_responsible("lapsed", reason)
        return len(found)

    @api.model
    def _warn_silent(self, company, today):
        """Once per silence."""
        _months, warn, release = company._kam_pursuit_protection()
        domain = self._silent_domain(company, today, warn) & Domain("warned_on", "=", False)
        found = self.search(domain).filtered(lambda pursuit: not pursuit.is_pending)
        for pursuit in found:
            day = pursuit._silent_since() + timedelta(days=release)
            own = pursuit.with_context(lang=pursuit.user_id.lang)
            text = own.env._(
                "Without progress it is released on %(day)s.", day=format_date(own.env, day)
            )
            pursuit._without_engine()._tell_responsible("silent", text)
        found.write({"warned_on": today})
        return len(found)
