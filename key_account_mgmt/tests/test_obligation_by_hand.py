import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_obligation import ObligationCase

DAY = timedelta(days=1)
GO_LIVE, LAST = date(2026, 1, 1), date(2026, 10, 15)


@dataclass(frozen=True)
class Rule:
    """``times`` of a kind in ``months`` months, owed to a level, fulfilled by ``who``."""

    level: str
    kind: str
    times: int
    months: int
    who: str


RULES = (
    Rule("strategic", "visit", 1, 1, "manager"),
    Rule("strategic", "executive_meeting", 1, 6, "executive"),
    Rule("strategic", "technical_exchange", 1, 6, "technical"),
    Rule("strategic", "quality_exchange", 1, 3, "quality"),
    Rule("l1", "visit", 1, 3, "manager"),
    Rule("l1", "executive_meeting", 1, 6, "executive"),
    Rule("l2", "visit", 1, 6, "manager"),
    Rule("l3", "visit", 3, 12, "manager"),
)
KINDS = {
    "regular": {"visit"},
    "executive": {"visit", "executive_meeting"},
    "technical": {"visit", "technical_exchange"},
    "quality": {"visit", "quality_exchange"},
}


@dataclass
class Customer:
    """``levels``: ``{scheme: [(first day, level), …]}``; a level holds until the next."""

    levels: dict
    pauses: list = field(default_factory=list)
    # (purpose, on site, day, day of the report or None, last day in time, who was there)
    seen: list = field(default_factory=list)

    def level(self, scheme, day):
        found = None
        for since, level in self.levels.get(scheme, ()):
            if since <= day:
                found = level
        return found

    def levels_on(self, day):
        return {self.level(scheme, day) for scheme in self.levels} - {None}

    def is_paused(self, day):
        return any(first <= day <= last for first, last in self.pauses)


