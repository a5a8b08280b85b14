from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class KamTarget(models.Model):
    _inherit = "kam.target"

    def _check_open(self, new=False):
        """A target a closed scorecard was scored by stays as it was: also the months its
        target was the sum of, and what was reached of it.  A year may still be given months.

        :raise UserError: names the card
        """
        result = super()._check_open(new)
        # sudo: a lock holds whoever asks.
        cards = self.env["kam.scorecard"].sudo()
        for target in self:
            domain = Domain("company_id", "=", target.company_id.id)
            domain &= Domain("state", "=", "closed")
            domain &= Domain("subject_kind", "=", target.subject_kind)
            domain &= Domain("user_id", "=", target.user_id.id)
            domain &= Domain("team_id", "=", target.team_id.id)
            domain &= Domain("date_from", "=" if new else "<=", target.date_from)
            domain &= Domain("date_to", "=" if new else ">=", target.date_to)
            scored = Domain("line_ids.kpi_id", "=", target.kpi_id.id)
            if not new:
                scored |= Domain("line_ids.kpi_id.base_kpi_id", "=", target.kpi_id.id)
            domain &= scored
            closed = cards.search(domain, limit=1)
            if closed:
                raise UserError(
                    self.env._(
                        "The scorecard %(card)s is closed: the target it was scored by stays.",
                        card=closed.display_name,
                    )
                )
        return result
