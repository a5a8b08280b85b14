from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .pursuit import PLAN

ASKED = ("kind", "mode", "background")


class KamPursuit(models.Model):
    """The plan 立项, approved by an executive; a cooperative one then by the general
    manager.  Which route it takes is data.  Source: S1n-10, S1n-18, S1n-19, S1n-20.
    """

    _inherit = "kam.pursuit"

    @api.depends(
        *ASKED,
        "state",
        "cooperation_partner_ids",
        "budget",
        "no_budget",
        "indicator_ids",
        "member_ids",
        "progress_ids",
    )
    @api.depends_context("lang")
    def _compute_missing(self):
        for pursuit in self:
            open_plan = pursuit.state in ("draft", "to_register", "to_approve")
            pursuit.missing = open_plan and ", ".join(pursuit._missing_of_plan())

    def _missing_of_plan(self):
        """What the plan still lacks, in words."""
        missing = [
            self._fields[name]._description_string(self.env) for name in ASKED if not self[name]
        ]
        if self.mode == "cooperative" and not self.cooperation_partner_ids:
            missing.append(self.env._("Partners"))
        if not self.indicator_ids:
            missing.append(self.env._("Indicators"))
        if not self.progress_ids:
            missing.append(self.env._("Progress Table"))
        if not self.member_ids:
            missing.append(self.env._("Team"))
        if not self.budget and not self.no_budget:
            missing.append(self.env._("Budget"))
        return missing

    def _approval_check(self):
        """:raise UserError: not registered, incomplete, or waiting already"""
        result = super()._approval_check()
        self._check_mine()
        if self.is_pending:
            raise UserError(
                self.env._("“%(name)s” waits for its approval already.", name=self.display_name)
            )
        self._check_application()
        missing = self._missing_of_plan()
        if missing:
            raise UserError(
                self.env._(
                    "Before the plan can be approved, please fill in: %(fields)s.",
                    fields=", ".join(missing),
                )
            )
        return result

    def _approval_locked_fields(self):
        return set(PLAN)

    def _approval_is_locked(self):
        self.ensure_one()
        return self.is_pending or self.state in ("in_progress", "suspended", "won", "lost")

    def _approval_fingerprint_values(self):
        """The plan with its lines, and what the opportunity says."""
        return super()._approval_fingerprint_values() | {
            "partner": self.partner_id.commercial_partner_id.id,
            "project": self.project,
            "scopes": sorted(self.scope_ids.ids),
            "amount": repr(self.expected_amount),
            "indicators": [[i.id, i.name, i.target] for i in self.indicator_ids.sorted("id")],
            "steps": [
                [a.id, a.name, str(a.date_due), a.user_id.id]
                for a in self.progress_ids.sorted("id")
                if a.state != "cancelled"
            ],
            "team": [
                [m.id, m.user_id.id, str(m.date_from), str(m.date_to)]
                for m in self.member_ids.sorted("id")
            ],
        }

    def _approval_amount(self):
        """The expected amount in company currency."""
        company = self.company_id
        return self.currency_id._convert(
            self.expected_amount, company.currency_id, company, self._today()
        )

    def _approval_summary(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("kind", "mode")
        }
        company = self.company_id
        rows = [
            (self.env._("Registration No."), self.number),
            (self.env._("Customer"), self.partner_id.display_name),
            (self.env._("Project"), self.project),
            (self.env._("Product Scope"), ", ".join(self.scope_ids.mapped("name"))),
            (
                self.env._("Expected Amount"),
                company._kam_format_amount(self.expected_amount, self.currency_id),
            ),
            (self.env._("Objective"), self.objective),
            (self.env._("Type"), labels["kind"].get(self.kind, "–")),
            (self.env._("Development"), labels["mode"].get(self.mode, "–")),
            (self.env._("Background"), self.background),
            (self.env._("Budget"), company._kam_format_amount(self.budget, self.currency_id)),
            (self.env._("Team"), ", ".join(self.member_ids.user_id.mapped("name"))),
            (
                self.env._("Indicators"),
                "; ".join(f"{i.name}: {i.target}" for i in self.indicator_ids),
            ),
            (
                self.env._("Progress Table"),
                "; ".join(
                    f"{format_date(self.env, a.date_due)} {a.name} ({a.user_id.name})"
                    for a in self.progress_ids
                ),
            ),
        ]
        if self.mode == "cooperative":
            names = ", ".join(self.cooperation_partner_ids.mapped("name"))
            rows.insert(8, (self.env._("Partners"), names))
        return rows

    def _approval_highlights(self):
        texts = []
        if self.mode == "cooperative":
            texts.append(
                self.env._(
                    "Together with: %(names)s",
                    names=", ".join(self.cooperation_partner_ids.mapped("name")),
                )
            )
        if self.admit_reason:
            texts.append(
                self.env._(
                    "A second registration of the same deal, admitted by %(name)s: %(reason)s",
                    name=self.admitted_by_id.name,
                    reason=self.admit_reason,
                )
            )
        return texts

    def _approval_granted(self):
        self._as_engine().write({"last_progress_on": self._today(), "warned_on": False})
        return super()._approval_granted()

    def _approval_refused(self, decision):
        # The clock stood while others decided.
        self._as_engine().write({"last_progress_on": self._today(), "warned_on": False})
        return super()._approval_refused(decision)

    def _progress_rows(self):
        """``[(step, owner, planned, actual, state)]`` for the print."""
        states = dict(self.env["kam.action"]._fields["state"]._description_selection(self.env))
        rows = []
        for action in self.progress_ids.sorted(lambda a: (a.date_due, a.id)):
            done = action.done_on and fields.Datetime.context_timestamp(action, action.done_on)
            rows.append(
                (
                    action.name,
                    action.user_id.name,
                    format_date(self.env, action.date_due),
                    format_date(self.env, done.date()) if done else "",
                    states[action.state],
                )
            )
        return rows
