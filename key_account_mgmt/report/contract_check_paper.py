from odoo import api, models
from odoo.tools.misc import format_date


class ContractProgressPaper(models.AbstractModel):
    """Contract progress report for the customer (P18): neither names of ours nor judgements.

    In the customer's language, whoever prints it; read with the rights of that person.
    Source: S0-111, P18.
    """

    _name = "report.key_account_mgmt.report_contract_progress"
    _description = "Contract Progress Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        checks = self.env["kam.contract.check"].browse(docids)
        checks.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": checks._name,
            "docs": checks,
            "papers": {check.id: self._spoken(check) for check in checks},
        }

    def _spoken(self, check):
        """The paper in the language of who reads it, and which one that is."""
        lang = self._language(check)
        paper = self.with_context(lang=lang)._paper(check.with_context(lang=lang))
        return {**paper, "lang": lang}

    def _language(self, check):
        return check._customer_language()

    def _paper(self, check):
        # sudo: what the paper's reader knows: number, parties and days of the contract.
        contract = check.sudo().contract_id
        contact = contract.project_manager_id.partner_id
        return {
            "head": [
                (self.env._("Contract"), contract.number or contract.name),
                (self.env._("Contract name"), contract.name),
                (self.env._("Customer"), contract.partner_id.name),
                (self.env._("Supplier"), contract.company_id.name),
                (self.env._("Signed on"), self._day(contract.signed_on)),
                (self.env._("Ends on"), self._day(contract._last_day())),
                (
                    self.env._("Period"),
                    f"{self._day(check.date_from)} – {self._day(check.date_to)}",
                ),
                (
                    self.env._("Your contact"),
                    ", ".join(filter(None, (contact.name, contact.phone, contact.email))) or "–",
                ),
            ],
            "text": check.report_text or "",
            "lines": check._fact_lines(outside=True),
        }

    def _day(self, day):
        return format_date(self.env, day) if day else "–"


class ContractCheckPaper(models.AbstractModel):
    """Contract check report (P19), for ourselves: in the language of who prints it.

    Read with the rights of the person who prints.  Source: S0-109, P19.
    """

    _name = "report.key_account_mgmt.report_contract_check"
    _inherit = ["report.key_account_mgmt.report_contract_progress"]
    _description = "Contract Check Report"

    def _language(self, check):
        return self.env.user.lang or self.env.lang

    def _paper(self, check):
        paper = super()._paper(check)
        # sudo: figures of the contract, for who reads its check.
        contract = check.sudo().contract_id
        conclusions = dict(check._fields["conclusion"]._description_selection(self.env))
        currency = contract.currency_id
        paper["head"] += [
            (self.env._("Progress"), f"{check.progress:.0f} %"),
            (self.env._("Conclusion"), conclusions.get(check.conclusion, "–")),
            (self.env._("Invoiced"), currency.format(contract.invoiced)),
            (self.env._("Collected"), currency.format(contract.collected)),
            (self.env._("Overdue"), currency.format(contract.overdue)),
            (self.env._("Who Checks"), check.done_by_id.name or check.user_id.name or "–"),
        ]
        paper["lines"] = check._fact_lines()
        paper["texts"] = [
            (label, text)
            for label, text in (
                (self.env._("What Deviates"), check.deviations),
                (self.env._("Measures"), check.measures),
            )
            if text
        ]
        paper["milestones"] = [
            (
                m.name,
                m.department_id.name or "–",
                m.user_id.name or "–",
                self._day(m.date_due),
                dict(m.action_id._fields["state"]._description_selection(self.env))[m.state],
                dict(m._fields["conformity"]._description_selection(self.env))[m.conformity],
            )
            for m in contract.milestone_ids
        ]
        return paper
