# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""Give the scheduled jobs everything to do on ARGUMENTS["day"]; runs in Odoo's shell.

An approved evaluation takes effect, a second scheme stands beside the primary one, a
third applies itself, and the yearly round is due.
"""

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
env.cr.commit()
print("RESULT {}")
