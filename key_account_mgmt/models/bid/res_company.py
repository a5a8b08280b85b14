from odoo import fields, models

THRESHOLD = 3.0
SIGN_DAYS = 30


class ResCompany(models.Model):
    """When it pays to bid, and what an award starts.  Source: users §3.4, §3.7 K10."""

    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. Empty: as the policy.
    kam_bid_threshold = fields.Float(
        "Go From a Score of", digits=(3, 2), help="Between 0 and 5; 0: three."
    )
    kam_bid_sign_days = fields.Integer(
        "Contract Signed Within", help="Calendar days after the award notice; 0: thirty."
    )
    kam_bid_needs_pursuit = fields.Boolean("Bids Need a Registered Pursuit")

    def _kam_bid_threshold(self):
        """The weighted score from which it pays to bid, 0 to 5."""
        # sudo: the threshold of the root company is no secret.
        return self.sudo().root_id.kam_bid_threshold or THRESHOLD

    def _kam_bid_sign_days(self):
        """Calendar days from the award notice to the signature."""
        # sudo: as above.
        return self.sudo().root_id.kam_bid_sign_days or SIGN_DAYS

    def _kam_bid_needs_pursuit(self):
        # sudo: as above.
        return self.sudo().root_id.kam_bid_needs_pursuit
