from datetime import date, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

TOPIC = "team_gap"
RECEIVERS = ("key_account_mgmt.group_kam_director", "key_account_mgmt.group_kam_officer")


class ResCompany(models.Model):
    _inherit = "res.company"

    # No default: installing must not rewrite the rows of companies.
    kam_team_gap_week = fields.Date("Team Gaps Told for the Week of", readonly=True, copy=False)

    @api.model
    def _policy_fields(self):
        # What the job remembers is no policy.
        return [name for name in super()._policy_fields() if name != "kam_team_gap_week"]


class KamTierTeamRule(models.Model):
    """J21: one message a week about what the team rules find missing."""

    _inherit = "kam.tier.team.rule"

    @api.model
    def _cron_team_gaps(self, day=None):
        """Rows of leads that are missing, and once a week the message.

        On the first working day of the week on which the job runs, so also late.

        :param day: empty: the day it is where the company works
        """
        units = []
        jobs = self.sudo()
        for company in jobs.env["res.company"].search([("parent_id", "=", False)]):
            today = day or company._kam_today()
            if (company.kam_go_live_date or date.min) <= today:
                units.append((jobs._keep_lead_rows, company))
                units.append((jobs._tell_team_gaps, company, today))
        self._run_units("team_gaps", units)

    @api.model
    def _keep_lead_rows(self, company):
        return self.env["kam.account"]._ensure_lead_rows(company)

    @api.model
    def _tell_team_gaps(self, company, day):
        """Tell the directors and the office how many gaps each rule has.

        :return: how many people will hear
        """
        monday = day - timedelta(days=day.weekday())
        if (company.kam_team_gap_week or date.min) >= monday:
            return 0
        if not company._kam_working_time().is_worked(day):
            return 0
        # sudo: a mark of the job on the company.
        company.sudo().kam_team_gap_week = monday
        counts = self._gap_counts(company)
        if not counts:
            return 0
        users = company._kam_people_in(*RECEIVERS)
        vals_list = []
        for user in users:
            rules = self.with_context(lang=user.lang)
            text = rules.env._
            vals_list.append(
                self.env["kam.notice"]._prepare_vals(
                    user,
                    text("Team gaps of key accounts: %(count)s", count=sum(counts.values())),
                    [
                        text("%(rule)s: %(count)s", rule=rules.browse(rule).sentence, count=count)
                        for rule, count in counts.items()
                    ],
                    record=company,
                    topic=TOPIC,
                )
            )
        self.env["kam.notice"]._queue_all(vals_list)
        return len(users)

    @api.model
    def _gap_counts(self, company):
        """``{rule id: number of gaps}`` of a company, in the order of the rules."""
        # sudo: numbers, for people who see all accounts of the company.
        gaps = self.env["kam.team.gap"].sudo().with_company(company)
        domain = Domain("company_id", "=", company.id)
        counts = {rule.id: n for rule, n in gaps._read_group(domain, ["rule_id"], ["__count"])}
        return {rule.id: counts[rule.id] for rule in self.browse(counts).sorted()}

    @api.model
    def _job_unit_text(self, function, args):
        if function.__name__ == "_keep_lead_rows":
            return self.env._("Lead account managers in the teams")
        if function.__name__ == "_tell_team_gaps":
            return self.env._("Message about team gaps")
        return super()._job_unit_text(function, args)


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == TOPIC:
            return self.env._("Team gaps in %(count)s companies", count=count)
        return super()._topic_title(topic, count)

    def _url(self):
        if self.topic == TOPIC:
            return f"{self.get_base_url()}/odoo/team-gaps"
        return super()._url()


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_team_gaps(self, company, day):
        """How many gaps there are, and whether they will be told.  Source: (e) J21."""
        if company.kam_go_live_date and company.kam_go_live_date > day:
            return [
                self.env._(
                    "Nothing before the go-live date %(day)s.",
                    day=format_date(self.env, company.kam_go_live_date),
                )
            ]
        count = sum(self.env["kam.tier.team.rule"].sudo()._gap_counts(company).values())
        told = company.sudo().kam_team_gap_week
        if told and told >= day - timedelta(days=day.weekday()):
            return [self.env._("Team gaps: %(count)s, told this week already.", count=count)]
        if not company._kam_is_working_day(day):
            return [self.env._("Team gaps: %(count)s, told on the next working day.", count=count)]
        return [self.env._("Tell the directors and the office: %(count)s team gaps.", count=count)]
