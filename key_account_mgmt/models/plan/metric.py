from datetime import datetime, time, timedelta

import pytz

from odoo import models
from odoo.fields import Domain


class KamMetric(models.Model):
    """Prospects and how many of them are won: K14, K15, K16.

    A lead that names no customer is counted under ``False``, and only where nobody asked
    for certain customers.  Source: S2-62, S2-64, S1c-16, users §3.7.
    """

    _inherit = "kam.metric"

    # Leads ------------------------------------------------------------------------

    def _leads(self, run, domain, names):
        """Leads of the run's company and customers; lost ones are archived."""
        domain &= Domain("company_id", "in", [*run.scope.company_ids, False])
        if run.partner_ids is not None:
            domain &= Domain("partner_id.commercial_partner_id", "in", list(run.partner_ids))
        leads = run.env["crm.lead"].with_context(active_test=False)
        leads = leads.search_fetch(domain, ["partner_id", *names])
        leads.partner_id.fetch(["commercial_partner_id"])
        return leads

    def _lead_moment(self, run, day):
        """The first moment of a day where the company works, as Odoo stores it."""
        zone = pytz.timezone(run.scope.tz)
        local = zone.localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _lead_day(self, run, moment):
        zone = pytz.timezone(run.scope.tz)
        return pytz.utc.localize(moment).astimezone(zone).date()

    def _lead_customer(self, lead):
        return lead.partner_id.commercial_partner_id.id or False

    def _lead_counts(self, leads):
        """``{commercial partner id: how many leads}``."""
        counts = {}
        for lead in leads:
            key = self._lead_customer(lead)
            counts[key] = counts.get(key, 0.0) + 1.0
        return counts

    def _lead_documents(self, leads, partner_ids):
        ours = leads.filtered(lambda lead: self._lead_customer(lead) in set(partner_ids))
        return [("crm.lead", dict.fromkeys(ours.ids, 1.0))]

    def _was_customer(self, run, lead, day, since):
        """Whether something had been invoiced to the lead's customer before ``day``."""
        first = since.get(run.head(self._lead_customer(lead)))
        return bool(first) and first < day

    # K14 --------------------------------------------------------------------------

    def _metric_prospects(self, run, param=None):
        """1 for every customer with an open lead nobody has invoiced before the day.

        Only with activity in the last days (90, a setting): created, written about or
        visited.  Source: S2-62, K14, users §3.7.
        """
        values = {}
        for lead in self._prospect_leads(run):
            key = self._lead_customer(lead)
            values[key] = 1.0 if key else values.get(key, 0.0) + 1.0
        return values

    def _prospect_leads(self, run):
        end = run.period(self).end
        after = self._lead_moment(run, end + timedelta(days=1))
        domain = Domain("create_date", "<", after)
        still_open = Domain("date_closed", "=", False) & Domain("active", "=", True)
        still_open &= Domain("won_status", "=", "pending")
        domain &= still_open | Domain("date_closed", ">=", after)
        leads = self._leads(run, domain, ["create_date"])
        since = run.measure("first")
        leads = leads.filtered(lambda lead: not self._was_customer(run, lead, end, since))
        first = self._lead_moment(run, end - timedelta(days=run.company._kam_prospect_days() - 1))
        return leads.filtered(self._active_leads(run, leads, first, after))

    def _active_leads(self, run, leads, first, after):
        """A function telling whether something happened to a lead between two moments."""
        messages = run.env["mail.message"]._read_group(
            [
                ("model", "=", "crm.lead"),
                ("res_id", "in", leads.ids),
                ("date", ">=", first),
                ("date", "<", after),
                ("message_type", "!=", "user_notification"),
            ],
            ["res_id"],
        )
        written = {res_id for (res_id,) in messages}
        visits = run.env["kam.visit"]._read_group(
            [
                ("account_id.partner_id", "in", leads.partner_id.commercial_partner_id.ids),
                ("company_id", "in", list(run.scope.company_ids)),
                ("state", "in", ("to_report", "reported")),
                ("start", ">=", first),
                ("start", "<", after),
            ],
            ["account_id"],
        )
        visited = {account.partner_id.id for (account,) in visits}
        return lambda lead: (
            lead.create_date >= first or lead.id in written or self._lead_customer(lead) in visited
        )

    def _explain_prospects(self, run, partner_ids):
        return self._lead_documents(self._prospect_leads(run), partner_ids)

    # K15 --------------------------------------------------------------------------

    def _metric_registered_leads(self, run, param=None):
        """Leads registered for a campaign with targets in the window.  Source: K15."""
        return self._lead_counts(self._campaign_leads(run))

    def _metric_sincere_leads(self, run, param=None):
        """Of the registered leads, those as sincere as their campaign asks for."""
        return self._lead_counts(self._campaign_leads(run, sincere=True))

    def _campaign_leads(self, run, sincere=False):
        period = run.period(self)
        campaigns = run.env["kam.campaign"].search(
            [("company_id", "=", run.company.root_id.id), ("active", "in", [True, False])]
        )
        by_utm = campaigns.grouped("campaign_id")
        domain = Domain("campaign_id", "in", campaigns.campaign_id.ids)
        domain &= Domain("create_date", ">=", self._lead_moment(run, period.start))
        domain &= Domain("create_date", "<", self._lead_moment(run, period.end + timedelta(days=1)))
        leads = self._leads(run, domain, ["campaign_id", "kam_sincerity", "create_date"])
        leads = leads.filtered(
            lambda lead: by_utm[lead.campaign_id]._lasts_on(self._lead_day(run, lead.create_date))
        )
        if sincere:
            leads = leads.filtered(
                lambda lead: lead.kam_sincerity >= by_utm[lead.campaign_id].sincerity_from
            )
        return leads

    def _explain_registered_leads(self, run, partner_ids):
        return self._lead_documents(self._campaign_leads(run), partner_ids)

    def _explain_sincere_leads(self, run, partner_ids):
        return self._lead_documents(self._campaign_leads(run, sincere=True), partner_ids)

    # K16 --------------------------------------------------------------------------

    def _metric_development_decided(self, run, param=None):
        """Leads of customers without an earlier invoice, won or lost in the window.

        Earlier: before the lead came into being.  Source: S2-64, K16, users §3.7.
        """
        return self._lead_counts(self._decided_leads(run))

    def _metric_development_won(self, run, param=None):
        """Of those, the leads that were won."""
        return self._lead_counts(self._decided_leads(run, ("won",)))

    def _decided_leads(self, run, statuses=("won", "lost")):
        period = run.period(self)
        domain = Domain("won_status", "in", statuses)
        domain &= Domain("date_closed", ">=", self._lead_moment(run, period.start))
        domain &= Domain("date_closed", "<", self._lead_moment(run, period.end + timedelta(days=1)))
        leads = self._leads(run, domain, ["create_date"])
        since = run.measure("first")
        return leads.filtered(
            lambda lead: (
                not self._was_customer(run, lead, self._lead_day(run, lead.create_date), since)
            )
        )

    def _explain_development_decided(self, run, partner_ids):
        return self._lead_documents(self._decided_leads(run), partner_ids)

    def _explain_development_won(self, run, partner_ids):
        return self._lead_documents(self._decided_leads(run, ("won",)), partner_ids)