def period_of(day, months):
    """First and last day of the calendar period of ``months`` months around a day."""
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    after = first
    for _month in range(months):
        after = date(after.year + after.month // 12, after.month % 12 + 1, 1)
    return first, after - DAY


def counted_from(customer, rule, first, last):
    """The day from which a period counts, or None."""
    day = first
    while day <= last:
        if rule.level in customer.levels_on(day):
            if day == first:
                return day
            [scheme] = [s for s in customer.levels if customer.level(s, day) == rule.level]
            # Who held another level the day before changes with the next period.
            return None if customer.level(scheme, day - DAY) else day
        day += DAY
    return None


def is_strictest(rule, customer, day):
    mine = [r for r in RULES if r.kind == rule.kind and r.level in customer.levels_on(day)]
    return rule == max(mine, key=lambda r: (r.times * 12 // r.months, -r.months))


def owed(customer, until):
    """``{(kind, first day, last day): (times, rule)}`` of the periods that have begun."""
    result = {}
    for rule in RULES:
        day = GO_LIVE
        while day <= until:
            first, last = period_of(day, rule.months)
            day = last + DAY
            since = counted_from(customer, rule, first, last)
            if since is None or since > until or not is_strictest(rule, customer, since):
                continue
            days = [first + DAY * n for n in range((last - first).days + 1)]
            joined = [d for d in days if d >= since]
            if 2 * rule.times * len(joined) < len(days):
                continue  # less than half of one is left
            left = [d for d in joined if not customer.is_paused(d)]
            times = (2 * rule.times * len(left) + len(days)) // (2 * len(days))
            result[rule.kind, first, last] = (times, rule)
    return result


def state(customer, kind, first, last, times, who, today):
    """What an obligation is called at the end of ``today``."""
    if not times:
        return "waived"
    reported = in_time = waiting = 0
    for purpose, on_site, day, written, due, present in customer.seen:
        counts = kind in KINDS[purpose] and on_site and who in present
        if not counts or not first <= day <= min(last, today):
            continue
        if written and written <= today:
            reported += 1
            in_time += written <= max(last, due)
        else:
            waiting += today <= max(last, due)
    if in_time >= times:
        return "met"
    if reported >= times:
        return "met_late"
    if reported + waiting >= times:
        return "awaiting"
    return "overdue" if today > last else "open"


@tagged("post_install", "-at_install")
class TestObligationByHand(ObligationCase):
    """Ten months of random visits, counted a second time the slow way.

    The count above shares nothing with the engine: it walks through the days.
    Source: S0-112 … S0-114, S0-25, S3-26, S3-27, S3-38, S3-51, g Q8, Q10.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for xmlid in (
            "s0_l1_visit", "s0_l2_visit", "s0_l3_visit", "s0_l1_executive",
            "s3_strategic_visit", "s3_strategic_executive", "s3_strategic_technical",
            "s3_strategic_quality",
        ):  # fmt: skip
            cls._policy(xmlid)
        cls.people = {
            "manager": cls.user,
            "executive": cls.executive,
            "technical": cls._new_user("technical", "key_account_mgmt.group_kam_member"),
            "quality": cls._new_user("quality", "key_account_mgmt.group_kam_member"),
        }
        old = date(2025, 6, 1)
        cls.world = {
            "Always": Customer({"s3": [(old, "strategic")]}),
            "Joins early": Customer({"s3": [(date(2026, 2, 10), "strategic")]}),
            "Joins late": Customer({"s3": [(date(2026, 2, 20), "strategic")]}),
            "Rises": Customer({"s3": [(old, "key"), (date(2026, 3, 15), "strategic")]}),
            "Falls": Customer({"s3": [(old, "strategic"), (date(2026, 5, 10), "main")]}),
            "Paused": Customer(
                {"s3": [(old, "strategic")]}, [(date(2026, 4, 1), date(2026, 5, 20))]
            ),
            "Both": Customer({"s3": [(old, "strategic")], "s0": [(old, "l1")]}),
            "Joins both": Customer({"s3": [(date(2026, 4, 20), "strategic")], "s0": [(old, "l1")]}),
            "Third": Customer({"s0": [(date(2026, 3, 1), "l3")]}),
            "Second": Customer({"s0": [(old, "l2"), (date(2026, 4, 2), "l1")]}),
        }
        cls.accounts = {name: cls._client(name) for name in cls.world}
        for account in cls.accounts.values():
            account.member_ids = [
                Command.create(
                    {
                        "user_id": cls.people[role].id,
                        "role_id": cls.env.ref(f"key_account_mgmt.kam_team_role_{role}").id,
                        "date_from": date(2025, 1, 1),
                    }
                )
                for role in ("technical", "quality")
            ]

    def _tier(self, code):
        tiers = {"l1": self.l1, "l2": self.l2, "l3": self.l3}
        return tiers.get(code) or getattr(self, code)

    def _happens(self, day, chance):
        """Levels, pauses and visits of a day; reports come some days later."""
        for name, customer in self.world.items():
            account = self.accounts[name]
            for levels in customer.levels.values():
                for since, level in levels:
                    if since == day or (since < GO_LIVE == day):
                        self._hold(account, self._tier(level), since)
            for first, last in customer.pauses:
                if first == day:
                    self.env["kam.account.pause"].create(
                        {
                            "account_id": account.id,
                            "date_from": first,
                            "date_to": last,
                            "reason": "moving",
                        }
                    )
            if chance.random() < 0.035:
                self._visited(account, customer, day, chance)

    def _visited(self, account, customer, day, chance):
        purpose = chance.choice(list(KINDS))
        on_site = chance.random() < 0.85
        present = {who for who in self.people if chance.random() < 0.6} or {"manager"}
        due = day + chance.choice((1, 3)) * DAY
        written = day + chance.randrange(0, 7) * DAY if chance.random() < 0.9 else None
        customer.seen.append((purpose, on_site, day, written, due, present))
        visit = self._visit(
            account,
            day,
            who=self.env["res.users"].union(*(self.people[who] for who in present)),
            purpose=purpose,
            mode="onsite" if on_site else "phone",
            due=due,
        )
        self.reports.append((written, visit))

    def _reports(self, day):
        with freeze_time(f"{day} 05:00:00"):
            for written, visit in self.reports:
                if written == day:
                    visit._as_engine().write(
                        {"state": "reported", "reported_on": f"{day} 03:00:00"}
                    )
                    visit._on_visit_changed()

    def test_ten_months(self):
        chance = random.Random(4)
        self.reports = []
        day = GO_LIVE
        while day <= LAST:
            self._happens(day, chance)
            self._reports(day)
            # Nights are missed now and then.
            if chance.random() < 0.5 or day in (date(2026, 6, 30), LAST):
                self._night(day)
            day += DAY
        self._night(LAST)
        for name, customer in self.world.items():
            expected = {
                key: (times, state(customer, *key, times, rule.who, LAST))
                for key, (times, rule) in owed(customer, LAST).items()
            }
            found = {
                (o.kind_id.code, o.date_from, o.date_to): (o.required, o.state)
                for o in self._owed(self.accounts[name])
                if o.date_from <= LAST and o.state != "cancelled"
            }
            with self.subTest(customer=name):
                self.assertEqual(found, expected)
