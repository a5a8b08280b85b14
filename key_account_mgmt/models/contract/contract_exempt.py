from odoo import api, models

from .contract_draft import EXECUTIVES

TOPIC = "contract_exempt"


class KamContract(models.Model):
    """Whoever may exempt a contract from its negotiation hears that he is asked.

    Source: S0-99, users §4.
    """

    _inherit = "kam.contract"

    @api.model_create_multi
    def create(self, vals_list):
        contracts = super().create(vals_list)
        contracts.filtered("exemption_reason")._tell_executives()
        return contracts

    def write(self, vals):
        result = super().write(vals)
        if "exemption_reason" in vals:
            self._tell_executives()
        elif "state" in vals or vals.get("exempted_by_id"):
            self.filtered("exemption_reason")._tell_executives()
        return result

    @api.model
    def _executives(self, company):
        """People who are executives by explicit membership, in a company."""
        # sudo: who they are is no secret.
        groups = self.env["res.groups"].sudo()
        for name in EXECUTIVES:
            groups |= self.env.ref(name).sudo()
        people = groups.user_ids.filtered("active")
        return people.filtered(lambda user: company in user.company_ids.root_id)

    def _asked_to_exempt(self):
        """The sponsor of the account where he is an executive, else every executive."""
        self.ensure_one()
        # sudo: who is asked must not depend on who asks.
        contract = self.sudo()
        people = contract._executives(contract.company_id) - contract.user_id
        return people & contract.account_id.executive_sponsor_id or people

    def _negotiation_problem(self):
        if not (self.exemption_reason or "").strip():
            return super()._negotiation_problem()
        return self.env._(
            "It rests on no agreed negotiation: %(names)s has to exempt it.",
            names=", ".join(self._asked_to_exempt().mapped("name")) or self.env._("an executive"),
        )

    def _tell_executives(self):
        notices = self.env["kam.notice"]
        for contract in self.sudo():
            asks = contract.state == "draft" and contract.exemption_reason
            if not asks or contract._is_negotiated():
                notices._settle(TOPIC, contract)
                continue
            for user in contract._asked_to_exempt():
                own = contract._without_engine().with_context(lang=user.lang)
                title = own.env._(
                    "Exempt “%(contract)s” from the negotiation?", contract=own.display_name
                )
                notices._queue(user, title, [own.exemption_reason], record=own, topic=TOPIC)


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == TOPIC:
            return self.env._("%(count)s contracts to exempt", count=count)
        return super()._topic_title(topic, count)
