from odoo import models


class KamAccount(models.Model):
    """Early releases go along when an account changes hands, or is merged."""

    _inherit = "kam.account"

    def _merge_into(self, kept):
        # sudo: whoever merges contacts need not read early releases.
        releases = self.env["kam.early.release"].sudo().search([("account_id", "=", self.id)])
        releases._as_engine().write({"account_id": kept.id})
        return super()._merge_into(kept)

    def _handover_releases(self, user):
        """Those he still has to have signed."""
        return self.env["kam.early.release"].search(
            [
                ("account_id", "in", self.ids),
                ("user_id", "=", user.id),
                ("state", "=", "released"),
            ]
        )

    def _handover_items(self, user):
        return super()._handover_items(user) + [
            {
                "kind": "other",
                "model": release._name,
                "res_id": release.id,
                "name": self.env._("Early release: %(name)s", name=release.display_name),
                "date": release.sign_by,
                "account_id": release.account_id.id,
            }
            for release in self._handover_releases(user)
        ]

    def _handover_apply(self, old, new):
        result = super()._handover_apply(old, new)
        releases = self._handover_mine(self._handover_releases(old))
        releases._as_engine().write({"user_id": new.id})
        return result
