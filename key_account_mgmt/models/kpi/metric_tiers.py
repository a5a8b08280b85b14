from odoo import models
from odoo.fields import Domain


class KamMetric(models.Model):
    """Customers that become key accounts, and those raised to a higher level.

    Read off the dated history of levels, of which only what lasted a day counts.
    A group of companies counts as one customer.  Source: K18, K26, users §3.7.
    """

    _inherit = "kam.metric"

    _TIER_METRICS = ("new_key_accounts", "customers_to_raise", "customers_raised")

    def _rolls_up_itself(self):
        return self.code in self._TIER_METRICS or super()._rolls_up_itself()

    def _levels(self, run, domain):
        """Level assignments by customer (the head of its group), oldest first."""
        domain = Domain(domain) & Domain("company_id", "=", run.company.root_id.id)
        domain &= Domain("date_from", "<=", run.period(self).end)
        domain &= self._account_domain(run, "account_id")
        names = ["account_id", "tier_id", "date_from", "date_to", "origin", "is_inherited"]
        accounts = run.env["kam.tier.assignment"].with_context(active_test=False)
        found = accounts.search_fetch(domain, names, order="date_from, id")
        found.account_id.fetch(["partner_id"])
        found = found.filtered(lambda level: level.date_to != level.date_from)
        return found.grouped(lambda level: run.head(level.account_id.partner_id.id))

    # K18 --------------------------------------------------------------------------

    def _new_key_levels(self, run):
        """``{customer: the level it became a key account with}``, in the window.

        Known as a key account from paper: never new.  What a member only inherits makes
        the group, not the member, a key account.  Source: K18, S1f-02, S1f-04, users §3.7.
        """
        period = run.period(self)
        result = {}
        for partner_id, levels in self._levels(
            run, [("tier_id.is_key_account", "=", True)]
        ).items():
            day = levels[0].date_from
            first = levels.filtered(lambda level, day=day: level.date_from == day)
            own = first.filtered(lambda level: not level.is_inherited)
            known = levels.filtered(lambda level: level.origin == "opening")
            if period.contains(day) and own and not known:
                result[partner_id] = own[0]
        return result

    def _metric_new_key_accounts(self, run, param=None):
        """1 for who became a key account in the window for the first time.  Source: K18."""
        return dict.fromkeys(self._new_key_levels(run), 1.0)

    def _explain_new_key_accounts(self, run, partner_ids):
        return self._level_documents(run, self._new_key_levels(run), partner_ids)

    def _level_documents(self, run, levels, partner_ids):
        heads = {run.head(partner) for partner in partner_ids}
        found = {level.id: 1.0 for head, level in levels.items() if head in heads}
        return [("kam.tier.assignment", found)]

    # K26 --------------------------------------------------------------------------

    def _levels_of_primary(self, run):
        key = ("primary levels", run.period(self))
        return run.once(key, lambda: self._find_levels_of_primary(run))

    def _find_levels_of_primary(self, run):
        """``(levels below the top when the window began, the higher ones in it)``.

        Each by customer, in the company's primary scheme.  What changed on the first day
        changed in the window.  Source: K26, users §3.1.
        """
        scheme = run.env["kam.tier.scheme"]._primary(run.company)
        ranks = scheme.env["kam.tier"].sudo().search([("scheme_id", "=", scheme.id)])
        top = min(ranks.mapped("rank"), default=0)
        period = run.period(self)
        low, raised = {}, {}
        for partner_id, levels in self._levels(run, [("scheme_id", "=", scheme.id)]).items():
            held = levels.filtered(
                lambda level: (
                    level.date_from < period.start
                    and (not level.date_to or level.date_to >= period.start)
                )
            ).sorted(lambda level: level.tier_id.rank)[:1]
            if not held or held.tier_id.rank <= top:
                continue
            low[partner_id] = held
            higher = levels.filtered(
                lambda level, held=held: (
                    level.date_from >= period.start and level.tier_id.rank < held.tier_id.rank
                )
            )
            if higher:
                raised[partner_id] = higher[0]
        return low, raised

    def _metric_customers_to_raise(self, run, param=None):
        """1 for who was below the top level when the window began.  Source: K26."""
        return dict.fromkeys(self._levels_of_primary(run)[0], 1.0)

    def _metric_customers_raised(self, run, param=None):
        """1 for who was raised from there in the window."""
        return dict.fromkeys(self._levels_of_primary(run)[1], 1.0)

    def _explain_customers_to_raise(self, run, partner_ids):
        return self._level_documents(run, self._levels_of_primary(run)[0], partner_ids)

    def _explain_customers_raised(self, run, partner_ids):
        return self._level_documents(run, self._levels_of_primary(run)[1], partner_ids)
