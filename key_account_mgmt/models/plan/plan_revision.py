from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from .plan import CONTENT


class KamPlanRevision(models.Model):
    """A version of a plan as it was when it was revised; never changed.

    Values are kept as codes and texts, with the names of people as they were then.
    Source: S1k-07, S0-81.
    """

    _name = "kam.plan.revision"
    _inherit = ["kam.guarded"]
    _description = "Version of a Plan"
    _order = "plan_id, version desc"
    _rec_name = "reason"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    plan_id = fields.Many2one("kam.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    version = fields.Integer(required=True, aggregator=None)
    revised_on = fields.Datetime(required=True)
    user_id = fields.Many2one("res.users", "Revised by", required=True, ondelete="restrict")
    reason = fields.Char("Why", required=True)
    progress = fields.Float("Progress (%)", aggregator=None)
    content = fields.Json("Content of the Version")
    content_html = fields.Html("As It Was", compute="_compute_content_html", sanitize=False)

    _version_uniq = models.Constraint(
        "UNIQUE (plan_id, version)", "This version of the plan is kept already."
    )

    @api.model
    def _keep(self, plan, reason):
        """Keep ``plan`` as it is now, under its present version number."""
        # sudo: a version is complete, whoever revises the plan.
        plan = plan.sudo()
        self.sudo()._as_engine().create(
            {
                "plan_id": plan.id,
                "version": plan.version,
                "revised_on": fields.Datetime.now(),
                "user_id": self.env.uid,
                "reason": reason,
                "progress": plan.progress,
                "content": self._content_of(plan),
            }
        )

    @api.model
    def _content_of(self, plan):
        values = {}
        for name in CONTENT:
            value = plan[name]
            if plan._fields[name].type == "many2many":
                value = ", ".join(value.mapped("display_name"))
            elif plan._fields[name].type == "date":
                value = fields.Date.to_string(value)
            if value:
                values[name] = value
        return {
            "values": values,
            "owner": plan.user_id.name,
            "steps": [
                {
                    "name": step.name,
                    "owner": step.user_id.name,
                    "due": fields.Date.to_string(step.date_due),
                    "state": step.state,
                }
                for step in plan.action_ids
            ],
            "initiatives": [
                {
                    "name": line.name,
                    "owner": line.our_part or "",
                    "due": fields.Date.to_string(line.date_due) or "",
                    "state": line.state,
                }
                for line in plan.initiative_ids
            ],
        }

    @api.depends("content")
    @api.depends_context("lang")
    def _compute_content_html(self):
        for revision in self:
            revision.content_html = revision._to_html()

    def _to_html(self):
        """The version in the reader's language; what was written stays as it was written."""
        content = self.content or {}
        rows = [
            (self._label(name), self._shown(name, value))
            for name, value in content.get("values", {}).items()
        ]
        table = Markup("").join(
            Markup("<tr><th>%s</th><td style='white-space: pre-line'>%s</td></tr>") % row
            for row in rows
        )
        return (
            Markup("<table class='table table-sm'>%s</table>") % table
            + self._lines_html(self.env._("Dated Steps"), "kam.action", content.get("steps"))
            + self._lines_html(
                self.env._("Joint Initiatives"), "kam.plan.initiative", content.get("initiatives")
            )
        )

    def _lines_html(self, title, model, lines):
        if not lines:
            return Markup("")
        states = dict(self.env[model]._fields["state"]._description_selection(self.env))
        rows = Markup("").join(
            Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>")
            % (
                line["name"],
                line["owner"],
                format_date(self.env, line["due"]) if line["due"] else "",
                states.get(line["state"], line["state"]),
            )
            for line in lines
        )
        return Markup("<h4>%s</h4><table class='table table-sm'>%s</table>") % (title, rows)

    def _label(self, name):
        return self.env["kam.plan"]._fields[name]._description_string(self.env)

    def _shown(self, name, value):
        field = self.env["kam.plan"]._fields[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "date":
            return format_date(self.env, value)
        return value
