from odoo import api, models
from odoo.tools.misc import format_date, format_datetime, formatLang

CHANGES = ("change_1", "change_2", "change_3")
LIGHTS = ("light_sales", "light_visits", "light_issues", "light_payments")
BLOCKS = ("personnel", "demand", "problems", "competitor", "next_plan")


class StatusPaper(models.AbstractModel):
    """Business status report of strategic and key accounts (P6, 附件一).

    First one table: figures, four traffic lights and three changes of each account; behind
    it what was said about each of them.  Read with the rights of whoever prints: an account
    manager prints his own accounts.  Profit is not part of it.
    Source: (f) P6, (g) Q28, S3-34, users §2.
    """

    _name = "report.key_account_mgmt.report_status"
    _description = "Business Status Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        reports = self.env["kam.status.report"].browse(docids)
        reports.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": reports._name,
            "docs": reports,
            "papers": {report.id: self._paper(report) for report in reports},
        }

    def _paper(self, report):
        rows = [self._row(number, line) for number, line in enumerate(report.line_ids, start=1)]
        return {
            "head": self._head(report),
            "unit": report.company_id._kam_amount_unit_label(),
            "rows": rows,
            "totals": self._totals(report),
            "missing": report.missing_names,
            "summary": report.summary,
            "readers": [
                (row.user_id.name, self._moment(report, row.acknowledged_on))
                for row in report.acknowledgement_ids
            ],
        }

    def _head(self, report):
        submitted = self.env._("Not submitted yet: it may still change.")
        if report.submitted_on:
            submitted = self.env._(
                "%(name)s, %(moment)s",
                name=report.submitted_by_id.name,
                moment=self._moment(report, report.submitted_on),
            )
        return [
            (self.env._("Company"), report.company_id.name),
            (self.env._("Month"), report._month_label()),
            (self.env._("Submitted"), submitted),
        ]

    def _moment(self, report, moment):
        if not moment:
            return "–"
        zone = report.company_id.sudo()._kam_working_time().tz.zone
        return format_datetime(self.env, moment, tz=zone, dt_format="short")

    def _row(self, number, line):
        amount = line.company_id._kam_amount_number
        said = line._said()
        texts = [(line._fields[name]._description_string(self.env), said[name]) for name in BLOCKS]
        return {
            "number": number,
            "account": line._names(),
            "tier": line.tier_id.name or "",
            "manager": line.user_id.name or "–",
            "month": amount(line.sales_month),
            "year": amount(line.sales_ytd),
            "target": amount(line.target_ytd) if line.has_target else "–",
            "last": amount(line.sales_last_year),
            "attained": self._attained(line),
            "collected": amount(line.collections),
            "overdue": amount(line.overdue),
            "visits": f"{line.visits_done}/{line.visits_due}",
            "issues": str(line.issues_open),
            "contracts": self._contracts(line),
            "lights": [self._light(line, name) for name in LIGHTS],
            "changes": [said[name] for name in CHANGES if said[name]],
            "missing": line.status in ("open", "missing"),
            "supplement": line.status == "supplement",
            "texts": [(label, text) for label, text in texts if text],
        }

    def _attained(self, line):
        if line._expected() <= 0:
            return "–"
        return formatLang(self.env, line.attainment, digits=0)

    def _contracts(self, line):
        if not line.contracts_expiring:
            return "–"
        day = format_date(self.env, line.contract_until)
        return self.env._("%(count)s, the first on %(day)s", count=line.contracts_expiring, day=day)

    def _light(self, line, name):
        """Colour, and the first letter of it: also readable printed in black and white."""
        labels = dict(line._fields[name]._description_selection(self.env))
        code = line[name] or "none"
        return {"code": code, "label": "–" if code == "none" else labels[code]}

    def _totals(self, report):
        amount = report.company_id._kam_amount_number
        names = {
            "month": "sales_month",
            "year": "sales_ytd",
            "last": "sales_last_year",
            "overdue": "overdue",
        }
        return {key: amount(sum(report.line_ids.mapped(name))) for key, name in names.items()}
