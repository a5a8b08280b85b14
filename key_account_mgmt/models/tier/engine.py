"""Suggest a level for every customer of a scheme: one engine for evaluations and nights."""

from collections import namedtuple
from functools import cached_property

from odoo.fields import Domain
from odoo.tools import SQL

from ...policy import criteria as policy
from ...policy.hysteresis import keeps_level
from ..account.kam_account import SUSPENDED

Row = namedtuple(
    "Row",
    "partner_id label_id current_id suggested_id decided_id next_id code change verdicts values",
)
Held = namedtuple("Held", "tier_id since account_id state")

KEPT_SUSPENDED = "suspended"
MANUAL = "manual"


class TierEngine:
    """One scheme, one company, one day.

    :param criteria: criterion records, of the policy or of an evaluation's copy
    :param partners: commercial partners to look at, or None: everybody in scope

    Reads everything in a constant number of queries.  Source: S0-35, S2-07, (a.2).
    """

    def __init__(self, env, scheme, company, day, criteria, partners=None):
        # sudo: who is a key account is decided on all documents of the company, whoever
        # starts the evaluation; the figures are served through access rules.
        self.env = env(su=True)
        self.scheme = scheme.with_env(self.env)
        self.company = company.root_id.with_env(self.env)
        self.day = day
        self.tiers = self.scheme.tier_ids.sorted("rank")
        self.criteria = criteria.with_env(self.env)
        self.levels = [
            tier._to_policy(self.criteria.filtered(lambda c, t=tier: c.tier_id == t))
            for tier in self.tiers
        ]
        self.ranks = {tier.id: tier.rank for tier in self.tiers}
        self.group_map = self._group_map()
        self.partners = self._heads(partners) if partners is not None else None
        self.run = self.env["kam.metric"]._new_run(
            self.company,
            day,
            partners=self._members(self.partners),
            window=self.scheme.window,
            options=self.scheme._metric_options(),
            group_map=self.group_map,
        )
        self.sales, self.previous, self.pipeline = (
            self._metric(code) for code in ("annual_sales", "previous_sales", "open_pipeline")
        )
        self.run.plan(self.criteria.metric_id | self.sales | self.previous)
        self.held = self._read_held()

    @cached_property
    def fallback_id(self):
        return self.scheme.fallback_tier_id.id or None

    # Groups of companies ---------------------------------------------------------

    def _group_map(self):
        """``{member partner id: head partner id}`` where the scheme decides at the head."""
        if self.scheme.group_mode != "head":
            return {}
        self.env["kam.account"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT member.partner_id, head.partner_id
                  FROM kam_account member
                  JOIN kam_account head ON head.id = split_part(member.parent_path, '/', 1)::int
                 WHERE member.company_id = %s AND member.parent_id IS NOT NULL AND member.active
                """,
                self.company.id,
            )
        )
        return dict(rows)

    def _heads(self, partners):
        ids = {
            self.group_map.get(pid, pid) for pid in self.env["kam.metric"]._commercial_ids(partners)
        }
        return self.env["res.partner"].browse(sorted(ids))

    def _members(self, heads):
        """Customers whose figures count for ``heads``, themselves included."""
        if heads is None:
            return None
        wanted = set(heads.ids)
        members = {member for member, head in self.group_map.items() if head in wanted}
        return heads.browse(sorted(wanted | members))

    # Reading ---------------------------------------------------------------------

    def _read_held(self):
        """``{partner id: {tier id: Held}}`` of the levels held now."""
        domain = self.env["kam.tier.assignment"]._open_domain(self.scheme, self.company)
        if self.partners is not None:
            domain &= Domain("account_id.partner_id", "in", self.partners.ids)
        assignments = self.env["kam.tier.assignment"].search_fetch(
            domain, ["tier_id", "account_id", "date_from"]
        )
        assignments.account_id.fetch(["partner_id", "state", "active"])
        held = {}
        for assignment in assignments:
            account = assignment.account_id
            if account.active and account.partner_id.id not in self.group_map:
                held.setdefault(account.partner_id.id, {})[assignment.tier_id.id] = Held(
                    assignment.tier_id.id, assignment.date_from, account.id, account.state
                )
        return held

    def _scope_ids(self):
        """Commercial partners the scheme speaks about, in order."""
        given = self.partners
        candidates = self._candidate_ids() if given is None else set(given.ids)
        domain = Domain("id", "in", list(candidates)) & self.scheme._scope()
        found = set(self.env["res.partner"]._search(domain))
        # Who holds a level is judged even when archived or moved out of scope; a company
        # that has become a contact of another one is judged there.
        holders = self.env["res.partner"].browse(self.held)
        holders.fetch(["commercial_partner_id"])
        contacts = set(holders.filtered(lambda p: p.commercial_partner_id != p).ids)
        return sorted((found | (candidates & self.held.keys())) - contacts)

    def _candidate_ids(self):
        """Who bought, holds a level, has a file, or was assessed."""
        env, company = self.env, self.company
        candidates = set(self.run.values(self.sales)) | set(self.run.values(self.previous))
        candidates |= self.held.keys()
        accounts = env["kam.account"].search_fetch(
            [("company_id", "=", company.id)], ["partner_id"]
        )
        candidates |= set(accounts.partner_id.ids)
        for model in ("kam.qualification", "kam.industry.standing", "kam.expected.sales"):
            domain = env[model]._current_domain(company, self.day)
            groups = env[model]._read_group(domain, ["partner_id"])
            candidates |= {partner.id for (partner,) in groups}
        return {self.group_map.get(pid, pid) for pid in candidates if pid}

    def _metric(self, code):
        return self.env["kam.metric"].search([("code", "=", code)])

    # Judging ---------------------------------------------------------------------

    def rows(self):
        """One :class:`Row` per customer; per held or matching label in label schemes.

        ``verdicts`` and ``values`` follow the order of ``self.criteria``.
        """
        partner_ids = self._scope_ids()
        columns, verdict_columns = [], []
        for criterion in self.criteria:
            values = self.run.values(criterion.metric_id, criterion._metric_param())
            default = 0.0 if criterion.metric_id.missing_as == "zero" else None
            column = [values.get(pid, default) for pid in partner_ids]
            columns.append(column)
            verdict_columns.append(policy.judge_column(criterion._to_policy(), column))
        empty = [()] * len(partner_ids)
        all_values = zip(*columns, strict=True) if columns else empty
        all_verdicts = zip(*verdict_columns, strict=True) if columns else empty
        make_rows = self._exclusive_rows if self.scheme.exclusive else self._label_rows
        for pid, verdicts, values in zip(partner_ids, all_verdicts, all_values, strict=True):
            yield from make_rows(pid, verdicts, values)

    def _memo(self, name, verdicts, function):
        # Fifty thousand customers share a few dozen combinations of verdicts.
        memo = self.__dict__.setdefault(f"_memo_{name}", {})
        if verdicts not in memo:
            memo[verdicts] = function(dict(zip(self.criteria.ids, verdicts, strict=True)))
        return memo[verdicts]

    def _suggest(self, verdicts):
        suggestion = policy.suggest(self.levels, verdicts, self.fallback_id)
        return suggestion, self._next_level(suggestion, verdicts)

    def _next_level(self, suggestion, verdicts):
        """The level to look up to: the next measured one above the suggestion."""
        if suggestion.code == policy.UNASSESSED:
            unknown = [lv for lv in self.levels if policy.level_truth(lv, verdicts) is None]
            return unknown[0].key
        rank = self.ranks.get(suggestion.level, float("inf"))
        above = [lv for lv in self.levels if lv.rank < rank and lv.groups() and not lv.manual]
        return above[-1].key if above else None

    def _exclusive_rows(self, pid, verdicts, values):
        suggestion, next_id = self._memo("suggest", verdicts, self._suggest)
        held = next(iter(self.held.get(pid, {}).values()), None)
        suggested, code = suggestion.level, suggestion.code
        if held:
            suggested, code = self._respect_held(held, suggested, code, values)
        decided = suggested or (held.tier_id if held else None)
        change = self.change(held.tier_id if held else None, decided)
        yield Row(
            pid, None, held.tier_id if held else None, suggested, decided, next_id, code, change,
            verdicts, values,
        )  # fmt: skip

    def _respect_held(self, held, suggested, code, values):
        """Reasons for which the level held stands against the figures."""
        if held.state in SUSPENDED:
            return held.tier_id, KEPT_SUSPENDED
        level = next((lv for lv in self.levels if lv.key == held.tier_id), None)
        if level is None or suggested == held.tier_id or suggested is None:
            return suggested, code
        if level.manual:
            return held.tier_id, MANUAL
        if self.ranks[suggested] < level.rank:
            return suggested, code
        kept = keeps_level(
            level,
            dict(zip(self.criteria.ids, values, strict=True)),
            held.since,
            self.day,
            self.scheme.demotion_margin,
            self.scheme.min_tenure_months,
        )
        return (held.tier_id, kept) if kept else (suggested, code)

    def _label_rows(self, pid, verdicts, values):
        truths = self._memo("labels", verdicts, self._label_truths)
        held = self.held.get(pid, {})
        for level, truth in zip(self.levels, truths, strict=True):
            current = level.key if level.key in held else None
            suggested, code = (level.key, policy.MATCHED) if truth else (None, policy.FALLBACK)
            if current and (level.manual or held[current].state in SUSPENDED):
                suggested, code = current, MANUAL if level.manual else KEPT_SUSPENDED
            elif truth is None:
                suggested, code = current, policy.UNASSESSED
            if not current and not suggested and code != policy.UNASSESSED:
                continue
            change = "same" if current == suggested else "added" if suggested else "removed"
            yield Row(
                pid, level.key, current, suggested, suggested, None, code, change, verdicts, values
            )

    def _label_truths(self, verdicts):
        return tuple(policy.level_truth(level, verdicts) for level in self.levels)

    def change(self, current, decided):
        """What a decision does to a customer, as a code."""
        if (current or None) == (decided or None):
            return "same"
        if not current:
            return "none" if decided == self.fallback_id else "new"
        if not decided:
            return "removed"
        return "up" if self.ranks[decided] < self.ranks[current] else "down"
