# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""Two years of a company whose figures are known from its tables; runs in Odoo's shell.

Three account managers with eight customers each; two customers change hands in the
quarter that is assessed.  Chance, but the same every time.  States of the past are
written straight into the tables: how they came about is another test's business.
ARGUMENTS: `start` and `end` of the quarter, `day` on which the scorecards are made.
"""

import random
from datetime import date, datetime, timedelta

from odoo import Command

START, END = (date.fromisoformat(ARGUMENTS[name]) for name in ("start", "end"))
FIRST = START - timedelta(days=700)
DAYS = (END - FIRST).days
COST = 60.0
chance = random.Random(20260701)
company = env.company
yuan = env.ref("base.CNY")
euro = env.ref("base.EUR")
(yuan | euro).active = True
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company)
company.write({"currency_id": yuan.id, "kam_go_live_date": FIRST})
company.resource_calendar_id.tz = company.partner_id.tz = "Asia/Shanghai"
env["res.currency.rate"].create(
    [
        {"currency_id": euro.id, "name": FIRST - timedelta(days=400), "rate": 0.125},
        {"currency_id": euro.id, "name": START, "rate": 0.128},
    ]
)
areas = ("visit", "bid", "contract", "issue", "kpi")
env["res.config.settings"].create({f"group_kam_area_{a}": True for a in areas}).execute()
KAM = "key_account_mgmt.group_kam_"
users = {
    login: new_user(login, (f"{KAM}user", "sales_team.group_sale_salesman"))
    for login in ("ann", "bob", "cai")
}
users["dora"] = new_user("dora", (f"{KAM}director", "sales_team.group_sale_salesman_all_leads"))
managers = [users[login] for login in ("ann", "bob", "cai")]
sales, quality = env["kam.department"].create([{"name": "Sales"}, {"name": "Quality"}])
customers = env["res.partner"].create(
    [{"name": f"Customer {n}", "is_company": True} for n in range(24)]
)
contacts = env["res.partner"].create(
    [{"name": f"Buyer {p.id}", "parent_id": p.id} for p in customers]
)
accounts = env["kam.account"].create(
    [
        {"partner_id": customer.id, "user_id": managers[n % 3].id}
        for n, customer in enumerate(customers)
    ]
)
env.flush_all()
env.cr.execute("UPDATE kam_team_member SET date_from = %s WHERE is_lead", [FIRST])
# Handed over in the middle: from ann to bob, from bob to cai.
LEAD = "SELECT id, role_id, company_id FROM kam_team_member WHERE is_lead AND account_id = %s"
for account, receiver, day in (
    (accounts[0], managers[1], START + timedelta(days=40)),
    (accounts[1], managers[2], START + timedelta(days=61)),
):
    env.cr.execute(LEAD, [account.id])
    row, role, owner = env.cr.fetchone()
    env.cr.execute(
        "UPDATE kam_team_member SET date_to = %s, is_lead = TRUE WHERE id = %s",
        [day - timedelta(days=1), row],
    )
    env.cr.execute(
        """INSERT INTO kam_team_member (account_id, company_id, user_id, role_id, date_from,
                                        is_lead, is_dedicated)
           VALUES (%s, %s, %s, %s, %s, TRUE, FALSE)""",
        [account.id, owner, receiver.id, role, day],
    )
    env.cr.execute("UPDATE kam_account SET user_id = %s WHERE id = %s", [receiver.id, account.id])
env.invalidate_all()

product = env["product.product"].create(
    {"name": "Door operator", "type": "consu", "standard_price": COST, "taxes_id": False}
)


def some_day(first=FIRST, last=END):
    return first + timedelta(days=chance.randrange((last - first).days + 1))


# Invoices and credit notes -----------------------------------------------------------
def invoice(partner, day, kind="out_invoice", currency=yuan):
    quantity = chance.randrange(1, 20)
    return {
        "move_type": kind,
        "partner_id": partner.id,
        "invoice_date": day,
        "date": day,
        "currency_id": currency.id,
        "invoice_line_ids": [
            Command.create(
                {
                    "product_id": product.id,
                    "quantity": quantity,
                    "price_unit": chance.randrange(40, 400),
                    "tax_ids": [Command.clear()],
                }
            )
        ],
    }


moves = []
for n, customer in enumerate(customers):
    # The last ones are young, some have gone, one bought on the edges of the quarter only.
    first = START + timedelta(days=10) if n in (20, 21) else FIRST
    last = START - timedelta(days=330) if n in (18, 19) else END
    for number in range(9):
        kind = "out_refund" if number == 8 and n % 4 == 0 else "out_invoice"
        buyer = contacts[n] if number % 3 == 0 else customer
        moves.append(invoice(buyer, some_day(first, last), kind, euro if n % 7 == 3 else yuan))
edges = (START - timedelta(days=1), START, END, END + timedelta(days=1))
moves += [invoice(customers[2], day) for day in edges]
posted = env["account.move"].create(moves)
posted.action_post()
env["account.move"].create([invoice(customers[3], START)])
env["account.move"].create([invoice(customers[3], START)]).button_cancel()

# Orders ------------------------------------------------------------------------------
orders = env["sale.order"].create(
    [
        {
            "partner_id": customers[n % 24].id,
            "order_line": [
                Command.create(
                    {"product_id": product.id, "price_unit": 90.0, "tax_ids": [Command.clear()]}
                )
            ],
        }
        for n in range(110)
    ]
)
orders[:90].action_confirm()
env.flush_all()
for order in orders:
    moment = datetime.combine(some_day(), datetime.min.time()) + timedelta(
        hours=chance.randrange(24)
    )
    env.cr.execute("UPDATE sale_order SET date_order = %s WHERE id = %s", [moment, order.id])
env.cr.execute("UPDATE sale_order SET state = 'cancel' WHERE id = ANY(%s)", [orders[80:90].ids])
# The last evening in UTC is the next day where the company works.
env.cr.execute(
    "UPDATE sale_order SET date_order = %s WHERE id = %s",
    [datetime(END.year, END.month, END.day, 17), orders[0].id],
)

# Issues and requests -----------------------------------------------------------------
kinds = [env.ref(f"key_account_mgmt.kam_issue_kind_{name}") for name in ("complaint", "technical")]
issues = env["kam.issue"].create(
    [
        {
            "account_id": accounts[n % 24].id,
            "kind_id": kinds[n % 3 == 0].id,
            "description": f"Noise {n}",
            "user_id": users["dora"].id,
        }
        for n in range(60)
    ]
)
env.flush_all()
for n, issue in enumerate(issues):
    env.cr.execute(
        "UPDATE kam_issue SET reported_day = %s, state = %s, department_id = NULL WHERE id = %s",
        [some_day(START - timedelta(days=40)), "rejected" if n % 9 == 0 else "closed", issue.id],
    )
kind = env.ref("key_account_mgmt.kam_request_kind_feedback")
requests = env["kam.request"].create(
    [
        {
            "name": f"Ask {n}",
            "kind_id": kind.id,
            "account_id": accounts[n % 24].id,
            "user_id": users["dora"].id,
        }
        for n in range(60)
    ]
)
env.flush_all()
for n, request in enumerate(requests):
    due = some_day(START - timedelta(days=20))
    answered = due + timedelta(days=chance.randrange(-4, 3)) if n % 5 else None
    env.cr.execute(
        """UPDATE kam_request SET date_due = %s, answered_day = %s, answered_on = %s,
                  is_cross_department = %s, requester_department_id = %s, department_id = %s,
                  state = %s WHERE id = %s""",
        [
            due, answered, answered, bool(n % 6), sales.id,
            quality.id if n % 6 else sales.id,
            "cancelled" if n % 13 == 0 else "closed" if answered else "accepted",
            request.id,
        ],
    )  # fmt: skip

# Bids and contracts ------------------------------------------------------------------
leads = env["crm.lead"].create(
    [
        {
            "name": f"Tender {n}",
            "type": "opportunity",
            "partner_id": contacts[n % 24].id,
            "user_id": managers[n % 3].id,
        }
        for n in range(48)
    ]
)
bids = env["kam.bid"].create(
    [
        {
            "lead_id": lead.id,
            "user_id": lead.user_id.id,
            "deadline": datetime(START.year, START.month, 1, 9) + timedelta(days=900),
        }
        for lead in leads
    ]
)
env.flush_all()
results = ("won", "lost", "rejected", "cancelled", "won", "withdrawn")
for n, bid in enumerate(bids):
    env.cr.execute(
        "UPDATE kam_bid SET result = %s, result_on = %s WHERE id = %s",
        [results[n % 6], some_day(START - timedelta(days=30)), bid.id],
    )
contracts = (
    env["kam.contract"]
    ._as_engine()
    .create(
        [
            {
                "name": f"Contract {n}",
                "type_id": env["kam.contract.type"].search([], limit=1).id,
                "own_partner_id": customers[n % 24].id,
                "company_id": company.id,
                "user_id": users["dora"].id,
                "amount_total": 1000.0,
            }
            for n in range(60)
        ]
    )
)
env.flush_all()
for n, contract in enumerate(contracts):
    deadline = some_day(START - timedelta(days=30))
    signed = deadline + timedelta(days=chance.randrange(-6, 4)) if n % 4 else None
    env.cr.execute(
        "UPDATE kam_contract SET sign_deadline = %s, signed_on = %s, state = %s WHERE id = %s",
        [deadline, signed, "cancelled" if n % 11 == 0 else "in_force" if signed else "to_sign",
         contract.id],
    )  # fmt: skip
env.invalidate_all()
milestones = env["kam.contract.milestone"].create(
    [
        {
            "contract_id": contract.id,
            "name": f"Step {number}",
            "user_id": users["dora"].id,
            "date_due": END + timedelta(days=900),
        }
        for contract in contracts.filtered(lambda c: c.state == "in_force")
        for number in range(2)
    ]
)
env.flush_all()
for n, milestone in enumerate(milestones):
    due = some_day(START - timedelta(days=20))
    done = datetime.combine(due, datetime.min.time()) + timedelta(
        days=chance.randrange(-3, 2), hours=4
    )
    late = done.date() > due
    env.cr.execute(
        """UPDATE kam_action SET date_due = %s, date_due_first = %s, state = %s, done_on = %s,
                  is_on_time = %s WHERE id = %s""",
        [due, due, "done" if n % 5 else "open", done if n % 5 else None,
         bool(n % 5) and not late, milestone.action_id.id],
    )  # fmt: skip
    env.cr.execute(
        "UPDATE kam_contract_milestone SET conformity = %s WHERE id = %s",
        ["conform" if n % 7 else "deviates", milestone.id],
    )

# Visits ------------------------------------------------------------------------------
starts = [datetime.combine(some_day(START - timedelta(days=20)), datetime.min.time())
          for _number in range(90)]  # fmt: skip
visits = env["kam.visit"].create(
    [
        {
            "account_id": accounts[n % 24].id,
            "start": start + timedelta(days=1900, hours=2),
            "user_id": accounts[n % 24].user_id.id,
        }
        for n, start in enumerate(starts)
    ]
)
env.flush_all()
for n, (visit, start) in enumerate(zip(visits, starts, strict=True)):
    due = start.date() + timedelta(days=3)
    reported = start + timedelta(days=chance.randrange(0, 6), hours=5) if n % 6 else None
    env.cr.execute(
        """UPDATE kam_visit SET start = %s, stop = %s, day = %s, report_due = %s,
                  reported_on = %s, state = %s WHERE id = %s""",
        [start, start, start.date(), due, reported,
         "missed" if n % 17 == 0 else "reported" if reported else "to_report", visit.id],
    )  # fmt: skip
env.invalidate_all()
env.cr.commit()
env["kam.scorecard"]._cron_scorecards(date.fromisoformat(ARGUMENTS["day"]))
env.cr.commit()
print("RESULT {}")
