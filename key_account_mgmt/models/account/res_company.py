from odoo import api, fields, models
from odoo.tools.misc import formatLang

AMOUNT_UNITS = [
    ("1", "1 (full amount)"),
    ("10000", "10 thousand (万)"),
    ("1000000", "Million"),
]
NBSP = "\N{NO-BREAK SPACE}"


class ResCompany(models.Model):
    _inherit = "res.company"

    kam_go_live_date = fields.Date(
        "Key Accounts Go-Live",
        help="Nothing before this day is due, overdue, missing or new.",
    )
    # No default: installing must not rewrite the rows of companies. Empty: full amounts.
    kam_amount_unit = fields.Selection(AMOUNT_UNITS, "Show Amounts in")
    kam_account_properties_definition = fields.PropertiesDefinition("Account File Properties")

    def _kam_today(self):
        """The day it is where the company works; jobs and decisions use this one."""
        self.ensure_one()
        tz = self.root_id.resource_calendar_id.tz or self.env.user.tz
        return fields.Date.context_today(self.with_context(tz=tz))

    def _kam_amount_unit(self):
        """What the company divides amounts by before it shows them: 1, 10000 or 1000000.

        A branch shows them as its root company does.
        """
        # sudo: how numbers are written is no secret of the root company.
        return int(self.sudo().root_id.kam_amount_unit or 1)

    def _kam_amount_unit_label(self, currency=None):
        """The unit of a whole table, in words: “10 thousand Yuan”, “Yuan”."""
        self.ensure_one()
        currency = currency or self.currency_id
        name = currency.currency_unit_label or currency.name
        unit = self._kam_amount_unit()
        if unit == 10_000:
            return self.env._("10 thousand %(currency)s", currency=name)
        if unit == 1_000_000:
            return self.env._("million %(currency)s", currency=name)
        return name

    def _kam_amount_number(self, amount):
        """An amount as a bare number for a column under :meth:`_kam_amount_unit_label`."""
        unit = self._kam_amount_unit()
        return formatLang(self.env, amount / unit + 0.0, digits=0 if unit == 1 else 2)

    def _kam_format_amount(self, amount, currency=None):
        """An amount with currency, in the company's unit: “¥ 2,120 万”.

        What looks round is round: 19,999,960 is “1,999.996 万”, so that a figure just
        below a threshold is not shown as if it reached it.
        """
        self.ensure_one()
        currency = currency or self.currency_id
        unit = self._kam_amount_unit()
        if unit == 1:
            return currency.format(amount)
        value = amount / unit + 0.0
        text = f"{value:.2f}"
        if text.endswith(".00"):
            text = f"{value:.{len(str(unit)) - 1 + currency.decimal_places}f}"
        digits = len(text.rstrip("0").partition(".")[2])
        parts = [currency.symbol, formatLang(self.env, value, digits=digits)]
        if currency.position == "after":
            parts.reverse()
        number = NBSP.join(parts)
        if unit == 10_000:
            return self.env._("%(number)s 万", number=number)
        return self.env._("%(number)s million", number=number)

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # A new branch must find the account files of its root company.
        branches = companies.filtered("parent_id")
        if branches:
            domain = [("company_id", "in", branches.root_id.ids)]
            self.env["kam.account"].sudo().search(domain)._link_partners()
        return companies
