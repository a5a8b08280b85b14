from odoo import api, fields, models


class KamVisit(models.Model):
    """What somebody who plans should know; nothing of it stops him."""

    _inherit = "kam.visit"

    warning = fields.Text(compute="_compute_warning")

    @api.depends("start", "stop", "participant_ids", "account_id", "purpose_id", "state")
    def _compute_warning(self):
        for visit in self:
            lines = []
            if visit.state == "planned" and visit.start and visit.stop:
                lines = [visit._overlap_warning(), visit._contact_warning()]
            visit.warning = "\n".join(line for line in lines if line) or False

    def _overlap_warning(self):
        """Two visits of one person at the same time."""
        # sudo: when a colleague is away on a visit is no secret, where is.
        others = self.sudo().search(
            [
                ("state", "=", "planned"),
                ("id", "not in", self._origin.ids),
                ("start", "<", self.stop),
                ("stop", ">", self.start),
                ("participant_ids", "in", self.participant_ids._origin.ids),
            ],
            limit=10,
        )
        busy = others.participant_ids & self.participant_ids._origin.sudo()
        if not busy:
            return ""
        return self.env._(
            "At the same time on another visit: %(names)s.", names=", ".join(busy.mapped("name"))
        )

    def _contact_warning(self):
        """S1r-05: somebody should have called before the first visit."""
        if self.purpose_id.code != "first" or not self.mode_id.is_on_site:
            return ""
        account = self.account_id._origin
        if not account or self.search_count(
            [
                ("account_id", "=", account.id),
                ("state", "in", ("to_report", "reported")),
                ("mode_id.is_on_site", "=", False),
            ],
            limit=1,
        ):
            return ""
        return self.env._(
            "Nobody has called or written to this customer yet: a call before the first visit "
            "makes it worth more."
        )
