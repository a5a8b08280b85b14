from functools import cached_property

from ...policy.periods import Period
from .exchange import ExchangeRates


class SalesScope:
    """Whose sales are counted, how, and in which money: the settings of all scans.

    :param company: figures are in its currency; its documents and those of its
        branches are counted, unless the options name a set of companies
    """

    def __init__(self, env, company, options):
        self.env = env
        self.company = company
        self.options = options
        self.exchange = ExchangeRates(env, company)
        self.rateless = None

    @cached_property
    def companies(self):
        roots = list(self.options.company_ids) or self.company.ids
        return self.env["res.company"].search([("id", "child_of", roots)])

    @cached_property
    def company_ids(self):
        return tuple(self.companies.ids)

    @cached_property
    def tz(self):
        return (
            self.options.tz
            or self.company.partner_id.tz
            or self.company.resource_calendar_id.tz
            or "UTC"
        )

    @cached_property
    def foreign_currencies(self):
        return self.companies.currency_id - self.company.currency_id

    @property
    def is_converted(self):
        return bool(self.foreign_currencies)

    def rates(self, period):
        """Daily rates from the currencies of the other companies of the set."""
        pairs = [(currency, self.company.currency_id) for currency in self.foreign_currencies]
        return self.exchange.table(pairs, period)

    def replacement_rates(self, rateless):
        """Rates for orders without one: ``(company currency, order currency, first, last)``."""
        currencies = self.env["res.currency"]
        rows = []
        for company_currency, order_currency, first, last in rateless:
            pair = (currencies.browse(company_currency), currencies.browse(order_currency))
            rows += self.exchange.table([pair], Period(first, last))
        return rows

    @cached_property
    def has_frozen_cost(self):
        """``sale_margin`` keeps the cost of the day on the order line."""
        return "purchase_price" in self.env["sale.order.line"]._fields

    @cached_property
    def _ton(self):
        return self.env.ref("uom.product_uom_ton")

    @cached_property
    def ton_factor(self):
        return self._ton.factor

    @cached_property
    def weight_uom_ids(self):
        """Units of the family of the ton."""
        root = self._ton.parent_path.split("/")[0]
        units = self.env["uom.uom"].with_context(active_test=False)
        return units.search([("parent_path", "=like", f"{root}/%")]).ids

    @cached_property
    def weight_unit_in_tons(self):
        """What one unit of ``product.weight`` (kg, or lb by setting) is in tons."""
        unit = self.env["product.template"]._get_weight_uom_id_from_ir_config_parameter()
        return unit.factor / self.ton_factor
