from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

TOPIC = "profile"
NAMED = 10


class KamAccount(models.Model):
    """Scheduled work on profiles."""

    _name = "kam.account"
    _inherit = ["kam.account", "kam.job.mixin"]

    @api.model
    def _cron_profiles(self, day=None):
        """J14: tell every lead account manager once a week which profiles are stale.

        Runs every day and so catches up after an outage; who was told in this week is not
        told again.  Source: S2-48.

        :param day: empty: the day it is where the company works
        """
        accounts = self.search(self._stale_domain(day), order="id")
        today = day or fields.Date.context_today(self)
        monday = today - timedelta(days=today.weekday())
        told = self.search([("profile_told_on", ">=", monday)]).user_id
        units = [
            (own._tell_stale_profiles, user, today)
            for user, own in accounts.grouped("user_id").items()
            if user.active and user not in told
        ]
        self._run_units("profiles", units)

    def _tell_stale_profiles(self, user, day):
        """One notice with the names of the files, told on ``day``.

        Returns the number of files.
        """
        own = self.with_context(lang=user.lang)
        lines = [
            own.env._(
                "%(customer)s: %(share)g %% complete",
                customer=account.name,
                share=account.profile_completeness,
            )
            for account in own[:NAMED]
        ]
        if len(own) > NAMED:
            lines.append(own.env._("and %(count)s more", count=len(own) - NAMED))
        title = own.env._("Profiles to review: %(count)s", count=len(own))
        own.env["kam.notice"]._queue(user, title, lines, record=own[:1], topic=TOPIC)
        # sudo: the job's mark, silent; the guard lets only the system write it.
        quiet = self.sudo()._as_engine().with_context(tracking_disable=True)
        quiet.write({"profile_told_on": day})
        return len(own)

    def _job_unit_company(self, function, args):
        if function.__name__ == "_tell_stale_profiles":
            return self[:1].company_id
        return super()._job_unit_company(function, args)

    def _job_unit_text(self, function, args):
        if function.__name__ == "_tell_stale_profiles":
            return args[0].name
        return super()._job_unit_text(function, args)


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_profiles(self, company, day):
        """How many profiles are stale.  Source: S2-48."""
        # sudo: a number, for readers of this page only.
        accounts = self.env["kam.account"].sudo()
        domain = accounts._stale_domain(day) & Domain("company_id", "=", company.id)
        count = accounts.search_count(domain)
        if not count:
            return [self.env._("Every profile is up to date.")]
        return [self.env._("Profiles that need a review: %(count)s.", count=count)]


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == TOPIC:
            return self.env._("%(count)s reminders about profiles", count=count)
        return super()._topic_title(topic, count)
