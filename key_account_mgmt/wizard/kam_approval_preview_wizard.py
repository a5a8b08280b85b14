from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..policy import routing


class KamApprovalPreviewWizard(models.TransientModel):
    """Which route a document would take, and why, before anyone submits it."""

    _name = "kam.approval.preview.wizard"
    _description = "Which Route?"

    document_ref = fields.Reference(selection="_selection_document", string="Document")
    requester_id = fields.Many2one(
        "res.users",
        string="Submitted by",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    result_html = fields.Html(compute="_compute_result_html", sanitize=False)

    @api.model
    def _selection_document(self):
        return self.env["kam.approval.route"]._selection_res_model()

    @api.depends("document_ref", "requester_id")
    def _compute_result_html(self):
        for wizard in self:
            document = wizard.document_ref
            # A route tells figures of the document: only of one the reader may open.
            readable = document and document.has_access("read")
            wizard.result_html = readable and wizard._result(document)

    def _result(self, document):
        company = document._approval_company()
        neutral = document._approval_neutral(company)
        Route = self.env["kam.approval.route"]
        rows, chosen = [], None
        for route in Route._candidates(document._name).with_env(self.env(su=True)):
            reasons = self._reasons(route, neutral, company)
            if not chosen and not reasons:
                chosen = route
                verdict = Markup("<strong>%s</strong>") % self.env._("Takes this route")
            elif not reasons:
                verdict = self.env._("Would fit, but the route above comes first")
            else:
                verdict = "; ".join(reasons)
            rows.append((route.name, verdict))
        parts = [self._html_table((self.env._("Route"), self.env._("Result")), rows)]
        if chosen:
            parts.append(self._steps(chosen, neutral, company))
        else:
            alert = Markup("<div class='alert alert-danger'>%s</div>")
            parts.append(alert % self.env._("No route fits: the document cannot be submitted."))
        return Markup("").join(parts)

    def _reasons(self, route, neutral, company):
        """Why a route is not taken, in the reader's language."""
        if route.company_id and route.company_id.id not in route._open_companies(company):
            return [self.env._("it belongs to %(company)s", company=route.company_id.name)]
        return route._mismatches(neutral)

    def _steps(self, route, neutral, company):
        rows = []
        for stage, step in route._stages():
            try:
                people = step._approvers(neutral, company, self.requester_id)
                names = ", ".join(people.mapped("name"))
            except UserError as error:
                names = Markup("<span class='text-danger'>%s</span>") % error
            rows.append((str(stage), step.name, self._quorum_label(step), names))
        head = (
            self.env._("Stage"),
            self.env._("Step"),
            self.env._("Who Must Agree"),
            self.env._("Asked"),
        )
        return self._html_table(head, rows)

    def _quorum_label(self, step):
        if step.quorum == routing.NUMBER:
            return self.env._("%(count)s of them", count=step.quorum_number)
        return dict(step._fields["quorum"]._description_selection(self.env))[step.quorum]

    @api.model
    def _html_table(self, head, rows):
        cell = Markup("<td>%s</td>")
        line = Markup("<tr>%s</tr>")
        title = Markup("").join(Markup("<th>%s</th>") % label for label in head)
        body = Markup("").join(line % Markup("").join(cell % v for v in row) for row in rows)
        return Markup("<table class='table table-sm'><thead><tr>%s</tr></thead>%s</table>") % (
            title,
            body,
        )
