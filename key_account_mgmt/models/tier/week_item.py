from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ...policy.periods import Period, add_months


class KamWeekItem(models.Model):
    """My accounts' money: what is overdue, and this month against the last one.

    Only of accounts the user leads: their figures are his to see.  Source: users §2.
    """

    _inherit = "kam.week.item"

    @api.model
    def _week_figures(self, user, day):
        figures = super()._week_figures(user, day)
        for company, accounts in self._week_led_accounts(user).grouped("company_id").items():
            figures += self._week_overdue(company, accounts)
            figures += self._week_month(company, accounts, day)
        return figures

    @api.model
    def _week_led_accounts(self, user):
        Account = self.env["kam.account"]
        if not Account.has_access("read"):
            return Account
        return Account.search_fetch(
            [("user_id", "=", user.id)], ["partner_id", "company_id", "overdue"]
        )

    @api.model
    def _week_overdue(self, company, accounts):
        """“Overdue ¥ 120 万 at 3 accounts”, as of last night."""
        late = accounts.filtered(lambda account: account.overdue > 0)
        if not late:
            return []
        amount = company._kam_format_amount(sum(late.mapped("overdue")))
        return [
            {
                "code": "overdue_money",
                "label": self._week_company_label(self.env._("Overdue Receivables"), company),
                "value": amount,
                "before": self.env._("at %(count)s accounts", count=len(late))
                if len(late) > 1
                else late.display_name,
                "change": False,
                "level": "danger",
                "method": "action_open_overdue",
            }
        ]

    @api.model
    def _week_month(self, company, accounts, day):
        """Sales from the first of the month to the day, and to the same day last month."""
        label = self.env._("Sales This Month")
        return self._week_month_of("annual_sales", "sales_month", label, company, accounts, day)

    @api.model
    def _week_month_of(self, measured, code, label, company, accounts, day):
        """A metric from the first of the month to the day, beside the same days last month."""
        # sudo: the registry of figures; whom they are shown to is decided here.
        metric = self.env["kam.metric"].sudo().search([("code", "=", measured)], limit=1)
        if not metric or not metric._may_see(self.env.user):
            return []
        scheme = self.env["kam.tier.scheme"].sudo()._primary(company)
        options = scheme._metric_options() if scheme else None
        first = day.replace(day=1)
        periods = (Period(first, day), Period(add_months(first, -1), add_months(day, -1)))
        now, before = (
            sum(
                value or 0.0
                for value in metric._evaluate(
                    accounts.partner_id, company, period, options
                ).values()
            )
            for period in periods
        )
        return [
            {
                "code": code,
                "label": self._week_company_label(label, company),
                "value": company._kam_format_amount(now),
                "before": self.env._(
                    "last month to the same day %(amount)s",
                    amount=company._kam_format_amount(before),
                ),
                "change": self._week_change(now, before),
                "level": "success" if now >= before else "warning",
                "method": False,
            }
        ]

    @api.model
    def _week_change(self, now, before):
        """“+17 %”; nothing where there is nothing to compare with."""
        if before <= 0:
            return False
        number = formatLang(self.env, 100.0 * (now - before) / before, digits=0)
        sign = "+" if now > before else ""
        return self.env._("%(number)s %%", number=f"{sign}{number}")

    @api.model
    def _week_company_label(self, label, company):
        several = len(self.env.companies.root_id) > 1
        return f"{label} · {company.name}" if several else label

    @api.model
    def action_open_overdue(self):
        """The overdue documents of the accounts the user leads, as far as he may read
        documents at all; else the accounts.
        """
        self.browse().check_access("read")
        late = self._week_led_accounts(self.env.user).filtered(lambda a: a.overdue > 0)
        if not late:
            raise UserError(self.env._("Nothing is overdue at your accounts."))
        if len(late.company_id) == 1 and self.env["account.move.line"].has_access("read"):
            # sudo: the registry of figures; the documents are opened with the user's rights.
            metric = self.env["kam.metric"].sudo().search([("code", "=", "overdue_receivables")])
            if metric:
                today = late.company_id._kam_today()
                return metric.sudo(False)._explain_action(
                    late.partner_id, late.company_id, Period(today, today)
                )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_account_action_all"
        )
        return action | {"domain": [("id", "in", late.ids)], "context": {}}
