from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...policy.periods import Period


class DigestDigest(models.Model):
    """Key accounts in Odoo's digest: switched on by whoever edits it, off until then.

    Each reader gets the figures of what he may see; who may see nothing gets no figure.
    """

    _inherit = "digest.digest"

    kpi_kam_sales = fields.Boolean("Sales of Key Accounts")
    kpi_kam_sales_value = fields.Monetary(compute="_compute_kpi_kam_sales_value")
    kpi_kam_visits = fields.Boolean("Visits to Key Accounts")
    kpi_kam_visits_value = fields.Integer(compute="_compute_kpi_kam_visits_value")
    kpi_kam_obligations = fields.Boolean("Obligations Fallen Overdue")
    kpi_kam_obligations_value = fields.Integer(compute="_compute_kpi_kam_obligations_value")

    @api.model
    def _kam_check_reader(self, model):
        if not self.env[model].has_access("read"):
            raise AccessError(self.env._("These figures are for who works on key accounts."))

    def _kam_period(self):
        """Days of the time frame where the company works: it ends before the last moment's day,
        as for Odoo's own."""
        start, end, companies = self._get_kpi_compute_parameters()
        # sudo: where the day begins is no secret.
        local_day = companies[:1].sudo().root_id._kam_working_time().local_day
        start, end = (local_day(fields.Datetime.to_datetime(m)) for m in (start, end))
        end -= timedelta(days=1)
        return Period(min(start, end), end), companies

    def _compute_kpi_kam_sales_value(self):
        """Posted invoices less credit notes, untaxed, of the key accounts one may read."""
        self._kam_check_reader("kam.account")
        period, companies = self._kam_period()
        # sudo: the registry of figures; of accounts the reader may see.
        metric = self.env.ref("key_account_mgmt.metric_annual_sales").sudo()
        totals = {}
        for company in companies:
            accounts = self.env["kam.account"].search(
                [("is_key_account", "=", True), ("company_id", "=", company.root_id.id)]
            )
            values = metric._evaluate(accounts.partner_id, company, period) if accounts else {}
            totals[company] = sum(value or 0.0 for value in values.values())
        for digest in self:
            company = digest.company_id or self.env.company
            digest.kpi_kam_sales_value = totals.get(company, 0.0)

    def _compute_kpi_kam_visits_value(self):
        """Visits held."""
        self._kam_check_reader("kam.visit")
        self._kam_count(
            "kam.visit",
            "kpi_kam_visits_value",
            "day",
            [("state", "in", ("to_report", "reported")), ("account_id.is_key_account", "=", True)],
        )

    def _compute_kpi_kam_obligations_value(self):
        """Obligations whose period ended and that are not met."""
        self._kam_check_reader("kam.obligation")
        self._kam_count(
            "kam.obligation", "kpi_kam_obligations_value", "date_to", [("state", "=", "overdue")]
        )

    def _kam_count(self, model, name, date_field, domain):
        period, companies = self._kam_period()
        # Records belong to the root company, a digest perhaps to a branch of it.
        counts = dict(
            self.env[model]._read_group(
                [
                    *domain,
                    ("company_id", "in", companies.root_id.ids),
                    (date_field, ">=", period.start),
                    (date_field, "<=", period.end),
                ],
                ["company_id"],
                ["__count"],
            )
        )
        for digest in self:
            company = (digest.company_id or self.env.company).root_id
            digest[name] = counts.get(company, 0)

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("key_account_mgmt.kam_menu_root").id
        for name, action in (
            ("kpi_kam_sales", "kam_account_action"),
            ("kpi_kam_visits", "kam_visit_action"),
            ("kpi_kam_obligations", "kam_obligation_action"),
        ):
            actions[name] = f"key_account_mgmt.{action}?menu_id={menu}"
        return actions
