# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""Give the scheduled jobs everything to do on ARGUMENTS["day"]; runs in Odoo's shell.

An approved evaluation takes effect, a second scheme stands beside the primary one, a
third applies itself, and the yearly round is due.  Two more evaluations wait for the
general manager, far too long: three levels of escalation are due.  One pursuit is silent,
one for too long; a bid has to be handed in.  Two contracts run.  Today is worked, and so is
that day, whatever weekday they are: messages go out.
"""

from datetime import date, datetime, timedelta

from odoo import Command

day = ARGUMENTS["day"]
schemes = env["kam.tier.scheme"].with_context(active_test=False)
schemes.search([("code", "in", ("s0", "s2_value"))]).active = True
office, boss = (env["res.users"].search([("login", "=", login)]) for login in ("office", "boss"))
primary = schemes.search([("is_primary", "=", True)])
evaluation = (
    env["kam.tier.evaluation"]
    .with_user(office)
    .create(
        {"name": "Takes effect", "effective_date": day, "scheme_ids": [Command.set(primary.ids)]}
    )
)
evaluation.action_compute()
evaluation.action_submit()
steps = env["kam.approval.request.step"].with_user(boss)
steps.search([("request_id.res_id", "=", evaluation.id)]).action_approve("Agreed")
env.invalidate_all()
assert evaluation.state == "approved", evaluation.state

director = env["res.users"].search([("login", "=", "director")])
env.ref("key_account_mgmt.kam_approval_route_tier").step_ids.write(
    {
        "sla_hours": 8,
        "escalation_ids": [
            Command.create({"hours": 0, "kind": "remind"}),
            Command.create({"hours": 8, "kind": "tell", "user_id": director.id}),
            Command.create({"hours": 16, "kind": "add", "user_id": director.id}),
        ],
    }
)
customers = env["kam.account"].search([], limit=2).partner_id
late = (
    env["kam.tier.evaluation"]
    .with_user(office)
    .create(
        [
            {"name": f"Late: {customer.name}", "partner_ids": [Command.set(customer.ids)]}
            for customer in customers
        ]
    )
)
late.action_compute()
late.action_submit()
env.flush_all()
env.cr.execute(
    """UPDATE kam_approval_request_step SET deadline = deadline - interval '60 days'
        WHERE deadline IS NOT NULL AND state = 'pending'"""
)
assert env.cr.rowcount == len(late) == 2, env.cr.rowcount
today = env.company._kam_today()
that_day = date.fromisoformat(day)
worked = {today + timedelta(days=days) for days in (-1, 0, 1)}
env["kam.calendar.day"].create(
    [
        {"name": "At work", "date": one, "kind": "workday"}
        for one in sorted(worked | {that_day, that_day + timedelta(days=1)})
    ]
)


def opportunity(name, partner, user):
    return {
        "name": name,
        "type": "opportunity",
        "partner_id": partner.id,
        "user_id": user.id,
        "expected_revenue": 1000.0,
        "kam_project": name,
        "kam_scope_ids": [Command.set(scope.ids)],
    }


areas = {
    f"group_kam_area_{area}": True
    for area in (
        "pursuit",
        "bid",
        "plan",
        "negotiation",
        "contract",
        "issue",
        "kpi",
        "status",
        "programme",
    )
}
env["res.config.settings"].create(areas).execute()
scope = env["kam.product.scope"].create({"name": "Doors"})
manager = env["res.users"].search([("login", "=", "manager")])
for customer, days in zip(customers, (40, 70), strict=True):
    lead = env["crm.lead"].create(opportunity(f"Line of {customer.name}", customer, manager))
    pursuit = env["kam.pursuit"].create(
        {
            "lead_id": lead.id,
            "user_id": manager.id,
            "objective": "All doors",
            "first_step": "See their engineers",
        }
    )
    pursuit.with_user(manager).sudo().action_apply()
    pursuit.with_user(office).sudo().action_register()
    pursuit._as_engine().write(
        {
            "last_progress_on": that_day - timedelta(days=days),
            "protected_until": that_day + timedelta(days=90),
        }
    )
bid = opportunity("Tender", customers[0], manager)
env["kam.bid"].create(
    {
        "lead_id": env["crm.lead"].create(bid).id,
        "user_id": manager.id,
        "deadline": datetime.combine(that_day + timedelta(days=5), datetime.min.time()),
    }
)
# A frame contract that ends soon, with a notice to give and months to check; one that goes
# on by itself.
env["kam.contract.check.policy"].search([]).key_accounts_only = False
for name, days, kind in (("Frame", 60, "notice"), ("Goes on", -5, "extension")):
    contract = (
        env["kam.contract"]
        ._as_engine()
        .create(
            {
                "name": name,
                "kind": "frame",
                "type_id": env["kam.contract.type"].search([], limit=1).id,
                "own_partner_id": customers[0].id,
                "company_id": env.company.id,
                "user_id": office.id,
                "project_manager_id": manager.id,
                "amount_total": 1000.0,
                "date_from": today - timedelta(days=30),
                "date_to": that_day + timedelta(days=days),
            }
        )
    )
    contract.write({"state": "in_force", "signed_on": today - timedelta(days=30)})
    env["kam.contract.term"].create(
        {
            "contract_id": contract.id,
            "name": name,
            "kind": kind,
            "fixed_on": that_day + timedelta(days=10),
            "extend_months": 12,
        }
    )
# Two issues nobody answered: their handler hears of each deadline, of two levels at once.
ladder = env["kam.issue.escalation"]
ladder.search([]).unlink()
for level, hours in ((1, 0), (2, 8)):
    ladder.create({"level": level, "hours": hours, "receiver": "handler"})
issues = env["kam.issue"].create(
    [
        {
            "account_id": customer.kam_account_id.id,
            "kind_id": env.ref("key_account_mgmt.kam_issue_kind_technical").id,
            "description": f"The door of {customer.name} hums",
            "user_id": office.id,
        }
        for customer in customers
    ]
)
told = env["kam.notice"].search([("res_model", "=", "kam.issue")])
told._as_engine().write({"settled_on": datetime.combine(today, datetime.min.time())})
env.cr.commit()
print("RESULT {}")
