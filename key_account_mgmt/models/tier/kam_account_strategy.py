from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from ..account.kam_account import SUSPENDED

WORKING_DAYS = 10


class KamAccount(models.Model):
    """A tier that changes nothing is a label: its change is work for who leads the account.

    Source: S0-36, (c1).
    """

    _inherit = "kam.account"

    def _on_tier_changed(self, changes, date):
        """One action “Adjust the strategy” per account, with what is proposed for it.

        For a real change of level, or where a key account begins or ends; not for labels,
        nor for members of a group led by whoever adjusts the strategy of the group.
        """
        result = super()._on_tier_changed(changes, date)
        decided = {}
        for account, scheme, old, new in changes:
            # The primary scheme speaks for the account where several changed.
            speaks = account not in decided or scheme.is_primary
            if speaks and account._needs_strategy(scheme, old, new, date):
                decided[account] = (old, new)
        accounts = self.browse(account.id for account in decided)
        own = accounts.filtered(lambda a: not a._follows_group(accounts))
        if own:
            due = {company: self._strategy_due(company) for company in own.company_id}
            # sudo: the decision makes the action, whoever applied it; its digest tells.
            Action = self.env["kam.action"].sudo()._as_engine()
            Action.with_context(mail_auto_subscribe_no_notify=True).create(
                [
                    account._prepare_strategy_action(*decided[account], due[account.company_id])
                    for account in own
                ]
            )
        return result

    def _needs_strategy(self, scheme, old, new, date):
        if not scheme.exclusive or old == new or self.state in SUSPENDED:
            return False
        go_live = self.company_id.kam_go_live_date
        if not self.user_id.active or (go_live and date < go_live):
            return False
        return bool((old and new) or (old | new).filtered("is_key_account"))

    def _follows_group(self, accounts):
        """Whether the head of the group changes too and has the same lead."""
        head = self.parent_id
        while head:
            if head in accounts and head.user_id == self.user_id:
                return True
            head = head.parent_id
        return False

    def _strategy_due(self, company):
        today = company._kam_today()
        try:
            return company._kam_add_working_days(today, WORKING_DAYS)
        except UserError:
            # A calendar without working days stops no decision about tiers.
            return today + timedelta(days=2 * 7)

    def _prepare_strategy_action(self, old, new, due):
        reader = self.with_context(lang=self.user_id.lang)
        old, new = old.with_env(reader.env), new.with_env(reader.env)
        proposals = reader._strategy_proposals(reader, old, new)
        name = reader.env._(
            "Adjust the strategy for %(account)s (%(old)s → %(new)s): review team and service pack",
            account=self.name,
            old=old.name or "–",
            new=new.name or "–",
        )
        return {
            "name": name,
            "note": "\n".join(proposals),
            "user_id": self.user_id.id,
            "date_due": due,
            "account_id": self.id,
            "company_id": self.company_id.id,
        }

    def _strategy_proposals(self, account, old, new):
        """What is proposed when the level of an account changes; hook.

        :return: list of sentences in the language of who leads the account
        """
        # sudo: of this account only, for the person who leads it.
        gaps = self.env["kam.team.gap"].sudo().with_company(account.company_id)
        found = gaps.search([("account_id", "=", account.id)])
        return [self.env._("Team: %(what)s", what=gap.what) for gap in found]
