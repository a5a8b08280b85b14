from markupsafe import Markup

from odoo import api, fields, models

OK, WARN, BAD = "ok", "warn", "bad"
ICONS = {
    OK: ("fa-check", "text-success"),
    WARN: ("fa-exclamation-triangle", "text-warning"),
    BAD: ("fa-times-circle", "text-danger"),
}


class KamContract(models.Model):
    """Whom we sign with: the party check on the page of legal.

    Source: users §2 (legal), S0-103.
    """

    _inherit = "kam.contract"

    party_check = fields.Html(
        compute="_compute_party_check",
        sanitize=False,
        help="Credit code, legal representative, authority, money overdue, open complaints, "
        "blacklist.",
    )
    party_alert = fields.Char("Warnings about the Customer", compute="_compute_party_check")
    party_overdue = fields.Monetary(
        "Overdue Receivables",
        compute="_compute_party_figures",
        currency_field="company_currency_id",
        help="Of the customer, in company currency.",
    )
    party_complaints = fields.Integer("Open Complaints", compute="_compute_party_figures")

    @api.depends("own_partner_id", "lead_id", "company_id")
    def _compute_party_figures(self):
        """Of all of them at once, by company."""
        # sudo: two sums whoever decides about the contract has to know; nothing of the
        # documents behind them.
        for company, contracts in self.sudo().grouped("company_id").items():
            partners = contracts.partner_id.commercial_partner_id
            overdue = self._overdue_receivables(company, partners)
            complaints = self._open_complaints(partners)
            for contract in contracts:
                partner = contract.partner_id.commercial_partner_id
                contract.party_overdue = overdue.get(partner, 0.0)
                contract.party_complaints = complaints.get(partner, 0)

    @api.depends("own_partner_id", "lead_id", "contact_id", "signatory_authority")
    @api.depends_context("lang")
    def _compute_party_check(self):
        row = Markup(
            "<tr><td><i class='fa %s %s' role='img' aria-label='%s'></i></td>"
            "<td class='text-muted pe-3'>%s</td><td>%s</td></tr>"
        )
        for contract in self:
            checks = contract._party_check() if contract.partner_id else []
            contract.party_check = Markup(
                "<table class='table table-sm w-auto mb-0'>%s</table>"
            ) % (
                Markup("").join(
                    row % (*ICONS[level], level, label, value)
                    for _code, label, value, level in checks
                )
            )
            contract.party_alert = ", ".join(
                f"{label}: {value}" for _code, label, value, level in checks if level == BAD
            )

    def _party_check(self):
        """``[(code, label, value, ok | warn | bad)]``, in ``env.lang``."""
        self.ensure_one()
        # sudo: whoever decides about the contract learns whom he signs with; nothing of
        # the documents behind the figures.
        contract = self.sudo()
        partner = contract.partner_id.commercial_partner_id
        account = contract.account_id
        credit = partner.company_registry or partner.vat
        missing = self.env._("not known")
        rows = [
            ("credit_code", self.env._("Credit code"), credit or missing, OK if credit else WARN),
            (
                "legal_representative",
                self.env._("Legal representative"),
                account.legal_representative or missing,
                OK if account.legal_representative else WARN,
            ),
            self._authority_check(contract),
        ]
        overdue, complaints = contract.party_overdue, contract.party_complaints
        currency = contract.company_id.currency_id
        rows.append(
            (
                "overdue",
                self.env._("Overdue receivables"),
                currency.format(overdue),
                BAD if currency.compare_amounts(overdue, 0) > 0 else OK,
            )
        )
        rows.append(
            (
                "complaints",
                self.env._("Open complaints"),
                str(complaints),
                WARN if complaints else OK,
            )
        )
        black = account.state == "blacklisted"
        rows.append(
            (
                "blacklist",
                self.env._("Blacklist"),
                self.env._("on the blacklist") if black else self.env._("no"),
                BAD if black else OK,
            )
        )
        return rows

    def _authority_check(self, contract):
        label = self.env._("Authority of the signatory")
        if not contract.contact_id:
            return ("authority", label, self.env._("signatory not known"), WARN)
        name = contract.contact_id.name
        right = (contract.signatory_authority or "").strip()
        if not right:
            return ("authority", label, self.env._("%(name)s: not shown", name=name), WARN)
        return ("authority", label, f"{name}: {right}", OK)

    @api.model
    def _overdue_receivables(self, company, partners):
        """``{customer: amount}`` of a root company and its branches, in its currency.

        Called unrestricted.
        """
        domain = [
            ("commercial_partner_id", "in", partners.ids),
            ("company_id", "child_of", company.id),
            ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_receipt")),
            ("payment_state", "in", ("not_paid", "partial")),
            ("invoice_date_due", "<", company.sudo()._kam_today()),
        ]
        moves = self.env["account.move"].sudo()
        return dict(
            moves._read_group(domain, ["commercial_partner_id"], ["amount_residual_signed:sum"])
        )

    @api.model
    def _open_complaints(self, partners):
        """``{customer: number of open issues}``.  Called unrestricted."""
        if "kam.issue" not in self.env:
            return {}
        issues = self.env["kam.issue"].sudo()._open_for(partners)
        by_partner = issues.grouped(lambda issue: issue.partner_id.commercial_partner_id)
        return {partner: len(found) for partner, found in by_partner.items()}
