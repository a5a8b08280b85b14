from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.misc import format_date, formatLang

from ..models.contract.contract import SIGNED
from ..models.kpi.subject import KpiSubject
from ..models.metric.options import MetricOptions
from ..policy.periods import Period, add_months

ISSUES_SHOWN = 30
VISITS_SHOWN = 20
AHEAD = timedelta(days=90)


class ReviewPack(models.AbstractModel):
    """What is shown to a customer of the work together: nothing internal.

    Only what the customer knows or was told: his purchases and deliveries, issues in his own
    words with our answer, contracts and their milestones, visits and what was agreed, the
    joint plan.  No profit, score, level, judgement or internal note.  Source: S1d-09.
    """

    _name = "report.key_account_mgmt.report_review_pack"
    _description = "Account Review Pack on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        wizards = self.env["kam.review.pack.wizard"].browse(docids)
        wizards.account_id.check_access("read")
        papers, langs = {}, {}
        for wizard in wizards:
            langs[wizard.id] = wizard.account_id.partner_id.lang or self.env.lang
            texts = self.with_context(lang=langs[wizard.id])
            papers[wizard.id] = texts._paper(wizard.with_env(texts.env))
        return {
            "doc_ids": docids,
            "doc_model": wizards._name,
            "docs": wizards,
            "papers": papers,
            "langs": langs,
        }

    def _paper(self, wizard):
        account = wizard.account_id
        period = Period(wizard.date_from, wizard.date_to)
        return {
            "customer": account.partner_id.name,
            # sudo: our own name.
            "company": account.company_id.sudo().name,
            "days": self.env._(
                "%(first)s to %(last)s",
                first=format_date(self.env, period.start),
                last=format_date(self.env, period.end),
            ),
            "team": self._team(account),
            "business": self._business(account, period),
            "issues": self._issues(account, period),
            "contracts": self._contracts(account, period),
            "visits": self._visits(account, period),
            "plan": self._joint_plan(account, period),
        }

    def _team(self, account):
        """Whom the customer talks to today; the lead account manager first."""
        today = account.company_id._kam_today()
        # sudo: names and numbers of our own people are for the customer.
        members = account.sudo().member_ids.filtered(
            lambda m: m.date_from <= today and (not m.date_to or m.date_to >= today)
        )
        return [
            {
                "name": member.user_id.name,
                "role": member.role_id.with_env(self.env(su=True)).name,
                "reach": " · ".join(
                    part for part in (member.user_id.phone, member.user_id.email) if part
                ),
            }
            for member in members.sorted(lambda m: (not m.is_lead, m.id))
        ]

    # Business ---------------------------------------------------------------------------

    def _business(self, account, period):
        """``[{label, now, before, change}]``: this period and the same days of last year."""
        before = Period(add_months(period.start, -12), add_months(period.end, -12))
        now, then = (self._figures(account, days) for days in (period, before))
        # sudo: the customer's own purchases, for whoever may read the account file.
        money = account.company_id.sudo().currency_id
        rows = []
        for label, key, unit in (
            (self.env._("Invoiced, untaxed"), "sales", "money"),
            (self.env._("Ordered, untaxed"), "orders", "money"),
            (self.env._("Deliveries"), "deliveries", "count"),
            (self.env._("Deliveries in time"), "in_time", "percent"),
        ):
            change = ""
            if unit != "percent" and now[key] is not None and (then[key] or 0.0) > 0:
                rate = round(100.0 * (now[key] - then[key]) / then[key])
                change = self.env._("%(rate)s %%", rate=f"{rate:+d}")
            shown = [self._number(values[key], unit, money) for values in (now, then)]
            rows.append({"label": label, "now": shown[0], "before": shown[1], "change": change})
        return rows

    def _number(self, value, unit, money):
        if value is None:
            return "–"
        if unit == "money":
            return formatLang(self.env, value, currency_obj=money)
        if unit == "percent":
            return self.env._("%(rate)s %%", rate=formatLang(self.env, value, digits=1))
        return formatLang(self.env, value, digits=0)

    def _figures(self, account, period):
        """Sales by the definitions of the shipped figures, whatever KPIs are based on today."""
        company, partner = account.company_id, account.partner_id
        # sudo: formulas only; figures are of this one customer.
        sales = self.env.ref("key_account_mgmt.metric_annual_sales").sudo()
        found = {}
        for key, basis in (("sales", "invoice"), ("orders", "order")):
            options = MetricOptions(basis=basis)
            [found[key]] = sales._evaluate(partner, company, period, options).values()
        delivery = self.env.ref("key_account_mgmt.kam_kpi_k31").sudo()
        subject = KpiSubject("account", account.id)
        holders = delivery._holders([subject], period, company)
        figures = delivery._figures_of([subject], period, company, MetricOptions(), holders)
        in_time = figures[subject, delivery.id]
        return {**found, "deliveries": in_time.denominator, "in_time": in_time.value}

    # What was worked on -----------------------------------------------------------------

    def _issues(self, account, period):
        """Open ones first, and those solved in the period: the customer's words and our answer.

        What the system found by itself is shown once the customer was told something.
        """
        Issue = self.env["kam.issue"]
        domain = Domain("account_id", "=", account.id) & Domain("state", "!=", "rejected")
        domain &= Domain("reported_day", "<=", period.end)
        domain &= Domain("closed_on", "=", False) | Domain("closed_on", ">=", period.start)
        told = Domain("responded_on", "!=", False) | Domain("replied_on", "!=", False)
        domain &= Domain("is_automatic", "=", False) | told
        found = Issue.search(domain & Domain("closed_on", "=", False), limit=ISSUES_SHOWN,
                             order="reported_day desc")  # fmt: skip
        if left := ISSUES_SHOWN - len(found):
            solved = domain & Domain("closed_on", "!=", False)
            found |= Issue.search(solved, limit=left, order="reported_day desc")
        return [
            {
                "number": issue.number or "",
                "day": format_date(self.env, issue.reported_day),
                "kind": issue.kind_id.name,
                "words": issue.customer_view or "",
                "answer": issue.reply or "",
                "measures": self._measures(issue),
                "solved": bool(issue.closed_on),
            }
            for issue in found
        ]

    def _measures(self, issue):
        """How far they are; their names are written for ourselves."""
        # sudo: numbers, of the customer's own issue.
        measures = issue.sudo().measure_ids.filtered(lambda action: action.state != "cancelled")
        if not measures:
            return ""
        done = len(measures.filtered(lambda action: action.state == "done"))
        return self.env._("%(done)s of %(all)s done", done=done, all=len(measures))

    def _contracts(self, account, period):
        """Signed ones, with milestones of the period and of the next three months."""
        domain = Domain("account_id", "=", account.id) & Domain("state", "in", SIGNED)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", period.start)
        rows = []
        for contract in self.env["kam.contract"].search(domain, order="date_from, id"):
            milestones = self.env["kam.contract.milestone"].search(
                Domain("contract_id", "=", contract.id)
                & Domain("action_id.state", "!=", "cancelled")
                & Domain("action_id.date_due", ">=", period.start)
                & Domain("action_id.date_due", "<=", period.end + AHEAD)
            )
            rows.append(
                {
                    "name": contract.number or contract.name,
                    "until": format_date(self.env, contract.date_to) if contract.date_to else "–",
                    "milestones": [
                        (one.name, format_date(self.env, one.date_due), one.state == "done")
                        for one in milestones.sorted("date_due")
                    ],
                }
            )
        return rows

    def _visits(self, account, period):
        """Held in the period, and those planned for the next three months; what was written
        about them is for ourselves."""
        today = account.company_id._kam_today()
        held = Domain("state", "in", ("to_report", "reported"))
        held &= Domain("day", ">=", period.start) & Domain("day", "<=", period.end)
        planned = Domain("state", "=", "planned")
        planned &= Domain("day", ">=", today) & Domain("day", "<=", today + AHEAD)
        mine, Visit = Domain("account_id", "=", account.id), self.env["kam.visit"]
        next_ones = Visit.search(mine & planned, order="day", limit=VISITS_SHOWN)
        visits = next_ones.sorted("day", reverse=True)
        visits |= Visit.search(mine & held, order="day desc", limit=VISITS_SHOWN)
        return [
            {
                "day": format_date(self.env, visit.day),
                "subject": visit.purpose_id.name or "",
                "ours": visit.user_id.name,
                "theirs": ", ".join(visit.contact_ids.mapped("name")) or "–",
                "planned": visit.state == "planned",
            }
            for visit in visits
        ]

    def _joint_plan(self, account, period):
        """What both sides do; plans without joint initiatives are ours alone, plans that ended
        before the period are past."""
        domain = Domain("plan_id.account_id", "=", account.id)
        running = Domain("plan_id.state", "in", ("confirmed", "running"))
        over = Domain("plan_id.state", "=", "done") & Domain("plan_id.date_to", ">=", period.start)
        domain &= running | over
        domain &= Domain("state", "!=", "dropped")
        Initiative = self.env["kam.plan.initiative"]
        states = dict(Initiative._fields["state"]._description_selection(self.env))
        return [
            {
                "name": one.name,
                "ours": one.our_part or "–",
                "theirs": one.their_part or "–",
                "by": format_date(self.env, one.date_due) if one.date_due else "–",
                "state": states[one.state],
            }
            for one in Initiative.search(domain, order="date_due, id")
        ]
