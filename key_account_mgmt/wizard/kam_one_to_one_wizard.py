from odoo import fields, models


class KamOneToOneWizard(models.TransientModel):
    """Whose accounts to talk about.  Source: users §2 (director)."""

    _name = "kam.one.to.one.wizard"
    _description = "1:1 with an Account Manager"

    user_id = fields.Many2one(
        "res.users",
        "Account Manager",
        required=True,
        domain=lambda self: [("id", "in", self._people().ids)],
        default=lambda self: self._people()[:1],
    )

    def _people(self):
        """Who leads accounts the reader may see, his own people first, then himself."""
        groups = self.env["kam.account"]._read_group([("user_id", "!=", False)], ["user_id"])
        leads = self.env["res.users"].concat(*(user for (user,) in groups))
        user = self.env.user
        if not user.has_group("key_account_mgmt.group_kam_officer") and not user.has_group(
            "key_account_mgmt.group_kam_auditor"
        ):
            leads &= user._kam_own_people() | user
        own = leads & user._kam_own_people()
        return own | leads

    def action_open(self):
        """The accounts of the person chosen; see ``kam.account``."""
        self.ensure_one()
        return self.env["kam.account"]._one_to_one_action(self.user_id)
