from odoo import api, models
from odoo.exceptions import ValidationError

from ...policy import banding


class KamTierScheme(models.Model):
    """Bands of the levels: half-open, without overlap, highest rank on top."""

    _inherit = "kam.tier.scheme"

    @api.constrains("tier_ids", "fallback_tier_id")
    def _check_bands(self):
        """Bands must not be inverted, overlap, or ask less of a higher level."""
        for scheme in self:
            problems = scheme._band_problems()
            if problems:
                raise ValidationError("\n".join(problems))

    def _band_problems(self):
        """Sentences about bands that cannot be meant.  Source: S0-18, (a.1 C7)."""
        self.ensure_one()
        levels = []
        for tier in self.tier_ids.sorted("rank"):
            groups = {}
            for criterion in tier.criterion_ids:
                group = groups.setdefault(criterion.group_no, {})
                group.setdefault(criterion.metric_id.id, []).append(criterion._to_policy())
            levels.append((tier.id, list(groups.values())))
        return [self._band_sentence(*problem) for problem in banding.check_bands(levels)]

    def _band_sentence(self, code, tier_id, other_id, metric_id):
        Tier = self.env["kam.tier"]
        names = {
            "metric": self.env["kam.metric"].browse(metric_id).name,
            "tier": Tier.browse(tier_id).name,
            "other": Tier.browse(other_id or []).name,
        }
        if code == banding.INVERTED:
            return self.env._(
                "%(metric)s of “%(tier)s”: the lower bound is not below the upper one.", **names
            )
        if code == banding.OVERLAP:
            return self.env._(
                "%(metric)s: the bands of “%(tier)s” and “%(other)s” overlap. The upper bound of "
                "the lower level must not be above the lower bound of the higher one.",
                **names,
            )
        return self.env._(
            "%(metric)s: “%(tier)s” ranks above “%(other)s” but asks for less.", **names
        )
