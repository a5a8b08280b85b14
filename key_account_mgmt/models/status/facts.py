"""What a month's report says about the accounts: read once for all of them."""

from datetime import datetime, time, timedelta

import pytz

from odoo.fields import Domain

from ...policy.periods import Period, add_months, month_end
from ...policy.status import (
    issues_light,
    main_changes,
    owed_so_far,
    payments_light,
    sales_light,
    visits_light,
)
from ..contract.contract import SIGNED
from ..metric.run import MetricRun
from .insight_kind import BLOCKS
from .status_line import CHANGES, FIGURES, windows

DAY = timedelta(days=1)
OPEN_ISSUES = ("new", "assigned", "in_progress", "replied", "verified")
LONGEST = 160
# Field of a visit report: block of the status report.
REPORTED = {
    "progress": "progress",
    "personnel": "personnel",
    "need_change": "demand",
    "problems": "problems",
    "competitor": "competitor",
}
# What is told first among the three changes of a month.
WEIGHTS = {"tier": 60, "issue": 40, "personnel": 35, "competitor": 30, "demand": 25}
WEIGHTS |= {"problems": 20, "progress": 10}


class StatusFacts:
    """Facts of the key accounts of a company in one month, in a constant number of queries.

    Everything is plain values, computed when the facts of the first account are asked for:
    they outlive the commits between the batches that write them.  Profit is not among them.

    :param env: environment of the job, allowed to read every document
    :param period: the month, as ``policy.periods.Period``
    :param account_ids: only these of the key accounts; empty: all of them
    """

    def __init__(self, env, company, period, account_ids=None):
        # In the company's language, whoever asks; nothing else of the client's context.
        self.env = env(su=True, context={"lang": company.sudo().partner_id.lang})
        self.company = company.with_env(self.env)
        self.period = period
        self.only = account_ids
        self.windows = windows(self.company, period)
        self.scheme = self.env["kam.tier.scheme"]._primary(self.company)
        self.tiers = self._tiers()
        self._known = None

    def __repr__(self):
        return f"StatusFacts({self.company.id}, {self.period.start})"

    @property
    def account_ids(self):
        """Accounts that held a strategic or key level on the last day of the month."""
        return list(self.tiers)

    def of(self, account_id):
        """``{"vals": {field: value}, "facts": [vals], "proposed": {text field: text}}``."""
        if self._known is None:
            self._read()
        return self._known[account_id]

    # Reading ---------------------------------------------------------------------------

    def _read(self):
        accounts = self.env["kam.account"].browse(self.tiers)
        self.partners = {account.id: account.partner_id.id for account in accounts}
        self.managers = {account.id: account.user_id.id for account in accounts}
        self.facts = {account_id: [] for account_id in self.tiers}
        self.news = {account_id: [] for account_id in self.tiers}
        self.numbers = {account_id: {} for account_id in self.tiers}
        if self.tiers:
            self._read_tier_changes()
            self._read_figures()
            self._read_visits()
            self._read_insights()
            self._read_issues()
            self._read_contracts()
            self._read_next_month()
        limits = self.company._kam_status_limits()
        self._known = {account_id: self._finish(account_id, limits) for account_id in self.tiers}

    def _mine(self, name="account_id"):
        return Domain(name, "in", list(self.tiers))

    def _in_period(self, name, period=None):
        period = period or self.period
        return Domain(name, ">=", period.start) & Domain(name, "<=", period.end)

    def _tiers(self):
        """``{account id: (tier id, rank)}`` as held on the last day, files in rank order.

        Levels of the primary scheme that make a key account; labels and schemes that stand
        beside it do not count.
        """
        held = Domain("date_from", "<=", self.period.end)
        held &= Domain("date_to", "=", False) | Domain("date_to", ">", self.period.end)
        held &= Domain("company_id", "=", self.company.id)
        held &= Domain("scheme_id", "=", self.scheme.id)
        held &= Domain("tier_id.is_key_account", "=", True)
        held &= Domain("account_id.active", "=", True)
        if self.only is not None:
            held &= Domain("account_id", "in", list(self.only))
        found = {}
        for row in self.env["kam.tier.assignment"].search(held):
            found.setdefault(row.account_id.id, (row.tier_id.id, row.tier_id.rank))
        return dict(sorted(found.items(), key=lambda item: (item[1][1], item[0])))

    def _read_tier_changes(self):
        domain = self._mine() & self._in_period("date_from")
        domain &= Domain("scheme_id", "=", self.scheme.id)
        domain &= Domain("previous_tier_id", "!=", False)
        domain &= Domain("origin", "not in", ("opening", "merge"))
        for row in self.env["kam.tier.assignment"].search(domain):
            text = f"{row.previous_tier_id.name} → {row.tier_id.name}"
            self._add(row.account_id.id, "progress", row, row.date_from, text, weight="tier")

    def _read_figures(self):
        """Of the metric engine: one run for the month, one for the year."""
        Metric = self.env["kam.metric"]
        env = Metric._figures_env(self.company)
        metrics = {
            code: env.ref(f"key_account_mgmt.metric_{code}") for code, _w in FIGURES.values()
        }
        partner_ids = sorted(set(self.partners.values()))
        runs = {}
        for window, period in self.windows.items():
            runs[window] = MetricRun(env, self.company.with_env(env), period.end, partner_ids,
                                     period=period)  # fmt: skip
            runs[window].plan([metrics[code] for code, w in FIGURES.values() if w == window])
        currency = self.company.currency_id
        for name, (code, window) in FIGURES.items():
            values = runs[window].values(metrics[code])
            for account_id, partner_id in self.partners.items():
                amount = values.get(partner_id) or 0.0
                self.numbers[account_id][name] = currency.round(amount)
        self._read_targets()

    def _read_targets(self):
        accounts = self.env["kam.account"].browse(self.tiers)
        Report = self.env["kam.status.report"]
        for name, window in (("target_month", "month"), ("target_ytd", "year")):
            targets = Report._targets(accounts, self.windows[window])
            for account_id in self.tiers:
                amount = targets.get(account_id) or 0.0
                self.numbers[account_id][name] = self.company.currency_id.round(amount)
                if window == "year":
                    has_target = targets.get(account_id) is not None
                    self.numbers[account_id]["has_target"] = has_target

    def _read_visits(self):
        """What was reported, and how many were due and held."""
        if not self._is_on("visit"):
            return
        domain = self._mine() | self._mine("also_account_ids")
        domain &= Domain("state", "=", "reported") & self._in_period("day")
        for visit in self.env["kam.visit"].search(domain, order="day, id"):
            for account_id in self._visited(visit):
                for field, block in REPORTED.items():
                    self._add(account_id, block, visit, visit.day, visit[field],
                              visit.reported_by_id)  # fmt: skip
        self._count_visits()

    def _visited(self, visit):
        return {visit.account_id.id, *visit.also_account_ids.ids} & self.facts.keys()

    def _count_visits(self):
        """Due so far of the periods that run in the month, and held by its last day."""
        domain = self._mine() & Domain("kind_id.fulfilled_by", "=", "visit")
        domain &= Domain("state", "!=", "cancelled") & Domain("date_to", ">=", self.period.start)
        domain &= Domain("date_from", "<=", self.period.end)
        owed = self.env["kam.obligation"].search(domain)
        counted = owed._counting_visits() if owed else {}
        visits = self.env["kam.visit"].browse({i for ids in counted.values() for i in ids})
        held = {
            visit.id
            for visit in visits
            if visit.day <= self.period.end and visit.state in ("to_report", "reported")
        }
        for row in owed:
            required = max(row.required - row.waived, 0)
            number = self.numbers[row.account_id.id]
            window = Period(row.date_from, row.date_to)
            due = owed_so_far(required, window, self.period.end)
            done = min(len(held.intersection(counted.get(row.id, ()))), required)
            number["visits_due"] = number.get("visits_due", 0) + due
            number["visits_done"] = number.get("visits_done", 0) + done

    def _read_insights(self):
        domain = self._mine() & self._in_period("date") & Domain("state", "=", "confirmed")
        domain &= Domain("kind_id.status_block", "!=", False)
        for insight in self.env["kam.insight"].search(domain, order="date, id"):
            block = insight.kind_id.status_block
            self._add(insight.account_id.id, block, insight, insight.date, insight.name,
                      insight.user_id)  # fmt: skip

    def _read_issues(self):
        """Open at the end of the month or raised in it; late: no solution by its deadline."""
        if not self._is_on("issue"):
            return
        after = self._moment_after()
        still = Domain("state", "in", OPEN_ISSUES) | Domain("closed_on", ">=", after)
        raised = self._in_period("reported_day") & Domain("state", "!=", "rejected")
        domain = self._mine() & Domain("reported_day", "<=", self.period.end) & (still | raised)
        for issue in self.env["kam.issue"].search(domain, order="reported_day, id"):
            account_id = issue.account_id.id
            weight = WEIGHTS["issue"] + int(issue.severity or 0)
            self._add(account_id, "problems", issue, issue.reported_day, issue.display_name,
                      issue.reporter_id, weight)  # fmt: skip
            if issue.closed_on and issue.closed_on < after:
                continue
            number = self.numbers[account_id]
            number["issues_open"] = number.get("issues_open", 0) + 1
            unanswered = not issue.replied_on or issue.replied_on >= after
            if unanswered and issue.resolve_deadline and issue.resolve_deadline < after:
                number["issues_late"] = number.get("issues_late", 0) + 1

    def _moment_after(self):
        """The end of the month where the company works, in UTC."""
        zone = self.company._kam_working_time().tz
        local = zone.localize(datetime.combine(self.period.end + DAY, time()))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _read_contracts(self):
        if not self._is_on("contract"):
            return
        last = self.period.end + self.company._kam_contract_expiry_days() * DAY
        # Completed meanwhile, it ended soon all the same.
        domain = self._mine() & Domain("state", "in", SIGNED) & Domain("parent_id", "=", False)
        for contract in self.env["kam.contract"].search(domain):
            ends = contract.date_to_in_force
            if not ends or not self.period.end <= ends <= last:
                continue
            number = self.numbers[contract.account_id.id]
            number["contracts_expiring"] = number.get("contracts_expiring", 0) + 1
            number["contract_until"] = min(number.get("contract_until") or ends, ends)

    def _read_next_month(self):
        """Visits planned for the month after, and what the account manager promised for it."""
        first = add_months(self.period.start, 1)
        following = Period(first, month_end(first))
        # What was done meanwhile was planned, too.
        planned = self._mine() | self._mine("also_account_ids")
        planned &= Domain("state", "in", ("planned", "to_report", "reported"))
        if self._is_on("visit"):
            for visit in self.env["kam.visit"].search(
                planned & self._in_period("day", following), order="day, id"
            ):
                for account_id in self._visited(visit):
                    self._add(account_id, "next", visit, visit.day, visit.purpose_id.name,
                              visit.user_id)  # fmt: skip
        open_then = Domain("state", "=", "open")
        open_then |= Domain("state", "=", "done") & Domain("done_on", ">=", self._moment_after())
        domain = self._mine() & open_then & self._in_period("date_due", following)
        for action in self.env["kam.action"].search(domain, order="date_due, id"):
            if action.user_id.id == self.managers[action.account_id.id]:
                self._add(action.account_id.id, "next", action, action.date_due, action.name,
                          action.user_id)  # fmt: skip

    def _is_on(self, area):
        return self.env["res.groups"]._kam_area_is_on(area)

    # Putting together ------------------------------------------------------------------

    def _add(self, account_id, block, source, day, text, user=None, weight=None):
        text = " ".join((text or "").split())
        if not text:
            return
        self.facts[account_id].append(
            {
                "block": block,
                "day": day,
                "text": text,
                "user_id": user.id if user else False,
                "res_model": source._name,
                "res_id": source.id,
            }
        )
        if block != "next":
            heavy = weight if isinstance(weight, int) else WEIGHTS[weight or block]
            self.news[account_id].append((heavy, day, _short(text)))

    def _finish(self, account_id, limits):
        number = self.numbers[account_id]
        tier_id, rank = self.tiers[account_id]
        counts = ("visits_due", "visits_done", "issues_open", "issues_late", "contracts_expiring")
        vals = {
            "tier_id": tier_id,
            "tier_rank": rank,
            "user_id": self.managers[account_id],
            "contract_until": False,
            **dict.fromkeys(counts, 0),
            **number,
        }
        expected = vals["target_ytd"] if vals["has_target"] else vals["sales_last_year"]
        vals["light_sales"] = sales_light(vals["sales_ytd"], expected, limits)
        vals["light_visits"] = visits_light(vals["visits_done"], vals["visits_due"], limits)
        issues = issues_light(vals["issues_open"], vals["issues_late"], limits)
        vals["light_issues"] = issues if self._is_on("issue") else "none"
        vals["light_payments"] = payments_light(vals["overdue"], vals["receivables"], limits)
        return {"vals": vals, "facts": self.facts[account_id], "proposed": self._texts(account_id)}

    def _texts(self, account_id):
        """What the system proposes to say: each fact a line, and the three main changes."""
        texts = {}
        for block, field in [*((b, b) for b, _label in BLOCKS), ("next", "next_plan")]:
            own = [fact["text"] for fact in self.facts[account_id] if fact["block"] == block]
            texts[field] = "\n".join(dict.fromkeys(own)) or False
        changes = main_changes(self.news[account_id])
        changes += [False] * (len(CHANGES) - len(changes))
        return texts | dict(zip(CHANGES, changes, strict=True))


def _short(text):
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
