# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""Give the scheduled jobs everything to do on ARGUMENTS["day"]; runs in Odoo's shell.

An approved evaluation takes effect, a second scheme stands beside the primary one, a
third applies itself, and the yearly round is due.  Two more evaluations wait for the
general manager, far too long: three levels of escalation are due.  Today is worked,
whatever weekday it is: messages go out.
"""

from datetime import timedelta

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
env["kam.calendar.day"].create(
    [
        {"name": "At work", "date": today + timedelta(days=days), "kind": "workday"}
        for days in (-1, 0, 1)
    ]
)
env.cr.commit()
print("RESULT {}")
