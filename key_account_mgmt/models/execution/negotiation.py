from odoo import api, fields, models
from odoo.tools import format_date


class KamNegotiation(models.Model):
    """The negotiation of the contract after this one.  Source: J10, users §2."""

    _inherit = "kam.negotiation"

    renews_contract_id = fields.Many2one(
        "kam.contract", "Renews", index="btree_not_null", ondelete="set null", readonly=True,
        copy=False,
    )  # fmt: skip

    @api.model_create_multi
    def create(self, vals_list):
        # Nobody learns of a contract by naming it here.
        if not self.env.su:
            for vals in vals_list:
                if contract_id := vals.get("renews_contract_id"):
                    self.env["kam.contract"].browse(contract_id).check_access("read")
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("renews_contract_id") and not self.env.su:
            self.env["kam.contract"].browse(vals["renews_contract_id"]).check_access("read")
        return super().write(vals)


class KamContract(models.Model):
    _inherit = "kam.contract"

    def _prepare_renewal(self):
        """The next negotiation: same customer, led by who leads the account."""
        self.ensure_one()
        # sudo: whose account it is.
        own = self.sudo()
        leader = own.account_id.user_id.filtered("active") or own.user_id
        return {
            "name": self.env._("Renewal of %(contract)s", contract=own.number or own.name),
            "own_partner_id": own.partner_id.id,
            "company_id": own.company_id.id,
            "price_currency_id": own.currency_id.id,
            "lead_negotiator_id": leader.id,
            "member_ids": [(6, 0, (leader | own.user_id.filtered("active")).ids)],
            "renews_contract_id": own.id,
        }

    def _start_renewal(self, day):
        """Once per contract that ends soon after ``day``.  Called unrestricted.

        :return: how many were started
        """
        self.ensure_one()
        if self.kind != "frame" or self.parent_id or self.renewal_ids or not self._ends_soon(day):
            return 0
        negotiation = self.env["kam.negotiation"].create(self._prepare_renewal())
        leader = negotiation.lead_negotiator_id.filtered("active")
        for user in leader:
            own = self.with_context(lang=user.lang)
            self.env["kam.notice"]._queue_all(
                [
                    self.env["kam.notice"]._prepare_vals(
                        user,
                        own.env._("Negotiate the next contract: %(name)s", name=own.display_name),
                        [own.env._("ends on %(day)s", day=format_date(own.env, own.expires_on))],
                        record=negotiation,
                        topic="contract_renewal",
                    )
                ]
            )
        return 1
