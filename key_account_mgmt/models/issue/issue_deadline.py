from odoo import api, fields, models
from odoo.fields import Domain

from ...policy.issues import Promise, choose_promise

SEVERITIES = [("1", "Minor"), ("2", "Major"), ("3", "Critical")]


class KamIssueDeadline(models.Model):
    """Until when issues are answered and solved, by kind, level and severity.

    Whatever is empty holds for all; the most specific row wins: kind before level before
    key account before severity.  The service pack of an account says whether the clock
    runs round the clock or in working hours, and may promise more: the earlier deadline
    counts.  Source: S0-52, S1h-09, S2-35, (g) Q15.
    """

    _name = "kam.issue.deadline"
    _inherit = ["kam.policy.logged"]
    _description = "Deadline of Issues"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    kind_id = fields.Many2one(
        "kam.issue.kind", index="btree_not_null", ondelete="cascade", help="Empty: all."
    )
    tier_id = fields.Many2one(
        "kam.tier",
        "Customer's Tier",
        index="btree_not_null",
        ondelete="cascade",
        help="A level or label the customer holds. Empty: all.",
    )
    key_only = fields.Boolean("Key Accounts Only")
    severity = fields.Selection(SEVERITIES, help="Empty: all.")
    response_hours = fields.Float(
        "Response Within (Hours)",
        help="Working hours, or hours of the day where the service pack says 7 × 24. "
        "0: nothing promised.",
    )
    resolution_days = fields.Integer(
        "Solution Within (Days)",
        help="Working days, until the end of the last one; with a 7 × 24 service pack days of "
        "24 hours. 0: nothing promised.",
    )
    active = fields.Boolean("In Use", default=True)

    _promise_check = models.Constraint(
        "CHECK (response_hours >= 0 AND resolution_days >= 0)",
        "Response and solution cannot be promised in less than no time.",
    )

    @api.depends("kind_id", "tier_id", "key_only", "severity")
    def _compute_display_name(self):
        severities = dict(self._fields["severity"]._description_selection(self.env))
        for row in self:
            level = row.tier_id.name or (row.key_only and self.env._("Key accounts"))
            parts = [row.kind_id.name, level, severities.get(row.severity)]
            row.display_name = " · ".join(p for p in parts if p) or self.env._("All issues")

    @api.model
    def _rows(self):
        """All rows in use, sudo, in their order."""
        # sudo: until when is no secret; whoever raises an issue need not read the table.
        return self.sudo().with_context(active_test=True).search(Domain.TRUE)

    def _choose(self, kind, account, severity):
        """The row of ``self`` that holds for an issue; empty where none fits.

        :param account: a ``kam.account``, sudo
        """
        promises = [
            Promise(
                row.id,
                row.kind_id.id or None,
                row.tier_id.id or None,
                row.key_only,
                row.severity or None,
                row.response_hours,
                row.resolution_days,
            )
            for row in self
        ]
        tiers = set((account.tier_id | account.label_ids).ids)
        chosen = choose_promise(promises, kind.id, tiers, account.is_key_account, severity)
        return self.browse(chosen.key if chosen else ())
