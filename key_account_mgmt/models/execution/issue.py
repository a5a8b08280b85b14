from odoo import api, fields, models
from odoo.tools import format_date


class KamIssue(models.Model):
    """A delivery under a contract that is late raises its issue by itself.

    Late orders do so already; this is for milestones that are deliveries.  Source: S0-110.
    """

    _inherit = "kam.issue"

    milestone_id = fields.Many2one(
        "kam.contract.milestone", index="btree_not_null", ondelete="set null", readonly=True,
        copy=False,
    )  # fmt: skip

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            vals_list = [
                {name: value for name, value in vals.items() if name != "milestone_id"}
                for vals in vals_list
            ]
        issues = super().create(vals_list)
        issues._follow_order()
        return issues

    def write(self, vals):
        if "milestone_id" in vals and not self._is_engine():
            self._raise_guarded(["milestone_id"])
        return super().write(vals)

    def _follow_order(self):
        """What is the matter with an order is the matter with its contract."""
        # sudo: which contract it is; whoever reads the issue need not read that.
        for issue in self.sudo().filtered(lambda i: i.order_id and not i.contract_id):
            if contract := issue.order_id.kam_contract_id:
                issue._as_engine().write({"contract_id": contract.id})

    @api.model
    def _raise_milestone_delays(self, company, day):
        """Called as the engine, unrestricted.

        :return: how many issues were raised
        """
        if not self.env["res.groups"]._kam_area_is_on("issue"):
            return 0
        kind = self.env["kam.issue.kind"].search([("category", "=", "delivery")], limit=1)
        Milestone = self.env["kam.contract.milestone"]
        domain = Milestone._running_domain(company)
        late = Milestone.search(domain & Milestone._late_domain(company, day))
        known = self.search([("milestone_id", "in", late.ids)]).milestone_id
        late = (late - known).filtered("account_id")
        if not (kind and late):
            return 0
        issues = self._as_engine().create([self._prepare_late(m, kind) for m in late])
        return len(issues)

    @api.model
    def _prepare_late(self, milestone, kind):
        """In the language of whoever leads the account."""
        account = milestone.account_id
        own = milestone.with_context(lang=account.user_id.lang or self.env.lang)
        return {
            "account_id": account.id,
            "kind_id": kind.id,
            "severity": "2",
            "description": own.env._(
                "%(contract)s: “%(name)s” was due on %(day)s and is not done.",
                contract=own.contract_id.display_name,
                name=own.name,
                day=format_date(own.env, own.date_due),
            ),
            "contract_id": milestone.contract_id.id,
            "milestone_id": milestone.id,
            "department_id": milestone.department_id.id,
            "is_automatic": True,
        }


class KamContractMilestone(models.Model):
    _inherit = "kam.contract.milestone"

    @api.model
    def _late_domain(self, company, day):
        """Deliveries past their day, not before go-live."""
        domain = [
            ("is_delivery", "=", True),
            ("action_id.state", "=", "open"),
            ("action_id.date_due", "<", day),
        ]
        if company.kam_go_live_date:
            domain.append(("action_id.date_due", ">=", company.kam_go_live_date))
        return fields.Domain(domain)
