from dataclasses import dataclass

BASES = [("invoice", "Posted invoices"), ("order", "Confirmed orders")]
TAXES = [("excluded", "Untaxed"), ("included", "Tax included")]
PARTIES = [
    ("invoice", "Invoiced customer"),
    ("order", "Ordering customer"),
    ("delivery", "Delivery address"),
    ("end_customer", "End customer"),
]


@dataclass(frozen=True)
class MetricOptions:
    """How sales are counted; a tier scheme or a KPI set chooses, the metric obeys.

    :param basis: ``invoice`` (posted, net of refunds) or ``order`` (confirmed)
    :param tax: ``excluded`` or ``included``
    :param party: whose sales they are, a key of :data:`PARTIES`; a document without a
        delivery address, order or end customer counts for the invoiced customer
    :param company_ids: a named set of companies summed up in the currency of the
        evaluated company; empty: that company and its branches
    :param tz: time zone in which a day of an order begins; empty: the company's

    Source: C5, (g) Q2.
    """

    basis: str = "invoice"
    tax: str = "excluded"
    party: str = "invoice"
    company_ids: tuple = ()
    tz: str = ""

    def __post_init__(self):
        object.__setattr__(self, "company_ids", tuple(self.company_ids or ()))
        for value, choices in (
            (self.basis, BASES),
            (self.tax, TAXES),
            (self.party, PARTIES),
        ):
            if value not in dict(choices):
                raise ValueError(f"Unknown metric option: {value}")
