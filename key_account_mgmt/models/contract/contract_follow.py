from odoo import models


class KamContract(models.Model):
    """A draft says what its quotations say, whoever changes them.  Source: design §4.5."""

    _inherit = "kam.contract"

    def _orders_changed(self):
        result = super()._orders_changed()
        # Called with rights of nobody: also after a round was ended by the change.
        self._without_engine()._follow_orders()
        return result
