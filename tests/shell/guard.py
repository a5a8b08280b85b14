# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""Contract control of Alpine Lifts, with a frame contract of one million in force; prints
their ids. Runs in Odoo's shell, on a copy of the small world."""

import json
from datetime import date, timedelta

from odoo import Command

CEILING = 1_000_000


def switch_on():
    company, today = env.company, env.company._kam_today()
    env.ref("key_account_mgmt.group_kam_area_contract")._kam_switch_on()
    customer = env["res.partner"].search([("name", "=", "Alpine Lifts")], limit=1)
    account = customer.with_company(company).kam_account_id
    if not account.tier_id:
        tier = env.ref("key_account_mgmt.kam_tier_s3_key")
        account._assign_tier(tier.scheme_id, tier, date(2025, 1, 1), "opening")
    company.write(
        {
            "kam_guard_from": date(2020, 1, 1),
            "kam_guard_tier_ids": [Command.set(account.tier_id.ids)],
            "kam_guard_amount": 100_000.0,
        }
    )
    frame = env["kam.contract"].create(
        {
            "name": "Frame",
            "kind": "frame",
            "company_id": company.id,
            "own_partner_id": customer.id,
            "amount_total": CEILING,
            "date_from": today - timedelta(days=30),
            "date_to": today + timedelta(days=300),
        }
    )
    frame._as_engine().write({"state": "in_force", "signed_on": today})
    env.cr.commit()
    return {"customer": customer.id, "frame": frame.id}


print("RESULT " + json.dumps(switch_on()))
