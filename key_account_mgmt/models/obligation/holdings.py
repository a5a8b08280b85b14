"""Which account held which level when, as far as it matters for what is owed."""

from collections import namedtuple
from datetime import date, timedelta

from odoo.tools import SQL

DAY = timedelta(days=1)
Span = namedtuple("Span", "account_id scheme_id tier_id date_from date_to")


class Holdings:
    """Levels of one company's accounts in the schemes in use.

    :param accounts: ids of the account files in use
    :param first: first day of the first window looked at
    :param day: levels given later do not count
    """

    def __init__(self, env, company, accounts, first, day):
        self.env = env
        self.spans = self._read(company, accounts, first)
        self.by_account = {}
        for span in self.spans:
            self.by_account.setdefault(span.account_id, []).append(span)
        schemes = env["kam.tier.scheme"].browse({span.scheme_id for span in self.spans})
        self.exclusive = {scheme.id: scheme.exclusive for scheme in schemes}
        self.fallbacks = {scheme.id: scheme.fallback_tier_id.id for scheme in schemes}
        self.joins = list(self._find_joins(first, day))

    def _read(self, company, accounts, first):
        """Levels held since shortly before the first window, the oldest first."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT held.account_id, held.scheme_id, held.tier_id, held.date_from, held.date_to
                  FROM kam_tier_assignment held
                  JOIN kam_tier_scheme scheme ON scheme.id = held.scheme_id
                 WHERE held.company_id = %s AND scheme.active
                   AND (held.date_to IS NULL
                        OR held.date_to >= %s AND held.date_to > held.date_from)
                 ORDER BY held.account_id, held.date_from, held.id
                """,
                company.id,
                first - DAY,
            )
        )
        return [Span(*row[:4], row[4] or date.max) for row in rows if row[0] in accounts]

    def _find_joins(self, first, day):
        """Levels given to who held none of the scheme, or only its fallback, before.

        Who changes from one level to another is treated by the old one until the period
        is over.
        """
        for span in self.spans:
            if not first <= span.date_from <= day:
                continue
            before = span.date_from - DAY
            held = {
                other.tier_id
                for other in self.by_account[span.account_id]
                if other.scheme_id == span.scheme_id and other.date_from <= before < other.date_to
            }
            if not self.exclusive[span.scheme_id]:
                held &= {span.tier_id}
            if not held - {self.fallbacks[span.scheme_id]}:
                yield span

    def on(self, day):
        """``{account id: frozenset of levels held}`` on a day."""
        held = {}
        for span in self.spans:
            if span.date_from <= day < span.date_to:
                held.setdefault(span.account_id, []).append(span.tier_id)
        return {account_id: frozenset(tiers) for account_id, tiers in held.items()}
