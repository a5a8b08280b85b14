from odoo import api, fields, models


class KamObligationKind(models.Model):
    """What is owed: a visit, a return visit, an executive meeting, a need research …

    It says what fulfils it: visits with one of its purposes, held in one of its ways, or a
    confirmed insight.  Source: S0-43, S0-25, S3-38, S3-51, S1a-14, g Q9, Q10.
    """

    _name = "kam.obligation.kind"
    _inherit = ["kam.policy.logged"]
    _description = "Obligation Kind"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean("In Use", default=True)
    fulfilled_by = fields.Selection(
        [("visit", "Visits"), ("insight", "Insights")], required=True, default="visit"
    )
    purpose_ids = fields.Many2many(
        "kam.visit.purpose",
        string="Purposes",
        help="What a visit must be for to count. Empty: any purpose.",
    )
    mode_ids = fields.Many2many(
        "kam.visit.mode",
        string="Modes",
        help="In which way a visit must be held to count. Empty: any way.",
    )
    insight_kind = fields.Char(
        help="Code of the kind of insight that counts once it is confirmed, e.g. “needs”."
    )
    description = fields.Char(translate=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another obligation kind has this code.")

    @api.model
    def _rules(self):
        """``{kind id: (fulfilled_by, purposes, modes, insight kind)}`` for counting.

        Ids as sets; an empty set of a visit's kind lets every purpose or mode count.
        """
        kinds = self.with_context(active_test=False).search([("code", "!=", False)])
        return {
            kind.id: (
                kind.fulfilled_by,
                frozenset(kind.purpose_ids.ids),
                frozenset(kind.mode_ids.ids),
                kind.insight_kind,
            )
            for kind in kinds
        }
