from odoo import api, models

# More than that nobody reads on paper, and the PDF would take minutes.
ANNEX_LIMIT = 5000
LINE_FIELDS = [
    "scheme_id", "partner_id", "label_id", "current_tier_id", "suggested_tier_id",
    "decided_tier_id", "next_tier_id", "code", "change", "attention", "is_override",
    "override_reason", "override_user_id", "sales", "sales_previous", "assessment",
]  # fmt: skip
UNASSESSED = 3


class TierDeclaration(models.AbstractModel):
    """Customer classification declaration 客户分类申报表 (P4), for the general manager.

    First what changes and the key accounts, then the criteria it rests on and the
    approval; all other customers follow as a compact annex.  Read with a constant
    number of queries, however many customers there are.  Source: S3-20, (f) P4.
    """

    _name = "report.key_account_mgmt.report_tier_declaration"
    _inherit = ["kam.tier.report"]
    _description = "Customer Classification Declaration"

    @api.model
    def _get_report_values(self, docids, data=None):
        evaluations = self.env["kam.tier.evaluation"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": evaluations._name,
            "docs": evaluations,
            "papers": {evaluation.id: self._paper(evaluation) for evaluation in evaluations},
        }

    def _paper(self, evaluation):
        """Everything the template prints, as plain texts."""
        lines = self.env["kam.tier.evaluation.line"].search_fetch(
            [("evaluation_id", "=", evaluation.id)], LINE_FIELDS
        )
        by_scheme = lines.grouped("scheme_id")
        sections = [
            self._section(evaluation, scheme, by_scheme[scheme])
            for scheme in evaluation.scheme_ids
            if scheme in by_scheme
        ]
        return {
            "head": self._head(evaluation),
            "counts": self._counts(evaluation),
            "ranges": evaluation._range_sentences(),
            "highlights": self._highlights(evaluation),
            "matrices": evaluation._migration_matrices(),
            "unit": evaluation.company_id._kam_amount_unit_label(),
            "sections": sections,
            "criteria": self._criteria(evaluation),
            "approval": self._approval(evaluation),
        }

    def _counts(self, evaluation):
        return [
            (self.env._("Customers"), evaluation.line_count),
            (self.env._("New"), evaluation.new_count),
            (self.env._("Upgrades"), evaluation.up_count),
            (self.env._("Downgrades"), evaluation.down_count),
            (self.env._("Overrides"), evaluation.override_count),
            (self.env._("Not assessed"), evaluation.unassessed_count),
        ]

    def _highlights(self, evaluation):
        """What is unusual: as submitted, else as it is now."""
        request = evaluation.approval_request_id
        if request.state in ("pending", "approved"):
            return request._snapshot_texts()["highlights"]
        return evaluation._approval_highlights()

    # Customers --------------------------------------------------------------------

    def _section(self, evaluation, scheme, lines):
        """Lines of one scheme: ``main`` first, the rest as ``annex``."""
        main = lines.filtered(self._is_main).sorted(self._main_order)
        annex = lines - main
        codes = self._labels(lines, "code")
        window, metrics = self._windows(evaluation, scheme), self._line_metrics()
        shown = annex[:ANNEX_LIMIT]
        return {
            "scheme": scheme.name,
            "labels": not scheme.exclusive,
            "window": window(metrics["annual_sales"]),
            "window_before": window(metrics["previous_sales"]),
            "main": [self._main_row(evaluation, line, codes) for line in main],
            "annex": [self._row(evaluation, line, codes) for line in shown],
            "left_out": len(annex) - len(shown),
        }

    @api.model
    def _is_main(self, line):
        """Changed, overridden, kept against the figures, or a key account."""
        return (
            line.attention > UNASSESSED
            or 0 < line.attention < UNASSESSED
            or line.decided_tier_id.is_key_account
            or line.current_tier_id.is_key_account
        )

    @api.model
    def _main_order(self, line):
        rank = line.decided_tier_id.rank or line.current_tier_id.rank
        return (-line.attention, rank, -line.sales, line.id)

    def _row(self, evaluation, line, codes):
        company = evaluation.company_id
        return {
            "id": line.id,
            "customer": line.partner_id.name,
            "label": line.label_id.name,
            "current": line.current_tier_id.name or "–",
            "decided": line.decided_tier_id.name or "–",
            "sales": company._kam_amount_number(line.sales),
            "before": company._kam_amount_number(line.sales_previous),
            "growth": self._percent(line.sales, line.sales_previous),
            "why": codes[line.code],
        }

    def _main_row(self, evaluation, line, codes):
        changes = self._labels(line, "change")
        return self._row(evaluation, line, codes) | {
            "change": line.change,
            "change_label": changes[line.change],
            "override": line.is_override,
            "suggested": line.suggested_tier_id.name or "–",
            "remarks": self._remarks(line),
        }

    def _remarks(self, line):
        remarks = []
        if line.is_override:
            remarks.append(
                self.env._(
                    "Override by %(name)s: %(reason)s",
                    name=line.override_user_id.name,
                    reason=line.override_reason,
                )
            )
        if line.assessment:
            remarks.append(line.assessment)
        if line.missing_text:
            remarks.append(self.env._("To reach %(missing)s", missing=line.missing_text))
        return remarks

    # Criteria ---------------------------------------------------------------------

    def _criteria(self, evaluation):
        """Per level the criteria used; ``policy``: what the policy says instead."""
        rows = []
        for scheme in evaluation.scheme_ids:
            criteria = evaluation.criterion_ids.filtered(lambda c, s=scheme: c.scheme_id == s)
            for tier in scheme.tier_ids.sorted("rank"):
                mine = criteria.filtered(
                    lambda c, t=tier: c.tier_id == t and (c.is_active or c.differs)
                )
                sentences = [
                    {
                        "group": number,
                        "sentence": criterion.sentence,
                        "differs": criterion.differs,
                        "policy": criterion.origin_id.sentence if criterion.differs else False,
                    }
                    for number, group in sorted(mine.grouped("group_no").items())
                    for criterion in group
                ]
                rows.append(
                    {
                        "scheme": scheme.name,
                        "tier": tier.name,
                        "groups": len(set(mine.mapped("group_no"))),
                        "criteria": sentences,
                        "otherwise": self.env._("Everybody else.")
                        if tier.is_fallback
                        else self.env._("Decided by hand."),
                    }
                )
        return rows
