# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""Post an invoice while an evaluation computes; runs in Odoo's shell.

Another process posts it when the first of two schemes is measured and the second is not.
Answers the sales of the customer in each scheme during, and after computing again.
"""

import json
import os
import traceback

import odoo.sql_db
from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry

from odoo.addons.key_account_mgmt.models.tier import tier_evaluation_compute

DATABASE = env.cr.dbname
CUSTOMER = ARGUMENTS["customer"]
env["kam.tier.scheme"].with_context(active_test=False).search([("code", "=", "s0")]).active = True
schemes = env["kam.tier.scheme"].search([("code", "in", ("s0", "s3"))])
evaluation = env["kam.tier.evaluation"].create(
    {"name": "Meanwhile", "scheme_ids": [Command.set(schemes.ids)]}
)
env.cr.commit()
env.cr.close()
odoo.sql_db.close_all()
heard, tell = os.pipe()
done, report = os.pipe()


def post_invoice():
    """Post a copy of the customer's latest invoice, when told so."""
    os.close(tell)
    if not os.read(heard, 1):
        return
    with Registry(DATABASE).cursor() as cr:
        moves = api.Environment(cr, SUPERUSER_ID, {})["account.move"]
        move = moves.search([("partner_id", "=", CUSTOMER)], limit=1, order="date desc")
        copy = move.copy({"invoice_date": move.invoice_date, "date": move.date})
        copy.action_post()


class Engine(tier_evaluation_compute.TierEngine):
    """Before the second scheme, lets the other process post its invoice and commit."""

    made = 0

    def __init__(self, *args, **kwargs):
        Engine.made += 1
        if Engine.made == 2:
            os.write(tell, b"!")
            os.read(done, 1)
        super().__init__(*args, **kwargs)


def compute():
    """Compute the evaluation; returns the customer's sales in each scheme."""
    with Registry(DATABASE).cursor() as cr:
        record = api.Environment(cr, SUPERUSER_ID, {})["kam.tier.evaluation"].browse(evaluation.id)
        record.action_compute()
        cr.execute(
            """SELECT s.code, l.sales::float FROM kam_tier_evaluation_line l
                 JOIN kam_tier_scheme s ON s.id = l.scheme_id
                WHERE l.evaluation_id = %s AND l.partner_id = %s ORDER BY 1""",
            [record.id, CUSTOMER],
        )
        return dict(cr.fetchall())


poster = os.fork()
if not poster:
    try:
        post_invoice()
    except BaseException:
        traceback.print_exc()
    finally:
        os.write(report, b"!")
        os._exit(0)
tier_evaluation_compute.TierEngine = Engine
answer = {"meanwhile": compute()}
os.close(tell)
os.waitpid(poster, 0)
answer["again"] = compute()
print(f"RESULT {json.dumps(answer)}", flush=True)
# The shell would roll back on the connection that is closed.
os._exit(0)
