from odoo import models

from ...policy.criteria import EXPIRED
from .industry_standing import STANDING_VALUE


class KamMetric(models.Model):
    """Metrics that rest on declarations instead of documents."""

    _inherit = "kam.metric"

    def _declared(self, run, model, domain=(), value=lambda record: 1.0):
        """``{commercial partner id: value}`` of current declarations with evidence.

        Without evidence, or after its last day of validity, a declaration counts as
        expired: work to do, not a fact.  Source: S0-11, g Q5.
        """
        Model = self.env[model].sudo()
        result = {}
        records = Model.search_fetch(
            [*Model._current_domain(run.company, run.day), *domain],
            ["partner_id", "date_expiry", "ended_on"],
        )
        records.fetch(["attachment_ids"])
        for record in records:
            status = record._status_on(run.day)
            result.setdefault(record.partner_id.id, value(record) if status == "valid" else EXPIRED)
        return result

    def _customer_since(self, run):
        """Also the day known from paper, imported with the opening classification."""
        known = super()._customer_since(run)
        opening = self.env["kam.opening.classification"]
        declared = run.once("declared_since", lambda: opening._customer_since(run.company))
        earlier = {
            partner_id: min(day, known.get(partner_id, day))
            for partner_id, day in run.roll_up(declared, min).items()
        }
        return {**known, **earlier}

    def _metric_flag(self, run, param=None):
        """Qualification held: 1.  ``param``: id of the qualification type."""
        return self._declared(run, "kam.qualification", [("flag_id", "=", param)])

    def _metric_industry_standing(self, run, param=None):
        """3 leading, 2 medium, 1 other; absent: not assessed.  Source: S3-16, S3-17."""
        return self._declared(
            run, "kam.industry.standing", value=lambda r: float(STANDING_VALUE[r.standing])
        )

    def _metric_expected_annual_sales(self, run, param=None):
        """Declared yearly sales in company currency; absent: not declared."""
        return self._declared(run, "kam.expected.sales", value=lambda r: r.amount)

    def _explain_flag(self, run, partner_ids):
        return self._declarations(run, "kam.qualification", partner_ids)

    def _explain_industry_standing(self, run, partner_ids):
        return self._declarations(run, "kam.industry.standing", partner_ids)

    def _explain_expected_annual_sales(self, run, partner_ids):
        return self._declarations(run, "kam.expected.sales", partner_ids)

    def _declarations(self, run, model, partner_ids):
        domain = run.env[model]._current_domain(run.company, run.day)
        records = run.env[model].search([*domain, ("partner_id", "in", list(partner_ids))])
        return [(model, dict.fromkeys(records.ids, 1.0))]

    def _metric_industry(self, run, param=None):
        """1 for customers of one of the industries in ``param``.  Source: S2-17."""
        partners = (
            self.env["res.partner"].sudo()._search([("industry_id", "in", list(param or ()))])
        )
        return dict.fromkeys(partners, 1.0)

    def _metric_is_company(self, run, param=None):
        """1 for companies, absent for individuals.  Source: S1r-02."""
        partners = self.env["res.partner"].sudo()._search([("is_company", "=", True)])
        return dict.fromkeys(partners, 1.0)
