from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class KamTierEvaluation(models.Model):
    _inherit = "kam.tier.evaluation"

    _approval_state_from = ("computed",)
    _approval_state_pending = "to_approve"
    _approval_state_approved = "approved"
    _approval_state_refused = "computed"

    def _approval_check(self):
        """What must hold before the office submits.  Source: S3-20, (c1)."""
        result = super()._approval_check()
        self._check_officer()
        if self.is_stale:
            raise UserError(
                self.env._("Thresholds were changed after the last computation: compute again.")
            )
        if not self.line_count:
            raise UserError(
                self.env._("There is nothing to decide: no customer is in the schemes' scope.")
            )
        return result

    def _approval_fingerprint_values(self):
        """Everything the decision rests on: lines, results, criteria, effective date."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT count(*), md5(string_agg(md5(ROW(
                         l.id, l.partner_id, l.scheme_id, l.label_id, l.current_tier_id,
                         l.suggested_tier_id, l.decided_tier_id, l.code, l.is_override,
                         l.override_reason, l.sales, l.assessment)::text), '' ORDER BY l.id)),
                       (SELECT md5(string_agg(md5(ROW(c.id, c.tier_id, c.operator, c.threshold,
                                c.standing, c.group_no)::text), '' ORDER BY c.id))
                          FROM kam_tier_evaluation_criterion c WHERE c.evaluation_id = %s),
                       (SELECT md5(string_agg(md5(r::text), '' ORDER BY r.id))
                          FROM kam_tier_evaluation_result r
                          JOIN kam_tier_evaluation_line x ON x.id = r.line_id
                         WHERE x.evaluation_id = %s)
                  FROM kam_tier_evaluation_line l WHERE l.evaluation_id = %s
                """,
                self.id,
                self.id,
                self.id,
            )
        )
        count, lines, criteria, results = self.env.cr.fetchone()
        return {
            "line_ids": [count, lines, results],
            "criterion_ids": criteria,
            "day": str(self.day),
            "effective_date": str(self.effective_date or ""),
            "scheme_ids": sorted(self.scheme_ids.ids),
        }

    def _approval_partner(self):
        """The customer, where the evaluation is about one."""
        lines = self.env["kam.tier.evaluation.line"]
        groups = lines._read_group([("evaluation_id", "=", self.id)], ["partner_id"], limit=2)
        return groups[0][0] if len(groups) == 1 else self.env["res.partner"]

    def _approval_summary(self):
        return [
            (self.env._("Schemes"), ", ".join(self.scheme_ids.mapped("name"))),
            (self.env._("As of"), fields.Date.to_string(self.day)),
            (
                self.env._("Takes effect"),
                fields.Date.to_string(self.effective_date) or self.env._("on approval"),
            ),
            (self.env._("Customers"), str(self.line_count)),
            (self.env._("New"), str(self.new_count)),
            (self.env._("Upgrades"), str(self.up_count)),
            (self.env._("Downgrades"), str(self.down_count)),
            (self.env._("Overrides"), str(self.override_count)),
            (self.env._("Not assessed"), str(self.unassessed_count)),
        ]

    def _approval_highlights(self):
        """What changes, and what is unusual: out of range, overrides, not assessed."""
        texts = [
            self.env._(
                "%(new)s new, %(up)s upgrades, %(down)s downgrades, %(override)s overrides",
                new=self.new_count,
                up=self.up_count,
                down=self.down_count,
                override=self.override_count,
            )
        ]
        texts += self._range_sentences(only_problems=True)
        lines = self.env["kam.tier.evaluation.line"]
        base = [("evaluation_id", "=", self.id)]
        for line in lines.search([*base, ("is_override", "=", True)], limit=5):
            texts.append(
                self.env._(
                    "Override: %(customer)s %(suggested)s → %(decided)s (%(reason)s)",
                    customer=line.partner_id.name,
                    suggested=line.suggested_tier_id.name or "–",
                    decided=line.decided_tier_id.name or "–",
                    reason=line.override_reason,
                )
            )
        if self.unassessed_count:
            texts.append(
                self.env._(
                    "%(count)s customers are not assessed and keep their tier.",
                    count=self.unassessed_count,
                )
            )
        persons = lines.search_count(
            [
                *base,
                ("decided_tier_id.is_key_account", "=", True),
                ("partner_id.is_company", "=", False),
            ]
        )
        if persons:
            texts.append(
                self.env._("%(count)s key accounts are individuals, not companies.", count=persons)
            )
        if self.criterion_ids.filtered("differs"):
            texts.append(self.env._("Thresholds differ from the policy in force."))
        return texts

    def _approval_granted(self):
        today = self.company_id._kam_today()
        if not self.effective_date:
            self._as_engine().write({"effective_date": max(today, self.day)})
        if self.effective_date <= today:
            self._apply(today)
        return super()._approval_granted()
