from odoo import fields, models

from ..models.scorecard.scorecard_objection import RULINGS


class KamScorecardObjectWizard(models.TransientModel):
    """What a person objects to, and how the reviewer decides.  Source: c13."""

    _name = "kam.scorecard.object.wizard"
    _description = "Objection to a Scorecard"

    card_id = fields.Many2one("kam.scorecard", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection(
        [("object", "Object"), ("rule", "Decide")], required=True, default="object"
    )
    line_id = fields.Many2one(
        "kam.scorecard.line",
        "Disputed Figure",
        domain="[('card_id', '=', card_id)]",
        ondelete="cascade",
        help="Empty: the card as a whole.",
    )
    objection = fields.Text(compute="_compute_objection")
    figure = fields.Char(compute="_compute_objection")
    ruling = fields.Selection(RULINGS, "Decision", default="rejected")
    text = fields.Text("Reason", required=True)

    def _compute_objection(self):
        for wizard in self:
            open_ones = wizard.card_id.objection_ids.filtered(lambda one: not one.ruling)
            wizard.objection = "\n".join(open_ones.mapped("text")) or False
            wizard.figure = ", ".join(
                f"{one.kpi_id.display_name}: {one.figure}" for one in open_ones if one.line_id
            )

    def action_apply(self):
        """Object, or decide on the objection.

        Whoever objects goes back to his list: until the decision the card is the reviewer's.
        """
        self.ensure_one()
        if self.step == "rule":
            self.card_id._rule(self.ruling, self.text)
            return {"type": "ir.actions.act_window_close"}
        reviewer = self.card_id.reviewer_id.sudo().name
        self.card_id._object(self.text, self.line_id)
        mine = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_scorecard_action_mine"
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(name)s decides on your objection.", name=reviewer),
                "next": {**mine, "target": "main"},
            },
        }

    def action_show_documents(self):
        """The documents of the disputed figure."""
        self.ensure_one()
        open_ones = self.card_id.objection_ids.filtered(lambda one: not one.ruling)
        return open_ones[:1].action_show_documents()
