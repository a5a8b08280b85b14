from odoo import api, models
from odoo.tools.misc import format_date, format_datetime


class HandoverSlip(models.AbstractModel):
    """Hand-over slip 客户交接单: who gives what to whom, what is open, two signatures.

    Source: g Q35.
    """

    _name = "report.key_account_mgmt.report_handover"
    _description = "Hand-Over Slip"

    @api.model
    def _get_report_values(self, docids, data=None):
        handovers = self.env["kam.handover"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": handovers._name,
            "docs": handovers,
            "papers": {handover.id: self._paper(handover) for handover in handovers},
        }

    def _paper(self, handover):
        return {
            "head": self._head(handover),
            "accounts": (handover.account_text or "").splitlines(),
            "groups": self._groups(handover),
        }

    def _head(self, handover):
        until = (
            format_date(self.env, handover.date_to) if handover.date_to else self.env._("for good")
        )
        rows = [
            (self.env._("From"), handover.from_user_id.name),
            (self.env._("To"), handover.to_user_id.name),
            (self.env._("From day"), format_date(self.env, handover.date_from)),
            (self.env._("Until"), until),
            (self.env._("State"), self._labels(handover, "state")[handover.state]),
            (self.env._("Proposed by"), handover.proposed_by_id.name or "–"),
            (self.env._("Proposed on"), self._moment(handover.proposed_on)),
            (self.env._("Answered on"), self._moment(handover.answered_on)),
        ]
        if handover.applied_on:
            rows.append((self.env._("In effect since"), format_date(self.env, handover.applied_on)))
        if handover.ended_on:
            rows.append((self.env._("Returned on"), format_date(self.env, handover.ended_on)))
        return rows

    @api.model
    def _moment(self, moment):
        return format_datetime(self.env, moment, dt_format="short") if moment else "–"

    @api.model
    def _labels(self, records, name):
        return dict(records._fields[name]._description_selection(self.env))

    def _groups(self, handover):
        """The open items by account, as they were when it was proposed."""
        kinds = self._labels(handover.line_ids, "kind")
        amount = handover.company_id._kam_format_amount
        groups = {}
        for line in handover.line_ids:
            groups.setdefault(line.account_name or "–", []).append(
                {
                    "kind": kinds[line.kind],
                    "name": line.name,
                    "date": format_date(self.env, line.date) if line.date else "",
                    "amount": amount(line.amount) if line.amount else "",
                }
            )
        return groups
