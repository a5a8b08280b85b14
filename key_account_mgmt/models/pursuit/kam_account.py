from odoo import fields, models

from .pursuit import RUNNING


class KamHandoverLine(models.Model):
    _inherit = "kam.handover.line"

    kind = fields.Selection(
        selection_add=[("pursuit", "Pursuit"), ("other",)], ondelete={"pursuit": "cascade"}
    )


class KamAccount(models.Model):
    """Pursuits follow the account file to whoever takes it over.  Source: g Q35."""

    _inherit = "kam.account"

    def _handover_pursuits(self, user):
        return self.env["kam.pursuit"].search(
            [
                ("account_id", "in", self.ids),
                ("user_id", "=", user.id),
                ("state", "in", ("draft", *RUNNING)),
            ]
        )

    def _handover_items(self, user):
        return super()._handover_items(user) + [
            {
                "kind": "pursuit",
                "model": pursuit._name,
                "res_id": pursuit.id,
                "name": pursuit.display_name,
                "date": pursuit.protected_until,
                "account_id": pursuit.account_id.id,
            }
            for pursuit in self._handover_pursuits(user)
        ]

    def _handover_apply(self, old, new):
        result = super()._handover_apply(old, new)
        self._handover_mine(self._handover_pursuits(old)).write({"user_id": new.id})
        return result
