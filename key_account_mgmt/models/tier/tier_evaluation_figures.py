from odoo import fields, models


class KamTierEvaluation(models.Model):
    """What an evaluation says at a glance: counts, ranges, what changes, the matrix."""

    _inherit = "kam.tier.evaluation"

    changed_line_ids = fields.Many2many(
        "kam.tier.evaluation.line", compute="_compute_changed_line_ids", string="What Changes"
    )
    line_count = fields.Integer("Lines in All", compute="_compute_counts")
    up_count = fields.Integer("Upgrades", compute="_compute_counts")
    down_count = fields.Integer("Downgrades", compute="_compute_counts")
    new_count = fields.Integer("New", compute="_compute_counts")
    override_count = fields.Integer("Overrides", compute="_compute_counts")
    unassessed_count = fields.Integer("Not Assessed", compute="_compute_counts")
    changed_count = fields.Integer("Changes", compute="_compute_counts")
    range_text = fields.Text("Customers per Level", compute="_compute_range_text")
    matrix_html = fields.Html("Tier Migration Matrix", compute="_compute_matrix_html")

    def _compute_counts(self):
        Line = self.env["kam.tier.evaluation.line"]
        groups = Line._read_group(
            [("evaluation_id", "in", self.ids)],
            ["evaluation_id", "change", "code", "is_override"],
            ["__count"],
        )
        for evaluation in self:
            mine = [group[1:] for group in groups if group[0] == evaluation]

            def total(test, mine=mine):
                return sum(count for *key, count in mine if test(*key))

            evaluation.line_count = total(lambda change, code, override: True)
            evaluation.up_count = total(lambda change, code, override: change == "up")
            evaluation.down_count = total(
                lambda change, code, override: change in ("down", "removed")
            )
            evaluation.new_count = total(lambda change, code, override: change in ("new", "added"))
            evaluation.override_count = total(lambda change, code, override: override)
            evaluation.unassessed_count = total(lambda change, code, override: code == "unassessed")
            evaluation.changed_count = total(
                lambda change, code, override: change not in ("same", "none")
            )

    def _compute_changed_line_ids(self):
        Line = self.env["kam.tier.evaluation.line"]
        for evaluation in self:
            domain = [("evaluation_id", "=", evaluation.id), ("needs_attention", "=", True)]
            evaluation.changed_line_ids = Line.search(domain, limit=80)

    def _compute_range_text(self):
        for evaluation in self:
            evaluation.range_text = "\n".join(evaluation._range_sentences())

    def _range_sentences(self, only_problems=False):
        """“Strategic: 2 of 3–5” per level that has a range.  Source: S3-13."""
        self.ensure_one()
        tiers = self.scheme_ids.tier_ids.filtered(lambda t: t.min_customers or t.max_customers)
        counts = self._customers_per_tier(tiers)
        sentences = []
        for tier in tiers:
            count = counts.get(tier.id, 0)
            low, high = tier.min_customers, tier.max_customers
            fits = count >= low and (not high or count <= high)
            if only_problems and fits:
                continue
            wanted = f"{low}–{high}" if high else self.env._("at least %(low)s", low=low)
            sentences.append(
                self.env._(
                    "%(tier)s: %(count)s of %(wanted)s", tier=tier.name, count=count, wanted=wanted
                )
            )
        return sentences

    def _customers_per_tier(self, tiers):
        """``{tier id: customers}`` once this evaluation is applied.

        An evaluation of a few customers leaves the others as they are: who holds the
        level outside of it counts too.  A group counts once, by its head.
        """
        self.ensure_one()
        Line = self.env["kam.tier.evaluation.line"]
        decided = Line._read_group(
            [("evaluation_id", "=", self.id), ("decided_tier_id", "in", tiers.ids)],
            ["decided_tier_id"],
            ["__count"],
        )
        counts = {tier.id: count for tier, count in decided}
        if self.partner_ids:
            # sudo: a number only, of all customers of the company.
            evaluated = Line.sudo()._search([("evaluation_id", "=", self.id)])
            held = (
                self.env["kam.tier.assignment"]
                .sudo()
                ._read_group(
                    [
                        ("tier_id", "in", tiers.ids),
                        ("company_id", "=", self.company_id.id),
                        ("date_to", "=", False),
                        "|",
                        ("scheme_id.group_mode", "=", "account"),
                        ("account_id.parent_id", "=", False),
                        ("account_id.active", "=", True),
                        ("account_id.partner_id", "not in", evaluated.subselect("partner_id")),
                    ],
                    ["tier_id"],
                    ["__count"],
                )
            )
            for tier, count in held:
                counts[tier.id] = counts.get(tier.id, 0) + count
        return counts

    def _compute_matrix_html(self):
        for evaluation in self:
            evaluation.matrix_html = self.env["ir.qweb"]._render(
                "key_account_mgmt.kam_tier_migration_matrix",
                {"matrices": evaluation._migration_matrices()},
            )

    def _migration_matrices(self):
        """Per exclusive scheme: customers by level before (rows) and after (columns).

        Source: S2-25.
        """
        self.ensure_one()
        groups = self.env["kam.tier.evaluation.line"]._read_group(
            [("evaluation_id", "=", self.id), ("label_id", "=", False)],
            ["scheme_id", "current_tier_id", "decided_tier_id"],
            ["__count"],
        )
        matrices = []
        for scheme in self.scheme_ids.filtered("exclusive"):
            tiers = scheme.tier_ids.sorted("rank")
            cells = {
                (current.id, decided.id): count
                for line_scheme, current, decided, count in groups
                if line_scheme == scheme
            }
            none = self.env["kam.tier"]
            columns = [*tiers, none] if any(not key[1] for key in cells) else [*tiers]
            rows = [*tiers, none] if any(not key[0] for key in cells) else [*tiers]
            matrices.append({"scheme": scheme, "rows": rows, "columns": columns, "cells": cells})
        return matrices
