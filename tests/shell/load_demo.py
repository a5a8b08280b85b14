# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""Try to load the demo story; answers what was said against it. Runs in Odoo's shell."""

import json

from odoo.exceptions import UserError

from odoo.addons.key_account_mgmt.demo import load_demo

answer = {"refused": None}
try:
    load_demo(env)
except UserError as refusal:
    answer["refused"] = str(refusal)
print(f"RESULT {json.dumps(answer)}")
