from odoo import api, models
from odoo.exceptions import ValidationError


class IrModelFields(models.Model):
    _inherit = "ir.model.fields"

    @api.constrains("relation_table")
    def _check_kam_floor(self):
        """No field of one's own lies over the table of bottom lines, as if it held links.

        Grouping by such a field would show any column.  Source: design §4.4.
        """
        table = self.env["kam.negotiation.floor"]._table
        if any((field.relation_table or "").lower() == table for field in self):
            raise ValidationError(
                self.env._("Bottom lines are opened to nobody this way: choose another table.")
            )
