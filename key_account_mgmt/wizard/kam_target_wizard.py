from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from ..models.kpi.subject import PERIOD_KINDS, SUBJECT_KINDS, KpiSubject, period_of

METHODS = [("even", "The Same Every Month"), ("season", "As the Months of Last Year Went")]


class KamTargetSpreadWizard(models.TransientModel):
    """Spread targets over their months.  Source: users §3.7 (K27)."""

    _name = "kam.target.spread.wizard"
    _description = "Spread Targets over the Months"

    target_ids = fields.Many2many("kam.target", string="Targets", required=True)
    method = fields.Selection(METHODS, "Each Month Gets", required=True, default="season")
    edited_count = fields.Integer("Months Changed by Hand", compute="_compute_edited_count")
    replace_edited = fields.Boolean(
        "Replace Them, Too",
        help="Otherwise they stay as they are, and the other months share the rest.",
    )

    @api.depends("target_ids")
    def _compute_edited_count(self):
        for wizard in self:
            wizard.edited_count = sum(
                len(target._existing_months(target._months()).filtered(lambda m: m._is_own_month()))
                for target in wizard.target_ids
            )

    def action_confirm(self):
        """Write the months; all or none."""
        self.ensure_one()
        self.target_ids.check_access("write")
        self.target_ids._spread(self.method, self.replace_edited)
        months = self.target_ids.child_ids
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_target_action")
        return {
            **action,
            "name": self.env._("Months"),
            "domain": [("id", "in", months.ids)],
            "context": {},
        }


class KamTargetPlanWizard(models.TransientModel):
    """Targets from what the same people, teams or accounts reached a year before, plus n %.

    Whoever has no figure of last year, or one of 0 or below, gets none and is named.
    Source: S0-41.
    """

    _name = "kam.target.plan.wizard"
    _description = "Targets: Last Year Plus"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company.root_id
    )
    kpi_id = fields.Many2one(
        "kam.kpi",
        "KPI",
        required=True,
        domain=[("kind", "=", "metric")],
        default=lambda self: self.env["kam.target"]._default_kpi_id(),
    )
    subject_kind = fields.Selection(SUBJECT_KINDS, "Targets Of", required=True, default="user")
    user_ids = fields.Many2many(
        "res.users", string="People", domain=[("share", "=", False)],
        help="Empty: everybody who led an account last year.",
    )  # fmt: skip
    team_ids = fields.Many2many("crm.team", string="Sales Teams", help="Empty: every team.")
    account_ids = fields.Many2many(
        "kam.account", string="Accounts", help="Empty: every key account."
    )
    period_kind = fields.Selection(PERIOD_KINDS, "Period", required=True, default="year")
    date = fields.Date(
        "Day in the Period",
        required=True,
        default=lambda self: self.env.company.root_id._kam_today(),
    )
    percent = fields.Float("More Than a Year Before (%)", required=True, default=20.0)
    replace = fields.Boolean("Replace Targets There Are")
    spread = fields.Selection([("no", "No"), *METHODS], required=True, default="no")

    def action_confirm(self):
        """Create the targets; all or none."""
        self.ensure_one()
        Target = self.env["kam.target"]
        Target.check_access("create")
        self.kpi_id._check_may_see()
        if not self.kpi_id._is_additive():
            raise UserError(
                self.env._(
                    "“%(kpi)s” does not add up: enter its target as a number.",
                    kpi=self.kpi_id.display_name,
                )
            )
        period = period_of(self.company_id, self.period_kind, self.date)
        values, left_out = self._planned(period)
        existing = self._existing(period, values)
        targets, new = Target.browse(), []
        for subject, value in values.items():
            if row := existing.get(subject):
                if not self.replace:
                    left_out.append(subject)
                    continue
                row.write(self._value_vals(value))
                targets |= row
            else:
                new.append(self._prepare_vals(subject, period, value))
        targets |= Target.create(new)
        if self.spread != "no" and self.period_kind != "month":
            targets._spread(self.spread)
        return self._shown(targets, left_out, period.previous_year())

    def _planned(self, period):
        """``({subject: amount}, [subjects without a figure above zero])``."""
        before = period.previous_year()
        subjects = self._subjects(before)
        figures = self.kpi_id._figures_of(subjects, before, self.company_id)
        digits = self.env["kam.target"].new({"kpi_id": self.kpi_id.id})._digits()
        if self.kpi_id.unit == "money":
            digits = self.company_id.currency_id.decimal_places
        values, left_out = {}, []
        for subject in subjects:
            figure = figures[subject, self.kpi_id.id].value
            if figure is None or not figure > 0:
                left_out.append(subject)
            else:
                values[subject] = round(figure * (1 + self.percent / 100.0), digits)
        return values, left_out

    def _subjects(self, period):
        if self.subject_kind == "programme":
            return [KpiSubject("programme", 0)]
        if self.subject_kind == "user":
            named = self.user_ids
        elif self.subject_kind == "team":
            named = self.team_ids or self.env["crm.team"].search(
                [("company_id", "in", [False, self.company_id.id])]
            )
        else:
            named = self.account_ids or self.env["kam.account"].search(
                [("is_key_account", "=", True), ("company_id", "=", self.company_id.id)]
            )
        if not named and self.subject_kind != "user":
            raise UserError(self.env._("There is none of them yet: choose whose targets."))
        if not named:
            kpi_set = self.env["kam.kpi.set"].new({"subject_kind": "user"})
            return kpi_set._assessed(self.company_id, period)
        return [KpiSubject(self.subject_kind, record.id) for record in named]

    def _existing(self, period, values):
        rows = self.env["kam.target"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("kpi_id", "=", self.kpi_id.id),
                ("period_kind", "=", self.period_kind),
                ("date_from", "=", period.start),
            ]
        )
        return {row._subject(): row for row in rows if row._subject() in values}

    def _value_vals(self, value):
        return {("amount" if self.kpi_id.unit == "money" else "number"): value}

    def _prepare_vals(self, subject, period, value):
        names = {"user": "user_id", "team": "team_id", "account": "account_id"}
        vals = {
            "company_id": self.company_id.id,
            "kpi_id": self.kpi_id.id,
            "subject_kind": subject.kind,
            "period_kind": self.period_kind,
            "date_from": period.start,
            **self._value_vals(value),
        }
        if subject.kind in names:
            vals[names[subject.kind]] = subject.id
        return vals

    def _shown(self, targets, left_out, before):
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_target_action")
        action = {**action, "domain": [("id", "in", targets.ids)], "context": {}}
        messages = []
        if before.end >= (today := self.company_id._kam_today()):
            messages.append(
                self.env._(
                    "The year before is not over: figures until %(day)s were taken.",
                    day=format_date(self.env, today),
                )
            )
        if left_out:
            messages.append(
                self.env._(
                    "Left out, without a figure a year before or with a target already: %(names)s.",
                    names=", ".join(self._subject_name(subject) for subject in left_out),
                )
            )
        if not messages:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("%(count)s targets written", count=len(targets)),
                "message": " ".join(messages),
                "type": "warning",
                "sticky": True,
                "next": action,
            },
        }

    def _subject_name(self, subject):
        models_of = {"user": "res.users", "team": "crm.team", "account": "kam.account"}
        if subject.kind not in models_of:
            return self.env._("Programme")
        return self.env[models_of[subject.kind]].browse(subject.id).display_name
