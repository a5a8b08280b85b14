from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..review.review import OPEN
from ..review.review import KamReview as BaseReview

AUDITOR = "key_account_mgmt.group_kam_auditor"


class KamReview(models.Model):
    """Reviews of the programme: figures in them, audits run by the auditors.

    Source: (c17), S2-59, S2-67 … S2-71, S1d-09, S0-07.
    """

    _inherit = "kam.review"

    _guarded_initial = {**BaseReview._guarded_initial, "figure_holders": False}

    figure_ids = fields.One2many("kam.review.figure", "review_id", "Figures", readonly=True)
    # Whose figures they are, as it was when they were computed: {level id or 0: [[customer,
    # first day, last day]]}.
    figure_holders = fields.Json(
        readonly=True,
        copy=False,
        groups="key_account_mgmt.group_kam_officer,key_account_mgmt.group_kam_auditor",
    )
    is_audit = fields.Boolean(compute="_compute_is_audit")

    @api.depends("kind_id.run_by")
    def _compute_is_audit(self):
        for review in self:
            review.is_audit = review.kind_id.run_by == "auditor"

    # Who runs it ---------------------------------------------------------------------

    @api.depends("kind_id.run_by")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        result = super()._compute_can_edit()
        auditor = self.env.user.has_group(AUDITOR)
        for review in self.filtered("is_audit"):
            review.can_edit = auditor and review.state in OPEN
        return result

    def _check_office(self):
        """An audit is run by auditors, and by nobody else."""
        # sudo: who runs it must not depend on who asks.
        audits = self.filtered(lambda review: review.sudo().is_audit)
        audits._check_auditor()
        if audits:
            audits.check_access("write")
        if self - audits or not self:
            return super(KamReview, self - audits)._check_office()
        return None

    def _check_auditor(self):
        """:raise AccessError: an audit, and the user is no auditor"""
        if self.env.su or self._is_engine() or self.env.user.has_group(AUDITOR):
            return
        if any(review.is_audit for review in self.sudo()):
            raise AccessError(self.env._("An audit is prepared and written by the auditors."))

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        reviews._check_auditor()
        return reviews

    def write(self, vals):
        if vals.keys() - self._always_writable():
            self._check_auditor()
        return super().write(vals)

    def unlink(self):
        self._check_auditor()
        return super().unlink()

    @api.model
    def _prepare_review(self, company, kind, period, today):
        """An audit is prepared by an auditor."""
        vals = super()._prepare_review(company, kind, period, today)
        if kind.run_by != "auditor":
            return vals
        mine = [("company_id", "=", company.id), ("kind_id", "=", kind.id)]
        last = self.search(mine, limit=1).user_id.filtered(lambda u: u.has_group(AUDITOR))
        auditor = self._still_there(last, company) or self._first_of(AUDITOR, company)
        people = {vals["chair_id"], auditor.id} - {False}
        return vals | {"user_id": auditor.id, "participant_ids": [(6, 0, sorted(people))]}

    def _create_decisions(self, vals_list):
        """Corrective actions of an audit are written by the system for the auditor."""
        if self.sudo().is_audit:
            # sudo: auditors write nothing but audits; that he may close it was checked.
            return super(KamReview, self.sudo())._create_decisions(vals_list)
        return super()._create_decisions(vals_list)

    # Closing -------------------------------------------------------------------------

    def _check_complete(self):
        """Also: what has to be said is said, and something was decided.  Source: S0-07."""
        result = super()._check_complete()
        silent = self.line_ids.filtered(lambda li: li._is_to_note() and not (li.note or "").strip())
        if silent:
            names = ", ".join(silent.mapped("name"))
            raise UserError(
                self.env._("Say something under “What Was Said” about: %(names)s", names=names)
            )
        if self.kind_id.needs_decision and not self.line_ids.filtered("decision"):
            raise UserError(
                self.env._(
                    "A review ends in improvement: decide at least one thing, with an owner and "
                    "a day."
                )
            )
        return result

    def action_open_figures(self):
        """All figures, to compare: list, graph and pivot."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_review_figure_action"
        )
        return action | {"name": self.name, "domain": [("review_id", "=", self.id)]}
