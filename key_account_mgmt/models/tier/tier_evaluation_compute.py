from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .engine import TierEngine
from .evaluation_writer import EvaluationWriter

KEPT_COLUMNS = (
    "decided_tier_id",
    "is_override",
    "override_reason",
    "override_user_id",
    "assessment",
    "expected_increment",
)


class KamTierEvaluation(models.Model):
    _inherit = "kam.tier.evaluation"

    def _compute_evaluation(self):
        """Measure, suggest and store, in this one transaction.

        Everything is read from one snapshot of the database: an invoice posted
        meanwhile belongs to the next computation, wholly.
        """
        self.ensure_one()
        if not self.scheme_ids:
            raise UserError(self.env._("Choose at least one scheme to evaluate."))
        engine_self = self._as_engine()
        engine_self._copy_criteria()
        kept = self._kept_decisions()
        self._drop_lines()
        for scheme in self.scheme_ids:
            criteria = self.criterion_ids.filtered(lambda c, s=scheme: c.scheme_id == s)
            engine = TierEngine(
                self.env, scheme, self.company_id, self.day, criteria, self.partner_ids or None
            )
            EvaluationWriter(self, engine, kept).store()
        self.env.invalidate_all()
        tz = self.company_id.resource_calendar_id.tz
        versions = ", ".join(scheme._policy_version(tz) for scheme in self.scheme_ids)
        engine_self.criterion_ids.write({"changed_after_computing": False})
        engine_self.write(
            {
                "state": "computed",
                "computed_on": fields.Datetime.now(),
                "policy_version": versions,
            }
        )

    def _copy_criteria(self):
        """The evaluation's own criteria: copied once, then kept for the simulation."""
        schemes = self.scheme_ids - self.criterion_ids.scheme_id
        vals_list = []
        # sudo: the copy is made from the policy whoever prepares the evaluation.
        for criterion in schemes.sudo().criterion_ids:
            vals = criterion.copy_data()[0]
            vals.pop("scheme_id", None)
            vals |= {
                "evaluation_id": self.id,
                "origin_id": criterion.id,
                "tier_id": criterion.tier_id.id,
                "tier_rank": criterion.tier_id.rank,
                "scheme_id": criterion.scheme_id.id,
            }
            vals_list.append(vals)
        # sudo: the records belong to the engine, nobody has the right to create them.
        self.criterion_ids.sudo()._as_engine().create(vals_list)

    def _kept_decisions(self):
        """Overrides and notes survive a recomputation; suggestions do not."""
        lines = self.env["kam.tier.evaluation.line"].search(
            [
                ("evaluation_id", "=", self.id),
                "|",
                ("is_override", "=", True),
                "|",
                ("assessment", "!=", False),
                ("expected_increment", "!=", 0),
            ]
        )
        kept = {}
        for line in lines:
            columns = KEPT_COLUMNS if line.is_override else KEPT_COLUMNS[-2:]
            key = (line.scheme_id.id, line.partner_id.id, line.label_id.id or None)
            kept[key] = {
                name: (line[name].id if hasattr(line[name], "ids") else line[name]) or None
                for name in columns
            }
            if not line.is_override:
                kept[key].setdefault("is_override", False)
        return {key: vals for key, vals in kept.items() if vals}

    def _drop_lines(self):
        self.env["kam.tier.evaluation.line"].flush_model()
        self.env.cr.execute(
            SQL("DELETE FROM kam_tier_evaluation_line WHERE evaluation_id = %s", self.id)
        )
        self.env.invalidate_all()
