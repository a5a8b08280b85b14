# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""A company at work before our addon arrives; runs in Odoo's shell."""

from datetime import datetime

from odoo import Command

company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("generic_coa", company)
people = env["res.partner"].create([{"name": f"Customer {n}"} for n in range(20)])
env["res.partner"].create([{"name": f"Contact {p.id}", "parent_id": p.id} for p in people])
product = env["product.product"].create({"name": "Lift", "type": "consu"})
line = {"product_id": product.id, "price_unit": 1000}
orders = env["sale.order"].create(
    [{"partner_id": p.id, "order_line": [Command.create(line)]} for p in people]
)
orders[:10].action_confirm()
env["crm.lead"].create([{"name": f"Lead {p.id}", "partner_id": p.id} for p in people])
env["account.move"].create(
    [
        {
            "move_type": "out_invoice",
            "partner_id": p.id,
            "invoice_date": "2026-01-15",
            "invoice_line_ids": [Command.create(line)],
        }
        for p in people
    ]
).action_post()
env["calendar.event"].create(
    {"name": "Visit", "start": datetime(2026, 1, 5, 9), "stop": datetime(2026, 1, 5, 10)}
)
env.cr.commit()
print("RESULT {}")
