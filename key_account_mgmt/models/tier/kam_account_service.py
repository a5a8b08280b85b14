from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class KamAccount(models.Model):
    """The level's service pack and the one the account has.

    The first level of an account brings its pack; later changes only propose one, as what
    was agreed with a customer does not change by surprise.  Source: S0-22, users §3.1.
    """

    _inherit = "kam.account"

    tier_pack_id = fields.Many2one(related="tier_id.service_pack_id", string="The Level's Pack")
    pack_differs = fields.Boolean(
        compute="_compute_pack_differs", search="_search_pack_differs", string="Another Pack"
    )
    new_product_priority = fields.Boolean(related="tier_id.new_product_priority")
    tier_strategy = fields.Text(related="tier_id.strategy", string="Strategy of the Level")

    @api.depends("service_pack_id", "tier_id.service_pack_id")
    def _compute_pack_differs(self):
        for account in self:
            pack = account.tier_id.service_pack_id
            account.pack_differs = bool(pack) and account.service_pack_id != pack

    @api.model
    def _search_pack_differs(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: which pack belongs to which level is no secret.
        tiers = self.env["kam.tier"].sudo().search([("service_pack_id", "!=", False)])
        differs = Domain.OR(
            Domain("tier_id", "in", group.ids) & Domain("service_pack_id", "!=", pack.id)
            for pack, group in tiers.grouped("service_pack_id").items()
        )
        return differs if True in value else ~differs

    @api.model
    def _watched_domain(self):
        """Profiles of key accounts are kept up to date, too."""
        return super()._watched_domain() | Domain("is_key_account", "=", True)

    def _assign_tier(self, scheme, tier, *args, **kwargs):
        changes = super()._assign_tier(scheme, tier, *args, **kwargs)
        for change in changes:
            if not change["old"] and scheme.exclusive:
                self._take_first_pack()
        return changes

    def _take_first_pack(self):
        pack = self.tier_id.service_pack_id
        if pack and not self.service_pack_id:
            # sudo: it comes with the level, whoever decided that; silently, as the level does.
            self.sudo().with_context(tracking_disable=True).service_pack_id = pack

    def action_take_tier_pack(self):
        """Give these accounts the service pack of their level.

        For the lead account manager and the office; raises ``UserError`` where the level
        has none.  Source: S0-22.
        """
        self.check_access("write")
        for account in self:
            pack = account.tier_id.service_pack_id
            if not pack:
                raise UserError(
                    self.env._(
                        "The level of %(customer)s has no service pack.", customer=account.name
                    )
                )
            account.service_pack_id = pack
        return True

    def action_print_service_sheet(self):
        """The service sheet (P31) of the account's level."""
        self.ensure_one()
        self.check_access("read")
        if not self.tier_id:
            raise UserError(self.env._("This account holds no level yet."))
        report = self.env.ref("key_account_mgmt.action_report_service_sheet")
        return report.report_action(self.tier_id)

    def _strategy_proposals(self, account, old, new):
        """What a change of level proposes: also its service pack."""
        proposals = super()._strategy_proposals(account, old, new)
        return [*proposals, *account._pack_proposals(new)]

    def _pack_proposals(self, tier):
        """Which pack the account would get with a level; empty where nothing changes."""
        pack = tier.service_pack_id
        if not pack or pack == self.service_pack_id:
            return []
        return [
            self.env._(
                "Service pack: %(old)s → %(new)s",
                old=self.service_pack_id.name or "–",
                new=pack.name,
            )
        ]

    def _first_days(self, company):
        """Also what is known from before the database."""
        days = super()._first_days(company)
        known = self.env["kam.opening.classification"]._customer_since(company)
        for partner_id in self.partner_id.ids:
            if partner_id in known:
                days[partner_id] = min(known[partner_id], days.get(partner_id, known[partner_id]))
        return days
