from odoo import fields, models

KINDS = [
    ("receivable", "Overdue Receivables"),
    ("obligation", "Obligation"),
    ("visit", "Planned Visit"),
    ("report", "Report Due"),
    ("action", "Action"),
    ("request", "Request"),
    ("stakeholder", "Stakeholder"),
    ("opportunity", "Opportunity"),
    ("quotation", "Quotation"),
    ("role", "Role in a Team"),
    ("other", "Other"),
]


class KamHandoverLine(models.Model):
    """One thing that was open when a hand-over was proposed; a snapshot, never changed."""

    _name = "kam.handover.line"
    _inherit = ["kam.guarded"]
    _description = "Handed-Over Item"
    _order = "handover_id, account_name, sequence, date, id"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    handover_id = fields.Many2one("kam.handover", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="handover_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer()
    account_id = fields.Many2one("kam.account", index="btree_not_null", ondelete="restrict")
    # Whoever is asked to take the account over may not see the file itself yet.
    account_name = fields.Char("Customer")
    kind = fields.Selection(KINDS, required=True)
    name = fields.Char("What", required=True)
    date = fields.Date("Due")
    amount = fields.Monetary()
    res_model = fields.Char()
    res_id = fields.Many2oneReference(model_field="res_model")

    def action_open(self):
        """Open the document, for who may read it."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
