# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""The small world the tests from outside work on; runs in Odoo's shell.

Nine customers with posted invoices of the last twelve closed months, scheme S3 as the
primary one, a user per role (password = login), last night's figures, and one evaluation
that waits for the general manager. Borealis and Alpine are owed visits, by policies in
force since last month, and something of every kind is under way with them. Prints the ids
by name and an API key per login.
"""

import json
from datetime import timedelta

from odoo import Command, fields

from odoo.addons.key_account_mgmt.policy.periods import add_months

MILLION = 1_000_000
KAM = "key_account_mgmt.group_kam_"
SELLER = "sales_team.group_sale_salesman"
ALL_SALES = "sales_team.group_sale_salesman_all_leads"
INVOICES = "account.group_account_readonly"
USERS = {
    "office": (f"{KAM}officer", ALL_SALES, INVOICES),
    "boss": (f"{KAM}gm", ALL_SALES, INVOICES),
    "director": (f"{KAM}director", ALL_SALES, INVOICES),
    "manager": (f"{KAM}user", SELLER),
    "engineer": (f"{KAM}member",),
    "auditor": (f"{KAM}auditor", INVOICES),
    "policyadmin": (f"{KAM}admin",),
    "seller": (SELLER,),
    "portal": ("base.group_portal",),
}
# name: sales of the window, standing, flags
CUSTOMERS = {
    "Alpine Lifts": (24 * MILLION, "leading", ()),
    "Borealis Elevators": (6 * MILLION, "medium", ()),
    "Cygnus Towers": (7 * MILLION, "medium", ()),
    "Delta Homes": (1 * MILLION, "other", ()),
    "Everest Group": (12 * MILLION, "leading", ()),
    "Everest Service": (10 * MILLION, None, ()),
    "Fuji Parts": (21 * MILLION, None, ()),
    "Gobi Rail": (3 * MILLION, "other", ("famous_brand", "strategic_significance")),
    "Harbour Hoists": (19_500_000, "leading", ()),
}


def load():
    day = env.company._kam_today()
    set_up_company(day)
    users = {login: new_user(login, groups) for login, groups in USERS.items()}
    customers = new_customers(users)
    sell(customers, day)
    assess(customers, day)
    env.ref("key_account_mgmt.kam_tier_scheme_s3").action_make_primary()
    open_files(customers, users, day)
    # The tours of Odoo's own apps would stand between a test and the screen.
    env.ref("base.user_admin").write({"lang": "en_US", "tour_enabled": False})
    documents = new_documents(customers["Borealis Elevators"], users["seller"])
    documents |= new_documents(customers["Alpine Lifts"], users["seller"], "Alpine ")
    env.cr.commit()
    env["kam.tier.evaluation"]._cron_nightly()
    documents |= care(customers, users, day)
    env["kam.obligation"]._cron_nightly()
    documents["pending evaluation"] = submit_one(customers["Delta Homes"], users["office"]).id
    env.cr.commit()
    names = {name: record.id for name, record in {**users, **customers}.items()}
    keys = {login: api_key(user) for login, user in users.items()}
    keys["admin"] = api_key(env.ref("base.user_admin"))
    env.cr.commit()
    return {"ids": names | documents, "keys": keys}


def set_up_company(day):
    company = env.company
    currency = env.ref("base.CNY")
    currency.active = True
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    company.partner_id.lang = "en_US"
    company.write(
        {
            "name": "Yunting",
            "currency_id": currency.id,
            "kam_go_live_date": add_months(day, -24),
        }
    )


def new_customers(users):
    customers = env["res.partner"].create(
        [{"name": name, "is_company": True} for name in CUSTOMERS]
    )
    customers[:4].user_id = users["manager"]
    customers[0].user_id = users["seller"]
    return {customer.name: customer for customer in customers}


def sell(customers, day):
    """Two invoices per customer, half of the sales each, in the window of twelve months."""
    product = env["product.product"].create(
        {"name": "Door operator", "type": "consu", "taxes_id": [Command.clear()]}
    )
    months = [add_months(day.replace(day=15), -back) for back in (3, 8)]
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": customers[name].id,
                "invoice_date": month,
                "date": month,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": sales / 2,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
            for month in reversed(months)
            for name, (sales, _standing, _flags) in CUSTOMERS.items()
        ]
    )
    moves.action_post()


def assess(customers, day):
    proof = env["ir.attachment"].create({"name": "proof.txt", "raw": b"seen"})
    common = {"date": add_months(day, -3), "attachment_ids": [Command.set(proof.ids)]}
    for name, (_sales, standing, flags) in CUSTOMERS.items():
        subject = {**common, "partner_id": customers[name].id}
        if standing:
            env["kam.industry.standing"].create({**subject, "standing": standing})
        for flag in flags:
            record = env.ref(f"key_account_mgmt.kam_tier_flag_{flag}")
            env["kam.qualification"].create({**subject, "flag_id": record.id})


def open_files(customers, users, day):
    """Borealis is a key account from before; Everest is a group of two."""
    env["kam.opening.classification"].create(
        {
            "partner_id": customers["Borealis Elevators"].id,
            "tier_id": env.ref("key_account_mgmt.kam_tier_s3_key").id,
            "date_from": add_months(day, -36),
            "user_id": users["manager"].id,
        }
    ).action_apply()
    head, member, alpine = env["kam.account"].create(
        [
            {"partner_id": customers[name].id, "user_id": users["manager"].id}
            for name in ("Everest Group", "Everest Service", "Alpine Lifts")
        ]
    )
    member.parent_id = head
    role = env["kam.team.role"].search([], limit=1)
    alpine.member_ids = [
        Command.create(
            {
                "user_id": users["engineer"].id,
                "role_id": role.id,
                "date_from": day - timedelta(days=30),
            }
        )
    ]


def new_documents(customer, seller, prefix=""):
    lead = env["crm.lead"].create(
        {
            "name": f"{prefix}opportunity",
            "type": "opportunity",
            "partner_id": customer.id,
            "user_id": seller.id,
        }
    )
    product = env["product.product"].search([("name", "=", "Door operator")])
    order = env["sale.order"].create(
        {
            "partner_id": customer.id,
            "user_id": seller.id,
            "order_line": [Command.create({"product_id": product.id, "price_unit": 1000})],
        }
    )
    return {f"{prefix}opportunity": lead.id, f"{prefix}quotation": order.id}


def submit_one(customer, office):
    evaluation = (
        env["kam.tier.evaluation"]
        .with_user(office)
        .create({"name": "Waiting evaluation", "partner_ids": [Command.set(customer.ids)]})
    )
    evaluation.action_compute()
    evaluation.action_submit()
    return evaluation


def care(customers, users, day):
    """What people do for Alpine and Borealis; what is owed to them is left to the night."""
    env.ref("key_account_mgmt.kam_tier_s3_key").obligation_by_reference = True
    last_month = add_months(day.replace(day=1), -1)
    env["kam.obligation.policy"].search([]).date_from = last_month
    accounts = env["kam.account"].search([])
    alpine, borealis = (
        accounts.filtered(lambda a, name=name: a.partner_id == customers[name])
        for name in ("Alpine Lifts", "Borealis Elevators")
    )
    alpine.service_pack_id = env.ref("key_account_mgmt.kam_service_pack_l1")
    borealis.executive_sponsor_id = users["director"]
    borealis.member_ids = [
        Command.create(
            {
                "user_id": users["manager"].id,
                "role_id": env.ref(f"key_account_mgmt.kam_team_role_{role}").id,
                "date_from": last_month,
            }
        )
        for role in ("technical", "quality")
    ]
    manager = env(user=users["manager"], context={})
    now = fields.Datetime.now()
    common = {"account_id": alpine.id}
    visit = manager["kam.visit"].create({**common, "start": now - timedelta(hours=2)})
    person = env["res.partner"].create({"name": "Buyer Li", "parent_id": alpine.partner_id.id})
    stakeholder = manager["kam.stakeholder"].create(
        {
            **common,
            "partner_id": person.id,
            "role_id": env.ref("key_account_mgmt.kam_stakeholder_role_decision_maker").id,
            "attitude": "supporter",
        }
    )
    request = manager["kam.request"].create(
        {
            **common,
            "name": "Price list",
            "kind_id": env.ref("key_account_mgmt.kam_request_kind_feedback").id,
            "user_id": users["director"].id,
        }
    )
    insight = manager["kam.insight"].create(
        {
            **common,
            "name": "Wants quieter doors",
            "kind_id": env.ref("key_account_mgmt.kam_insight_kind_needs").id,
        }
    )
    action = manager["kam.action"].create(
        {
            **common,
            "name": "Send the drawings",
            "user_id": users["manager"].id,
            "date_due": day + timedelta(days=90),
        }
    )
    alpine.message_post(body="They build a new plant.")
    env.flush_all()
    return {
        "Alpine visit": visit.id,
        "Alpine stakeholder": stakeholder.id,
        "Alpine request": request.id,
        "Alpine insight": insight.id,
        "Alpine action": action.id,
    }


def api_key(user):
    expires = fields.Datetime.now() + timedelta(days=1)
    return env["res.users.apikeys"].with_user(user).sudo()._generate(None, "tests", expires)


print(f"RESULT {json.dumps(load())}")
