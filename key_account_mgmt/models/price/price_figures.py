from odoo import api, models
from odoo.fields import Domain
from odoo.tools import formatLang

from ...policy import negotiation as terms
from ...policy.pricing import above, covered, group_discount, next_step, real_discount

OPEN = ("draft", "sent")
# Approvals given may be spread over several rounds: the highest figure of each counts.
DAYS, CREDIT, LONG_TERM = "days", "credit", "long_term"


class SaleOrder(models.Model):
    """What of a quotation goes beyond what the customer's level gets.

    Figures are ``{key: number}``: ``line-<product id>`` a discount in percent off the
    customer's pricelist, ``days`` of the payment term, ``credit`` the exposure in company
    currency, ``long_term`` one.  Source: S1p-12, S2-26, S0-144.
    """

    _inherit = "sale.order"

    def _kam_price_accounts(self):
        """``{order: account file of its customer}``, sudo; one query for each company."""
        result = {}
        for company, orders in self.sudo().grouped(lambda o: o.company_id.root_id).items():
            customers = orders.partner_id.commercial_partner_id
            files = self.env["kam.account"].sudo().search(
                [("partner_id", "in", customers.ids), ("company_id", "=", company.id)]
            )  # fmt: skip
            by_partner = files.grouped("partner_id")
            for order in orders:
                if account := by_partner.get(order.partner_id.commercial_partner_id):
                    result[order] = account
        return result

    def _kam_price_wanted(self):
        """``{order: figures beyond the level}``, those decided in a contract or negotiation
        left out; orders within it are missing.

        On sudo orders; to be called for a batch.
        """
        accounts = self._kam_price_accounts()
        long_term = self.filtered(lambda order: order.pricelist_id.kam_long_term)
        running = long_term._kam_running_customers()
        wanted = {}
        for order in self:
            account = accounts.get(order, self.env["kam.account"].sudo())
            figures = order._kam_discount_figures(account)
            figures |= order._kam_days_figures(account)
            figures |= order._kam_long_term_figures(running)
            figures |= order._kam_credit_figures(account)
            if figures := order._kam_undecided(figures):
                wanted[order] = figures
        return wanted

    # Each figure ------------------------------------------------------------------------

    def _kam_discount_figures(self, account):
        """Discounts off the customer's own pricelist, whatever the quotation names.

        In the discount column or in the price makes no difference; what a quantity of the
        campaign earns is the customer's.
        """
        ceiling = account.tier_id.max_discount
        if not ceiling:
            return {}
        earned = self._kam_group_discount()
        figures = {}
        for line in self.order_line:
            if not line._kam_has_price():
                continue
            paid = line.price_unit * (1 - (line.discount or 0.0) / 100.0)
            given = real_discount(line._kam_usual_price(account), paid)
            allowed = max(ceiling, earned if line._kam_counts_in_campaign() else 0.0)
            if above(given, allowed):
                key = f"line-{line.product_id.id}"
                figures[key] = max(round(given, 2), figures.get(key, 0.0))
        return figures

    def _kam_usual_pricelist(self, account):
        """The pricelist a customer has a right to: contract, account file, contact."""
        self.ensure_one()
        frame = self.kam_contract_id.call_pricelist_id if self.kam_contract_id else None
        if frame:
            return frame
        own = account.pricelist_id
        if own and (not own.kam_long_term or self._kam_running_customers()):
            return own
        return self.partner_id.with_company(self.company_id).property_product_pricelist

    def _kam_days_figures(self, account):
        """Only where the level or the account has payment terms."""
        usual = account.payment_term_id | account.tier_id.payment_term_id
        if not usual:
            return {}
        days = self.payment_term_id._kam_days()
        allowed = max(term._kam_days() for term in usual)
        return {DAYS: days} if days > allowed else {}

    def _kam_running_customers(self):
        """Customers of these orders with a contract in force today."""
        found = self.env["res.partner"].sudo()
        for company, orders in self.sudo().grouped(lambda o: o.company_id.root_id).items():
            customers = orders.partner_id.commercial_partner_id
            found |= self.env["kam.contract"]._kam_running_partners(
                customers, company, company._kam_today()
            )
        return found

    def _kam_long_term_figures(self, running):
        """Long-term prices need a running contract.  Source: S0-144."""
        customer = self.partner_id.commercial_partner_id
        if self.pricelist_id.kam_long_term and customer not in running:
            return {LONG_TERM: 1}
        return {}

    def _kam_credit_figures(self, account):
        """The exposure with this order, where it goes beyond the contact's credit limit.

        Only with Odoo's own credit limits switched on.
        """
        company = self.company_id
        if not (account and company.account_use_credit_limit):
            return {}
        customer = self.partner_id.commercial_partner_id.with_company(company)
        if not customer.credit_limit:
            return {}
        # What is confirmed in this transaction is in it already.
        customer.invalidate_recordset(["credit_to_invoice"])
        exposure = customer.credit + customer.credit_to_invoice + self._kam_not_owed_yet()
        return {CREDIT: round(exposure, 2)} if above(exposure, customer.credit_limit) else {}

    def _kam_not_owed_yet(self):
        """What of the order is neither invoiced nor to be invoiced, in company currency."""
        if self.state in OPEN:
            return self._kam_price_amount()
        rest = self.amount_total - self.amount_invoiced - self.amount_to_invoice
        return self._kam_company_amount(max(rest, 0.0))

    def _kam_price_amount(self):
        """Of the order, in company currency at the day's rate: that of the order may be stated
        by whoever writes it."""
        self.ensure_one()
        return self.company_id.currency_id.round(self._kam_company_amount(self.amount_total))

    # Decided elsewhere ------------------------------------------------------------------

    def _kam_undecided(self, figures):
        """Without what a contract or a negotiation decided: nobody is asked twice.

        Source: users §2.
        """
        if not figures:
            return figures
        if self.kam_contract_id and self.kam_contract_id._kam_fixes_prices(self):
            return {}
        negotiation = self.kam_negotiation_id
        if negotiation and negotiation.state == "agreed" and self._kam_is_agreed_with(negotiation):
            return self._kam_beyond_agreement(figures, negotiation)
        return figures

    def _kam_is_agreed_with(self, negotiation):
        """Whether it was agreed with this customer, by this company."""
        self.ensure_one()
        ours = negotiation.company_id.root_id == self.company_id.root_id
        customer = negotiation.partner_id.commercial_partner_id
        return ours and customer == self.partner_id.commercial_partner_id

    def _kam_beyond_agreement(self, figures, negotiation):
        items = negotiation.item_ids.filtered("is_agreed")
        days = max(items.filtered(lambda i: i.kind == terms.PAYMENT).mapped("agreed"), default=0)
        rebate = max(items.filtered(lambda i: i.kind == terms.REBATE).mapped("agreed"), default=0)
        prices = items.filtered(lambda i: i.kind == terms.PRICE)
        left = dict(figures)
        if left.get(DAYS, 0) <= days:
            left.pop(DAYS, None)
        for line in self.order_line:
            key = f"line-{line.product_id.id}"
            if key in left and (
                left[key] <= rebate or line._kam_is_agreed_price(prices, negotiation)
            ):
                left.pop(key)
        return left

    def _kam_price_approved(self):
        """``{order: figures approved}``, the highest of each; one query."""
        # sudo: whether it was approved must not depend on who asks.
        approvals = self.env["kam.price.approval"].sudo().search(
            Domain("order_id", "in", self.ids) & Domain("state", "=", "approved")
        )  # fmt: skip
        result = {}
        for approval in approvals:
            if approval.partner_id != approval.order_id.partner_id.commercial_partner_id:
                continue
            best = result.setdefault(approval.order_id, {})
            for key, value in (approval.figures or {}).items():
                best[key] = max(value, best.get(key, value))
        return result

    # Group discount ---------------------------------------------------------------------

    def _kam_group_discount(self):
        """What the unit's quantity in the campaign earns, with this order, in percent."""
        self.ensure_one()
        campaign, quantity = self._kam_campaign_quantity()
        if not campaign:
            return 0.0
        return group_discount(quantity, *campaign.step_ids._stages())

    def _kam_campaign_quantity(self):
        """``(campaign with steps, quantity of the unit with this order)``."""
        self.ensure_one()
        own = self.sudo()
        campaign = self.env["kam.campaign"]._of_orders(own).get(own)
        if not campaign:
            return None, 0.0
        unit = own.partner_id.commercial_partner_id
        ordered = campaign._quantities(unit, own).get(unit, 0.0)
        lines = own.order_line.filtered(
            lambda line: line._kam_has_price() and campaign.step_ids._counts(line.product_id)
        )
        return campaign, ordered + sum(line._kam_quantity() for line in lines)

    def _kam_group_text(self):
        """What the quantity earns and what is missing to the next step; empty for nothing."""
        campaign, quantity = self._kam_campaign_quantity()
        if not campaign:
            return ""
        first, second = campaign.step_ids._stages()
        text = self.env._(
            "%(campaign)s: %(quantity)g ordered together earn %(discount)g %%.",
            campaign=campaign.name,
            quantity=quantity,
            discount=group_discount(quantity, first, second),
        )
        if following := next_step(quantity, [*first, *second]):
            text += " " + self.env._(
                "%(left)g more for the next step.", left=following[0] - quantity
            )
        return text

    # Words ------------------------------------------------------------------------------

    @api.model
    def _kam_price_products(self, figures):
        ids = [int(key.partition("-")[2]) for key in figures if key.startswith("line-")]
        # sudo: names of what is sold, for an approver.
        return self.env["product.product"].sudo().browse(ids).exists()

    def _kam_price_sentences(self, figures):
        """Figures in words, one sentence each."""
        texts = [
            self.env._(
                "Discount of %(discount)g %% on %(product)s",
                discount=figures[f"line-{product.id}"],
                product=product.display_name,
            )
            for product in self._kam_price_products(figures)
        ]
        if DAYS in figures:
            texts.append(self.env._("Payment within %(days)g days", days=figures[DAYS]))
        if LONG_TERM in figures:
            texts.append(self.env._("Long-term prices without a running contract"))
        if CREDIT in figures:
            currency = self.company_id[:1].currency_id or self.env.company.currency_id
            amount = formatLang(self.env, figures[CREDIT], currency_obj=currency)
            texts.append(self.env._("Credit limit exceeded: %(amount)s owed", amount=amount))
        return texts

    def _kam_price_block(self):
        """``{order id: why its prices have to be approved}``; others are within the level.

        No query where the area is off.
        """
        if not self.env["res.groups"]._kam_area_is_on("price"):
            return {}
        orders = self._origin.sudo()
        wanted = orders._kam_price_wanted()
        if not wanted:
            return {}
        approved = orders._kam_price_approved()
        texts = {}
        for order, figures in wanted.items():
            known = approved.get(order, {})
            left = {key: value for key, value in figures.items() if not _known(key, value, known)}
            if left:
                sentences = "; ".join(order._kam_price_sentences(left))
                texts[order.id] = self.env._(
                    "Goes beyond what the customer's level gets, and is approved first: %(what)s.",
                    what=sentences,
                )
        return texts


