from odoo import api, fields, models
from odoo.exceptions import UserError

from ...policy import scoring
from ...policy.periods import Period


class KamTarget(models.Model):
    """How much of a target has been reached so far.

    Figures of all targets of one period are read together: the number of queries depends on
    how many periods and KPIs are shown, not on the number of targets.  Source: S0-41.
    """

    _inherit = "kam.target"

    actual = fields.Float("So Far", compute="_compute_progress")
    actual_label = fields.Char("Reached So Far", compute="_compute_progress")
    attainment = fields.Float("Attainment (%)", compute="_compute_progress")
    is_measurable = fields.Boolean(compute="_compute_progress")

    @api.depends("kpi_id", "date_from", "date_to", "amount", "number", "company_id")
    @api.depends_context("lang")
    def _compute_progress(self):
        figures = self._figures_so_far()
        for target in self:
            value = figures.get(target._origin.id)
            reached = None
            if value is not None:
                higher = target.kpi_id.sudo().direction == "higher"
                reached = scoring.attainment(value, target._value(), higher)
                if reached is None and not scoring.excluded(value, target._value(), higher):
                    # Less is better, and there was nothing at all.
                    reached = 100.0
            label = False
            if target.kpi_id:
                label = target.kpi_id._format_value(value, target.company_id.currency_id)
            target.actual, target.actual_label = value or 0.0, label
            target.attainment = reached or 0.0
            target.is_measurable = reached is not None

    def _figures_so_far(self):
        """``{target id: figure from the first day until today}``; ``None``: not measurable."""
        result = {}
        # A restricted figure is for its groups, whoever may read the row.
        whole = self.kpi_id.filtered(lambda kpi: kpi._may_see() and not kpi._is_broken())
        shown = self.filtered(lambda t: t._origin and t.date_to and t.kpi_id in whole)
        for (company, first, last), targets in shown.grouped(
            lambda t: (t.company_id, t.date_from, t.date_to)
        ).items():
            today = company._kam_today()
            if first > today:
                continue
            subjects = sorted({target._subject() for target in targets})
            period = Period(first, min(last, today))
            figures = targets.kpi_id._figures_of(subjects, period, company)
            for target in targets:
                figure = figures[target._subject(), target.kpi_id.id]
                result[target._origin.id] = figure.value
        return result

    def action_show_documents(self):
        """Open exactly the records behind what was reached so far."""
        self.ensure_one()
        self.check_access("read")
        today = self.company_id._kam_today()
        if self.date_from > today:
            raise UserError(self.env._("The period has not begun."))
        period = Period(self.date_from, min(self.date_to, today))
        subject = self._subject()
        spans = self.env["kam.kpi"]._holders([subject], period, self.company_id)[subject]
        return self.kpi_id._documents_action(subject, spans, period, self.company_id)
