"""What the benchmarks of approvals share: the document, its route, the people.

The document is the test document of the addon's own tests.  Tier evaluations, the only
approvable document the addon has so far, would measure their own SQL over lines and
results instead of the engine, and three hundred of them have to be computed first.
"""

import os

ROLE = "key_account_mgmt.group_kam_%s"


def number_of_documents():
    return max(20, round(300 * float(os.environ.get("KAM_BENCH_SCALE") or 1)))


class Stage:
    """A requester and an approver who are put under record rules, and documents of his."""

    def __init__(self, env):
        from odoo.addons.key_account_mgmt.tests.fake_document import ApprovalCase

        case = type("Case", (ApprovalCase,), {"registry": env.registry, "env": env})
        case._register_fake_models()
        self.root = env
        self.requester = case._new_user("rita", "user")
        self.approver = case._new_user("adam", "member")
        step = {"sequence": 1, "name": "One", "approver_type": "user", "user_id": self.approver.id}
        env["kam.approval.route"].create(
            {"name": "One step", "res_model": "kam.test.document", "step_ids": [(0, 0, step)]}
        )
        self.documents = self.model("kam.test.document", self.requester).create(self.rows(env))
        env.flush_all()
        env.cr.commit()

    @staticmethod
    def rows(env):
        partners = env["res.partner"].create([{"name": f"Customer {n}"} for n in range(10)])
        return [
            {"name": f"Document {n}", "value": 7 * n, "partner_id": partners[n % 10].id}
            for n in range(number_of_documents())
        ]

    def model(self, name, user):
        context = {"lang": "en_US", "tz": "UTC", "allowed_company_ids": user.company_ids.ids}
        return self.root(user=user.id, su=False, context=context)[name]

    def inbox(self):
        """The steps that wait for the approver, as he sees them."""
        return self.model("kam.approval.request.step", self.approver).search(
            [("is_mine", "=", True)]
        )

    def approve(self, steps):
        """What the dialog of *My Approvals* does with the chosen steps."""
        action = steps.action_open_approve()
        wizard = steps.env[action["res_model"]].with_context(**action["context"]).create({})
        wizard.action_confirm()
