from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SCORES = ("kam_purchase_power", "kam_sincerity")


class CrmLead(models.Model):
    """What a prospect can buy, and how much he means it: 1 to 100, 0 is not assessed.

    Source: S1c-02, S1a-06, S1p-02.
    """

    _inherit = "crm.lead"

    kam_purchase_power = fields.Integer(
        "Purchase Power", aggregator="avg", help="1 to 100: how much he could buy. 0: not assessed."
    )
    kam_sincerity = fields.Integer(
        "Sincerity", aggregator="avg", help="1 to 100: how much he means it. 0: not assessed."
    )
    kam_lead_score = fields.Integer(
        "Score",
        compute="_compute_kam_lead_score",
        aggregator=None,
        help="The mean of purchase power and sincerity, once both are known.",
    )

    @api.depends(*SCORES)
    def _compute_kam_lead_score(self):
        for lead in self:
            scores = [lead[name] for name in SCORES]
            lead.kam_lead_score = round(sum(scores) / len(scores)) if all(scores) else 0

    @api.constrains(*SCORES)
    def _check_kam_lead_scores(self):
        for lead in self:
            if not all(0 <= lead[name] <= 100 for name in SCORES):
                raise ValidationError(self.env._("A score lies between 0 and 100."))

    def write(self, vals):
        if vals.get("type") == "opportunity":
            self._kam_check_qualified(vals)
        return super().write(vals)

    def _kam_check_qualified(self, vals):
        """:raise UserError: the company wants both scores before a lead is qualified"""
        for lead in self.filtered(lambda one: one.type == "lead"):
            company = lead.company_id or self.env.company
            known = all(vals.get(name, lead[name]) for name in SCORES)
            if not known and company._kam_lead_rule("kam_lead_scores_required"):
                raise UserError(
                    self.env._(
                        "Assess purchase power and sincerity of “%(name)s” first: then it "
                        "becomes an opportunity.",
                        name=lead.name,
                    )
                )

    def _merge_get_fields_specific(self):
        """The kept opportunity has the better known score of those merged."""
        best = {name: lambda fname, leads: max(leads.mapped(fname), default=0) for name in SCORES}
        return {**super()._merge_get_fields_specific(), **best}
