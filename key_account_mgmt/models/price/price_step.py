from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..core.guarded import ondelete_always

DIRECTOR = "key_account_mgmt.group_kam_director"


class KamPriceStep(models.Model):
    """What a quantity earns in a campaign, over all orders of one unit together.

    First stage: the highest step reached.  Second stage 折上折: on top of it, from a
    larger share on.  Only directors set them.  Source: S1c-17, S1c-18, S1c-19.
    """

    _name = "kam.price.step"
    _inherit = ["kam.policy.logged"]
    _description = "Quantity Step of a Campaign"
    _order = "kam_campaign_id, stage, quantity_from, id"

    # A campaign and its steps stay in their database; what becomes of them is logged below.
    _policy_whole = False

    kam_campaign_id = fields.Many2one(
        "kam.campaign", "Campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="kam_campaign_id.company_id", store=True, index=True)
    stage = fields.Selection(
        [("1", "Group-Buy Discount"), ("2", "Second Discount on Top of It")],
        required=True,
        default="1",
    )
    quantity_from = fields.Float(
        "From Quantity",
        required=True,
        digits="Product Unit",
        help="Of all products below together, over all orders of the unit in the campaign.",
    )
    discount = fields.Float("Discount (%)", required=True)
    categ_id = fields.Many2one(
        "product.category",
        "Products",
        ondelete="restrict",
        help="A category with those below it. Empty: all products. One campaign counts one.",
    )

    _step_uniq = models.Constraint(
        "UNIQUE (kam_campaign_id, stage, quantity_from)",
        "There is a step from this quantity already.",
    )
    _step_check = models.Constraint(
        "CHECK (quantity_from > 0 AND discount > 0 AND discount <= 100)",
        "A step begins above zero and gives between 0 and 100 percent.",
    )

    @api.constrains("categ_id", "kam_campaign_id")
    def _check_one_category(self):
        for campaign in self.kam_campaign_id:
            if len({step.categ_id for step in campaign.step_ids}) > 1:
                raise ValidationError(
                    self.env._("All steps of a campaign count the same products.")
                )

    @api.depends("quantity_from", "discount")
    def _compute_display_name(self):
        for step in self:
            step.display_name = self.env._(
                "from %(quantity)g: %(discount)g %%",
                quantity=step.quantity_from,
                discount=step.discount,
            )

    def _policy_name(self):
        return f"{self.kam_campaign_id.name} / {self.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_director()
        steps = super().create(vals_list)
        steps._log_whole("create", "new_value")
        return steps

    def write(self, vals):
        self._check_director()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_director(self):
        self._check_director()

    def unlink(self):
        self._check_director()
        self._log_whole("unlink", "old_value")
        return super().unlink()

    def _log_whole(self, operation, column):
        if self._policy_is_logged():
            names = self._policy_fields()
            self.env["kam.policy.log"]._add(
                [
                    step._prepare_policy_row(operation, **{column: step._policy_summary(names)})
                    for step in self._policy_reader()
                ]
            )

    def _check_director(self):
        """Source: S1c-19."""
        if not (self.env.su or self.env.user.has_group(DIRECTOR)):
            raise AccessError(self.env._("Quantity steps are set by directors only."))

    def _counts(self, product):
        """Whether a product is one of those the steps of ``self`` count."""
        category = self.categ_id[:1]
        return not category or str(category.id) in (product.categ_id.parent_path or "").split("/")

    def _stages(self):
        """``(first, second)``: ``[(from quantity, percent)]`` each."""
        return tuple(
            [(step.quantity_from, step.discount) for step in self if step.stage == stage]
            for stage in ("1", "2")
        )
