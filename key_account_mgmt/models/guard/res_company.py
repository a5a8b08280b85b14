from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

SPLIT_DAYS = 7


class ResCompany(models.Model):
    """Contract control: from when on, and which orders need a signed contract.

    Off until somebody switches it on, for the company and its branches.
    Source: S0-105, g Q20, design §4.5.
    """

    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. Empty: off.
    kam_guard_from = fields.Date(
        "Contract Control From",
        help="Quotations entered from this day on; empty: contract control is off.",
    )
    kam_guard_tier_ids = fields.Many2many(
        "kam.tier", "kam_guard_tier_rel", "company_id", "tier_id", "Tiers Under Contract Control"
    )
    kam_guard_amount = fields.Monetary(
        "Contract From an Amount of",
        help="Of an order, taxes included, in company currency; 0: every order.",
    )
    kam_guard_split_days = fields.Integer(
        "Split Orders Within", help="Days between orders that are summed; 0: seven."
    )

    @api.constrains("kam_guard_amount", "kam_guard_split_days")
    def _check_kam_guard(self):
        for company in self:
            if company.kam_guard_amount < 0 or company.kam_guard_split_days < 0:
                raise ValidationError(
                    self.env._("Amount and days of contract control cannot be negative.")
                )

    @api.constrains("kam_guard_from", "kam_guard_tier_ids")
    def _check_kam_guard_tiers(self):
        for company in self:
            if company.kam_guard_from and not company.kam_guard_tier_ids:
                raise ValidationError(
                    self.env._("Choose the tiers whose orders need a signed contract.")
                )

    def _kam_guard(self):
        """The root company where contract control holds for this company; else empty.

        sudo: everybody who confirms an order is asked, customers in the portal included.
        """
        self.ensure_one()
        root = self.sudo().root_id
        is_on = root.kam_guard_from and self.env["res.groups"]._kam_area_is_on("contract")
        return root if is_on else root.browse()

    def _kam_guard_split_days(self):
        """Days within which orders below the amount are summed."""
        return self.sudo().root_id.kam_guard_split_days or SPLIT_DAYS

    def _kam_guard_start(self):
        """The moment, in UTC, from which a new quotation is concerned."""
        return self._kam_guard_moment(self.kam_guard_from)

    def _kam_guard_moment(self, day):
        """When a day begins where the company works, in UTC."""
        self.ensure_one()
        zone = pytz.timezone(self.resource_calendar_id.tz or self.partner_id.tz or "UTC")
        local = zone.localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def _kam_ruled_domain(self):
        """Orders of this root company of which the office said that they need a contract."""
        self.ensure_one()
        ruled = Domain("kam_ruling_ids", "any", [("kind", "=", "required"), ("active", "=", True)])
        return Domain("company_id", "child_of", self.id) & ruled

    def _kam_new_domain(self):
        """Orders of this root company, of whatever amount, that are under contract control.

        Entered since its start, or treated as such by a ruling, for a customer of one of its
        tiers: who orders, or who is to be invoiced.
        """
        self.ensure_one()
        # Read from our small table: badges on contacts are not indexed.
        files = self.env["kam.account"].sudo().with_context(active_test=True)
        customers = files._search(
            [("company_id", "=", self.id), ("tier_id.kam_guard_company_ids", "in", self.ids)]
        ).subselect("partner_id")
        tier = Domain.OR(
            Domain(name, "any", [("commercial_partner_id", "in", customers)])
            for name in ("partner_id", "partner_invoice_id")
        )
        renewed = Domain("kam_ruling_ids", "any", [("kind", "=", "renewed")])
        new = Domain("create_date", ">=", self._kam_guard_start()) | renewed
        return Domain("company_id", "child_of", self.id) & new & tier


class KamTier(models.Model):
    _inherit = "kam.tier"

    kam_guard_company_ids = fields.Many2many(
        "res.company",
        "kam_guard_tier_rel",
        "tier_id",
        "company_id",
        "Under Contract Control in",
        readonly=True,
        copy=False,
        groups="key_account_mgmt.group_kam_admin",
    )

    @api.model
    def _policy_fields(self):
        """It is logged, and moves, with the settings of the company."""
        return [name for name in super()._policy_fields() if name != "kam_guard_company_ids"]