def _known(key, value, approved):
    return covered({key: value}, approved)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _kam_has_price(self):
        """Whether the line sells something at a price: no section, down payment, delivery of
        an expense."""
        self.ensure_one()
        return bool(
            self.product_id
            and not self.display_type
            and not self.is_downpayment
            and not self.combo_item_id
            and self.product_uom_qty > 0
        )

    def _kam_quantity(self):
        """In the unit of the product, so that boxes and pieces add up."""
        self.ensure_one()
        unit = self.product_id.uom_id
        if self.product_uom_id and unit and self.product_uom_id != unit:
            return self.product_uom_id._compute_quantity(
                self.product_uom_qty, unit, round=False, raise_if_failure=False
            )
        return self.product_uom_qty

    def _kam_usual_price(self, account):
        """What the customer's own pricelist asks for it, in the order's currency and unit."""
        self.ensure_one()
        order = self.order_id
        pricelist = order._kam_usual_pricelist(account)
        return pricelist._get_product_price(
            self.product_id,
            self.product_uom_qty or 1.0,
            currency=order.currency_id,
            uom=self.product_uom_id,
            date=order.date_order,
        )

    def _kam_counts_in_campaign(self):
        campaign = self.env["kam.campaign"]._of_orders(self.order_id).get(self.order_id)
        return bool(campaign) and campaign.step_ids._counts(self.product_id)

    def _kam_is_agreed_price(self, prices, negotiation):
        """Whether the line is not cheaper than what was agreed for its product.

        :param prices: agreed price items; they name products in words
        """
        self.ensure_one()
        order = self.order_id
        name = (self.product_id.display_name or "").lower()
        item = prices.filtered(
            lambda i: (
                i.name.strip().lower() in name or self.product_id.name.lower() in i.name.lower()
            )
        )[:1]
        if not item:
            return False
        agreed = negotiation.price_currency_id._convert(
            item.agreed, order.currency_id, order.company_id, negotiation.agreed_on
        )
        paid = self.price_unit * (1 - (self.discount or 0.0) / 100.0)
        return order.currency_id.compare_amounts(paid, agreed) >= 0
