from odoo import api, fields, models
from odoo.fields import Domain

from .kam_account import SUSPENDED


class CrmLead(models.Model):
    """Large opportunities warn about gaps in the customer's decision map.

    Only where the customer has an account file the reader may read.  Source: S1i-15.
    """

    _inherit = "crm.lead"

    kam_stakeholder_warning = fields.Text(
        "Decision Map Warning", compute="_compute_kam_stakeholder_warning"
    )
    kam_has_stakeholder_gap = fields.Boolean(
        "Gaps in the Decision Map",
        compute="_compute_kam_stakeholder_warning",
        search="_search_kam_has_stakeholder_gap",
    )
    kam_request_count = fields.Integer("Open Requests", compute="_compute_kam_request_count")

    @api.depends("expected_revenue", "partner_id", "won_status", "type", "active", "company_id")
    @api.depends_context("uid", "company")
    def _compute_kam_stakeholder_warning(self):
        files = self._kam_readable_files()
        for lead in self:
            account = files.get(lead)
            warning = account and lead._kam_is_large() and account._decision_map_warning()
            lead.kam_stakeholder_warning = warning
            lead.kam_has_stakeholder_gap = bool(warning)

    def _kam_readable_files(self):
        """``{opportunity: account file}`` of the files the user may read."""
        Account = self.env["kam.account"]
        if not Account.has_access("read"):
            return {}
        found = {}
        for lead in self:
            company = (lead.company_id or self.env.company).sudo().root_id
            # sudo: which file is the customer's; whether it may be read is asked below.
            partner = lead.partner_id.sudo().commercial_partner_id.with_company(company)
            if partner.kam_account_id:
                found[lead] = partner.kam_account_id.id
        readable = Account.browse(set(found.values()))._filtered_access("read")
        files = {account.id: account for account in readable}
        return {lead: files[number] for lead, number in found.items() if number in files}

    def _kam_is_large(self):
        self.ensure_one()
        if self.type != "opportunity" or self.won_status != "pending":
            return False
        # sudo: settings of a company are no secret.
        company = (self.company_id or self.env.company).sudo().root_id
        currency = self.company_currency or company.currency_id
        amount = currency._convert(
            self.expected_revenue, company.currency_id, company, company._kam_today()
        )
        return company.currency_id.compare_amounts(amount, company._kam_large_deal_limit()) >= 0

    def _search_kam_has_stakeholder_gap(self, operator, value):
        if operator != "in":
            return NotImplemented
        # No amount is large everywhere: what may be is read, then judged one by one.
        accounts = self.env["kam.account"].search(Domain("state", "not in", SUSPENDED))
        gaps = accounts.filtered(lambda account: account._decision_map_warning())
        customers = Domain("partner_id.commercial_partner_id", "in", gaps.partner_id.ids)
        leads = self.search(customers & Domain("won_status", "=", "pending"))
        found = Domain("id", "in", leads.filtered("kam_has_stakeholder_gap").ids)
        return found if True in value else ~found

    # Requests -----------------------------------------------------------------------

    def _compute_kam_request_count(self):
        Request = self.env["kam.request"]
        counts = {}
        if Request.has_access("read"):
            domain = Domain("lead_id", "in", self.ids) & Request._open_domain()
            groups = Request._read_group(domain, ["lead_id"], ["__count"])
            counts = {lead.id: count for lead, count in groups}
        for lead in self:
            lead.kam_request_count = counts.get(lead._origin.id, 0)

    def action_kam_ask(self):
        """Ask a colleague or a department for something this deal needs.  Source: S0-48."""
        self.ensure_one()
        self.check_access("read")
        files = self._kam_readable_files()
        account = files.get(self, self.env["kam.account"])
        return self.env["kam.request"]._ask_action(
            {"default_lead_id": self.id, "default_account_id": account.id}
        )

    def action_kam_open_requests(self):
        """What was asked about this deal."""
        self.ensure_one()
        self.check_access("read")
        self.env["kam.request"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_request_action")
        return action | {
            "domain": [("lead_id", "=", self.id)],
            "context": {"default_lead_id": self.id},
        }
