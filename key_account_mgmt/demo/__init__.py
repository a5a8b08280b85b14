"""The demo company Yunting 云亭, told relative to the day it is loaded.

``./dev demo`` calls :func:`load_demo` once, on an empty database.  The modules are read
in the order of :data:`CHAPTERS`; every one has a function ``load(story)``.
"""

import time

from . import (
    account_plans,
    actions,
    accounts,
    approvals,
    bids,
    calendar_days,
    company,
    contract_rounds,
    contract_supplements,
    contracts,
    contracts_running,
    customers,
    evaluations,
    guard,
    issues,
    negotiations,
    obligations,
    people,
    people_map,
    pipeline,
    prices,
    profiles,
    programme_reviews,
    pursuits,
    reviews,
    sales,
    schemes,
    scorecards,
    status_reports,
    targets,
    team,
    visits,
)
from .safety import check_empty
from .story import Story

CHAPTERS = (
    ("companies, currencies, products", company),
    ("public holidays", calendar_days),
    ("people and departments", people),
    ("customers", customers),
    ("three years of invoices, refunds and receipts", sales),
    ("schemes, opening classification, evidence", schemes),
    ("account files, groups, teams", accounts),
    ("opportunities, quotations, orders", pipeline),
    ("who decides at the customers, requests between departments", people_map),
    ("approval route and a journey", approvals),
    ("profiles, insights, service packs", profiles),
    ("evaluations and the night's figures", evaluations),
    ("leads, a hand-over, team gaps", team),
    ("what was promised to the customers", actions),
    ("a year of visits", visits),
    ("what is owed since January", obligations),
    ("deals registered and pursued", pursuits),
    ("tenders, bonds and certificates", bids),
    ("a price round", negotiations),
    ("filing meetings, referrals, scores", reviews),
    ("plans, target accounts, campaign, work of the year", account_plans),
    ("issues, measures and a late order", issues),
    ("contracts drafted", contracts),
    ("contracts reviewed and to sign", contract_rounds),
    ("contracts in force", contracts_running),
    ("supplementary agreements", contract_supplements),
    ("contract control", guard),
    ("prices of levels, an approval, quantity steps", prices),
    ("targets of people, team, accounts and programme", targets),
    ("scorecards, an objection, a credit note afterwards", scorecards),
    ("status reports of two months", status_reports),
    ("reviews of the programme, of prices and an audit", programme_reviews),
)


def load_demo(env):
    """Tell the demo story in an empty database, once.

    :param env: superuser environment; the languages en_US and zh_CN are active
    :raise UserError: the database holds business data (or the demo) already

    Commits after each chapter, prints a line about each.
    """
    check_empty(env)
    story = Story(env)
    for number, (title, chapter) in enumerate(CHAPTERS, start=1):
        started = time.monotonic()
        said = chapter.load(story)
        story.env.flush_all()
        story.env.cr.commit()
        seconds = time.monotonic() - started
        # pylint: disable-next=print-used
        print(f"{number}/{len(CHAPTERS)} {title}: {said} ({seconds:.0f} s)", flush=True)
