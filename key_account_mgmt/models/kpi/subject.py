"""Who is assessed, over which kind of period, and what a measured figure looks like."""

from collections import namedtuple

from ...policy import spreading

PERIOD_KINDS = [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")]
SUBJECT_KINDS = [
    ("user", "Person"),
    ("team", "Team"),
    ("programme", "Whole Programme"),
    ("account", "Account"),
]
GROUPS = [
    ("sales", "Sales Results"),
    ("relationship", "Customer Relationship"),
    ("process", "Process"),
    ("team", "Teamwork"),
]

# id of res.users, crm.team or kam.account; 0 for the programme.
KpiSubject = namedtuple("KpiSubject", "kind id")
# value None: not measurable.  A plain sum has no denominator.
KpiFigure = namedtuple("KpiFigure", "value numerator denominator")

NOT_MEASURABLE = KpiFigure(None, None, None)
PROGRAMME = KpiSubject("programme", 0)


def fiscal_end(company):
    """``(last month, last day)`` of the company's fiscal year, for ``policy.spreading``."""
    # sudo: when a year ends is no secret of whoever may not open the company's settings.
    company = company.sudo()
    return int(company.fiscalyear_last_month), company.fiscalyear_last_day


def period_of(company, kind, day):
    """The month, quarter or fiscal year of ``company`` a day lies in."""
    return spreading.period_of(kind, day, *fiscal_end(company))


def previous_period(company, kind, period):
    """The period of the same kind before this one."""
    return spreading.previous(kind, period, *fiscal_end(company))
