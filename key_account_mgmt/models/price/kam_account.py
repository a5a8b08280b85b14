from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

PRICE_FIELDS = frozenset({"pricelist_id", "payment_term_id"})
OFFICE = "key_account_mgmt.group_kam_officer"


class KamAccount(models.Model):
    """The pricelist and payment terms an account has, and those of its level.

    The first level brings its own; later changes only propose them, as what was agreed
    with a customer does not change by surprise.  Taken by new quotations; Odoo's contact
    stays as it is.  Source: S0-144, S1g-06, S2-26, users §3.1.
    """

    _inherit = "kam.account"

    pricelist_id = fields.Many2one(
        "product.pricelist",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        copy=False,
        domain="[('company_id', 'in', (company_id, False))]",
        help="Taken by new quotations; empty: the one of the contact.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        "Payment Terms",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        copy=False,
        domain="[('company_id', 'in', (company_id, False))]",
        help="Taken by new quotations; empty: those of the contact.",
    )
    tier_pricelist_id = fields.Many2one(
        related="tier_id.pricelist_id", string="The Level's Pricelist"
    )
    tier_payment_term_id = fields.Many2one(
        related="tier_id.payment_term_id", string="The Level's Payment Terms"
    )
    prices_differ = fields.Boolean(
        "Other Prices Than the Level's",
        compute="_compute_prices_differ",
        search="_search_prices_differ",
    )

    @api.depends("pricelist_id", "payment_term_id", "tier_id")
    def _compute_prices_differ(self):
        for account in self:
            account.prices_differ = bool(account._price_changes(account.tier_id))

    @api.model
    def _search_prices_differ(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: which prices belong to which level is no secret.
        tiers = self.env["kam.tier"].sudo().search(Domain.TRUE)
        companies = self.env["res.company"].sudo().search(Domain.TRUE)
        differs = Domain.OR(
            Domain("tier_id", "=", tier.id)
            & Domain(name, "!=", tier[name].id)
            & Domain("company_id", "in", (tier[name].company_id or companies).ids)
            for tier in tiers
            for name in PRICE_FIELDS
            if tier[name]
        )
        return differs if True in value else ~differs

    @api.constrains("pricelist_id", "payment_term_id", "company_id")
    def _check_price_company(self):
        for account in self:
            for record in (account.pricelist_id, account.payment_term_id):
                owner = record.company_id
                if owner and owner != account.company_id:
                    raise ValidationError(
                        self.env._(
                            "“%(name)s” belongs to %(company)s.",
                            name=record.display_name,
                            company=owner.name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        for account, vals in zip(accounts, vals_list, strict=True):
            if any(vals.get(name) for name in PRICE_FIELDS):
                account._check_price_rights(vals)
        return accounts

    def write(self, vals):
        if PRICE_FIELDS & vals.keys():
            self._check_price_rights(vals)
        return super().write(vals)

    def _check_price_rights(self, vals):
        """Prices of a customer are set by whoever decides about his service, too; what goes
        beyond the ceilings of his level by the office: else nobody would ask on a quotation.
        """
        self._check_service_rights()
        if self.env.su or self.env.user.has_group(OFFICE):
            return
        for account in self:
            if account._is_beyond_level(vals):
                raise AccessError(
                    self.env._(
                        "The level of %(customer)s has a pricelist or payment terms of its own: "
                        "others are given by the KAM office, or asked for on a quotation.",
                        customer=account.name,
                    )
                )

    def _is_beyond_level(self, vals):
        """Whether values give a longer payment than the level's, or another pricelist where
        its discounts have a ceiling."""
        self.ensure_one()
        tier = self.tier_id
        # sudo: prices of the level; the user chose the others himself.
        chosen = self.sudo()
        term = chosen.payment_term_id.browse(vals.get("payment_term_id") or ())
        usual = tier.sudo().payment_term_id
        if term and usual and term._kam_days() > usual._kam_days():
            return True
        pricelist = chosen.pricelist_id.browse(vals.get("pricelist_id") or ())
        return bool(pricelist and tier.max_discount and pricelist != tier.pricelist_id)

    # From the level -------------------------------------------------------------------

    def _price_changes(self, tier):
        """``{field: record}`` of what a level would give and the account has not."""
        self.ensure_one()
        return {
            name: tier[name]
            for name in sorted(PRICE_FIELDS)
            if tier[name]
            and tier[name] != self[name]
            and tier[name].company_id in (tier[name].company_id.browse(), self.company_id)
        }

    def _assign_tier(self, scheme, tier, *args, **kwargs):
        changes = super()._assign_tier(scheme, tier, *args, **kwargs)
        for change in changes:
            if not change["old"] and scheme.exclusive:
                self._take_first_prices()
        return changes

    def _take_first_prices(self):
        """What the first level brings, where nothing was agreed before."""
        # sudo: it comes with the level, whoever decided that; silently, as the level does.
        quiet = self.sudo().with_context(tracking_disable=True)
        vals = {
            name: record.id
            for name, record in quiet._price_changes(quiet.tier_id).items()
            if not quiet[name]
        }
        if vals:
            quiet.write(vals)

    def action_take_tier_prices(self):
        """Give these accounts the pricelist and payment terms of their level.

        For the lead account manager and the office; raises ``UserError`` where the level
        has none.  Source: S2-26.
        """
        self.check_access("write")
        for account in self:
            tier = account.tier_id
            if not any(tier[name] for name in PRICE_FIELDS):
                raise UserError(
                    self.env._(
                        "The level of %(customer)s has neither a pricelist nor payment terms.",
                        customer=account.name,
                    )
                )
            account.write({name: r.id for name, r in account._price_changes(tier).items()})
        return True

    def _strategy_proposals(self, account, old, new):
        """What a change of level proposes: also its prices."""
        proposals = super()._strategy_proposals(account, old, new)
        texts = {
            "pricelist_id": self.env._("Pricelist"),
            "payment_term_id": self.env._("Payment Terms"),
        }
        return [
            *proposals,
            *(
                f"{texts[name]}: {account[name].display_name or '–'} → {record.display_name}"
                for name, record in account._price_changes(new).items()
            ),
        ]

    def _merge_into(self, kept):
        # What was agreed with either stays known; the kept file's own wins.
        vals = {name: self[name].id for name in PRICE_FIELDS if self[name] and not kept[name]}
        if vals:
            kept.write(vals)
        # sudo: the wizard is for administrators of contacts, not of prices.
        approvals = self.env["kam.price.approval"].sudo()._as_engine()
        approvals.search([("account_id", "=", self.id)]).write({"account_id": kept.id})
        return super()._merge_into(kept)
