from odoo import api, models
from odoo.tools import format_date, format_datetime


class PursuitApplication(models.AbstractModel):
    """Project application 立项申请表 (P1).  Source: S1n-15, S1n-23."""

    _name = "report.key_account_mgmt.report_pursuit_application"
    _description = "Project Application"

    @api.model
    def _get_report_values(self, docids, data=None):
        pursuits = self.env["kam.pursuit"].browse(docids)
        pursuits.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": pursuits._name,
            "docs": pursuits,
            "papers": {pursuit.id: self._paper(pursuit) for pursuit in pursuits},
        }

    def _label(self, pursuit, name):
        return pursuit._fields[name]._description_string(self.env)

    def _value(self, pursuit, name):
        return dict(pursuit._fields[name]._description_selection(self.env)).get(pursuit[name], "–")

    def _head(self, pursuit):
        company = pursuit.company_id
        day = pursuit.registered_on and format_date(self.env, pursuit.registered_on)
        rows = [
            (self._label(pursuit, "number"), pursuit.number or "–"),
            (self._label(pursuit, "registered_on"), day or "–"),
            (self._label(pursuit, "partner_id"), pursuit.partner_id.display_name),
            (self._label(pursuit, "project"), pursuit.project or "–"),
            (self._label(pursuit, "scope_ids"), ", ".join(pursuit.scope_ids.mapped("name")) or "–"),
            (
                self._label(pursuit, "expected_amount"),
                company._kam_format_amount(pursuit.expected_amount, pursuit.currency_id),
            ),
            (self._label(pursuit, "user_id"), pursuit.user_id.name),
            (self._label(pursuit, "state"), self._value(pursuit, "state")),
            (self._label(pursuit, "kind"), self._value(pursuit, "kind")),
            (self._label(pursuit, "mode"), self._value(pursuit, "mode")),
            (
                self._label(pursuit, "budget"),
                company._kam_format_amount(pursuit.budget, pursuit.currency_id),
            ),
        ]
        if pursuit.cooperation_partner_ids:
            names = ", ".join(pursuit.cooperation_partner_ids.mapped("name"))
            rows.append((self._label(pursuit, "cooperation_partner_ids"), names))
        if pursuit.competitor_ids:
            names = ", ".join(pursuit.competitor_ids.mapped("name"))
            rows.append((self._label(pursuit, "competitor_ids"), names))
        return rows

    def _paper(self, pursuit):
        decisions = pursuit.approval_decision_ids.sorted("id")
        kinds = dict(decisions._fields["kind"]._description_selection(self.env))
        return {
            "head": self._head(pursuit),
            "texts": [
                (self._label(pursuit, name), pursuit[name] or "–")
                for name in ("objective", "background")
            ],
            "indicators": [(i.name, i.target, i.actual or "") for i in pursuit.indicator_ids],
            "team": [(m.user_id.name, m.role or "") for m in pursuit.member_ids],
            "progress": pursuit._progress_rows(),
            "decisions": [
                (
                    format_datetime(self.env, decision.decided_on, dt_format="short"),
                    decision.request_step_id.name or "–",
                    kinds[decision.kind],
                    decision._who(),
                    decision.comment or "",
                )
                for decision in decisions
            ],
        }


class PursuitProgress(models.AbstractModel):
    """Progress table 攻关进度表 (P2).  Source: S1n-15, S1n-17."""

    _name = "report.key_account_mgmt.report_pursuit_progress"
    _inherit = ["report.key_account_mgmt.report_pursuit_application"]
    _description = "Progress Table of a Pursuit"

    def _paper(self, pursuit):
        states = dict(self.env["kam.action"]._fields["state"]._description_selection(self.env))
        return super()._paper(pursuit) | {
            "problems": [
                (
                    row.problem,
                    row.name,
                    row.user_id.name,
                    format_date(self.env, row.date_due),
                    states[row.state],
                )
                for row in pursuit.problem_ids
            ],
            "reports": [
                (
                    report.action_id.name or "",
                    report.user_id.name,
                    format_date(self.env, report.reported_on),
                    report.text,
                )
                for report in pursuit.report_ids
                if report.state == "reported"
            ],
        }
