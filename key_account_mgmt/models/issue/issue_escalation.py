from odoo import api, fields, models

RECEIVERS = [
    ("handler", "Who Handles It"),
    ("manager", "Manager of the Department"),
    ("lead", "Lead Account Manager"),
    ("sponsor", "Executive Sponsor"),
    ("director", "Directors"),
]


class KamIssueEscalation(models.Model):
    """Who hears of a deadline that was missed, and how long after it.

    Once per level and deadline.  Hours run on the issue's own clock.  Source: (c11), J12.
    """

    _name = "kam.issue.escalation"
    _inherit = ["kam.policy.logged"]
    _description = "Escalation of Issues"
    _order = "level, id"

    level = fields.Integer(required=True, default=1)
    hours = fields.Float(
        "Hours After the Deadline", help="Working hours, or hours of the day with 7 × 24."
    )
    receiver = fields.Selection(RECEIVERS, "Told", required=True, default="manager")
    active = fields.Boolean("In Use", default=True)

    _level_check = models.Constraint(
        "CHECK (level > 0 AND hours >= 0)", "Levels are counted from one, hours from zero."
    )
    _row_uniq = models.UniqueIndex(
        "(level, receiver) WHERE active", "This level tells them already."
    )

    @api.depends("level", "receiver")
    def _compute_display_name(self):
        labels = dict(self._fields["receiver"]._description_selection(self.env))
        for row in self:
            row.display_name = f"{row.level} – {labels.get(row.receiver, '')}"

    def _levels(self):
        """``[(level, hours)]``; of a level told to several the shortest time."""
        hours = {}
        for row in self:
            hours[row.level] = min(row.hours, hours.get(row.level, row.hours))
        return sorted(hours.items())
