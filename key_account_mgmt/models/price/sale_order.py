from odoo import api, fields, models
from odoo.exceptions import UserError

from .price_figures import OPEN


class SaleOrder(models.Model):
    """New quotations take the prices of the account; what goes beyond them is shown with
    the button that asks.  Nothing is stored on the order.  Source: S2-26, S1p-12, S1c-17.
    """

    _inherit = "sale.order"

    kam_price_problem = fields.Text("Prices to Be Approved", compute="_compute_kam_price_problem")
    kam_price_waits = fields.Char("Prices Wait for", compute="_compute_kam_price_problem")
    kam_group_discount_text = fields.Char(
        "Group-Buy Discount", compute="_compute_kam_group_discount_text"
    )
    kam_price_approval_ids = fields.One2many(
        "kam.price.approval",
        "order_id",
        "Price Approvals",
        groups="sales_team.group_sale_salesman,key_account_mgmt.group_kam_member,"
        "key_account_mgmt.group_kam_admin,key_account_mgmt.group_kam_auditor",
    )

    # Taken from the account -------------------------------------------------------------

    @api.depends("partner_id", "company_id")
    def _compute_pricelist_id(self):
        """Also the account's pricelist; a long-term one only while a contract runs."""
        result = super()._compute_pricelist_id()
        new = self.filtered(lambda order: order.state == "draft" and order.partner_id)
        for order, account in new._kam_accounts_with_prices().items():
            pricelist = account.pricelist_id
            if pricelist and order._kam_may_take(pricelist):
                order.pricelist_id = pricelist.sudo(False)
        return result

    @api.depends("partner_id")
    def _compute_payment_term_id(self):
        """Also the account's payment terms."""
        result = super()._compute_payment_term_id()
        for order, account in self._kam_accounts_with_prices().items():
            term = account.payment_term_id
            if term and order._kam_is_for_company(term):
                order.payment_term_id = term.sudo(False)
        return result

    def _kam_accounts_with_prices(self):
        """``{order: account}`` where the area is on and the account has prices, sudo."""
        orders = self.filtered("partner_id")
        if not orders or not self.env["res.groups"]._kam_area_is_on("price"):
            return {}
        found = {}
        for order in orders:
            company = (order.company_id or self.env.company).sudo().root_id
            # sudo: the prices hold for whoever sells; the file stays unread.
            customer = order.partner_id.sudo().commercial_partner_id.with_company(company)
            account = customer.kam_account_id
            if account.pricelist_id or account.payment_term_id:
                found[order] = account
        return found

    def _kam_may_take(self, pricelist):
        """Whether a pricelist is of the order's company and needs no contract he lacks."""
        self.ensure_one()
        if not self._kam_is_for_company(pricelist):
            return False
        if not pricelist.kam_long_term:
            return True
        company = (self.company_id or self.env.company).sudo().root_id
        customer = self.partner_id.sudo().commercial_partner_id
        return bool(
            self.env["kam.contract"]._kam_running_partners(customer, company, company._kam_today())
        )

    def _kam_is_for_company(self, record):
        company = self.company_id or self.env.company
        return not record.company_id or record.company_id in company.sudo().parent_ids

    # Shown ------------------------------------------------------------------------------

    @api.depends(
        "state",
        "partner_id",
        "pricelist_id",
        "payment_term_id",
        "order_line.price_unit",
        "order_line.discount",
        "order_line.product_uom_qty",
    )
    @api.depends_context("lang", "uid")
    def _compute_kam_price_problem(self):
        still_open = self.filtered(lambda order: order._origin and order.state in OPEN)
        blocks = still_open._kam_price_block()
        waits = {}
        if blocks:
            # sudo: whose turn it is, is no secret to whoever sells.
            pending = self.env["kam.price.approval"].sudo().search(
                [("order_id", "in", list(blocks)), ("state", "=", "to_approve")]
            )  # fmt: skip
            waits = {approval.order_id.id: approval.approval_waiting_for for approval in pending}
        for order in self:
            order.kam_price_problem = blocks.get(order._origin.id, False)
            order.kam_price_waits = waits.get(order._origin.id, False)

    @api.depends("partner_id", "campaign_id", "order_line.product_uom_qty", "state")
    @api.depends_context("lang")
    def _compute_kam_group_discount_text(self):
        on = self.env["res.groups"]._kam_area_is_on("price")
        for order in self:
            shown = on and order.campaign_id and order._origin and order.state in OPEN
            order.kam_group_discount_text = (shown and order._origin._kam_group_text()) or False

    # Buttons ----------------------------------------------------------------------------

    def action_kam_ask_price(self):
        """Ask for approval of the figures beyond the level; opens what was asked already.

        :raise UserError: nothing goes beyond it
        """
        self.ensure_one()
        self.check_access("write")
        if self.id not in self._kam_price_block():
            raise UserError(
                self.env._("The prices of %(order)s need nobody's approval.", order=self.name)
            )
        Approval = self.env["kam.price.approval"]
        asked = Approval.search(
            [("order_id", "=", self.id), ("state", "in", ("draft", "to_approve"))], limit=1
        )
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Approve Prices"),
            "res_model": Approval._name,
            "view_mode": "form",
        }
        if asked:
            return action | {"res_id": asked.id}
        view = self.env.ref("key_account_mgmt.kam_price_approval_view_form_ask")
        return action | {
            "target": "new",
            "views": [(view.id, "form")],
            "context": {"default_order_id": self.id},
        }

    def action_kam_apply_group_discount(self):
        """Give the lines of the campaign what the unit's quantity earns; never less than
        they have.

        :raise UserError: no step is reached yet
        """
        self.ensure_one()
        self.check_access("write")
        if self.state not in OPEN or not self.env["res.groups"]._kam_area_is_on("price"):
            raise UserError(self.env._("Only quotations take a group discount."))
        earned = self._kam_group_discount()
        if not earned:
            raise UserError(self.env._("No step of the campaign is reached yet."))
        for line in self.order_line:
            if line._kam_has_price() and line.sudo()._kam_counts_in_campaign():
                line.discount = max(line.discount, earned)
        return True
