from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

SERVICE_FIELDS = {"service_pack_id"}


class KamAccount(models.Model):
    """The service an account gets: its pack, a plan of its own, deviations.

    Source: S0-22, S0-24, S0-28, S1a-08.
    """

    _inherit = "kam.account"

    service_pack_id = fields.Many2one(
        "kam.service.pack",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        copy=False,
        domain="[('company_id', 'in', (company_id, False))]",
        help="Taken from the first level the account got; afterwards a change of level only "
        "proposes another one.",
    )
    service_hotline = fields.Char(related="service_pack_id.hotline", string="Hotline")
    service_hours = fields.Selection(related="service_pack_id.hours")
    service_response = fields.Float(related="service_pack_id.response_hours")
    service_resolution = fields.Float(related="service_pack_id.resolution_hours")
    service_item_ids = fields.One2many(related="service_pack_id.item_ids", string="Services")
    service_plan = fields.Text(
        "Individual Service Plan", help="Solutions and services made for this customer alone."
    )
    deviation_ids = fields.One2many("kam.service.deviation", "account_id", "Deviations")

    @api.constrains("service_pack_id", "company_id")
    def _check_service_pack(self):
        for account in self:
            company = account.service_pack_id.company_id
            if company and company != account.company_id:
                raise ValidationError(
                    self.env._(
                        "The service pack “%(pack)s” belongs to %(company)s.",
                        pack=account.service_pack_id.name,
                        company=company.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        for account, vals in zip(accounts, vals_list, strict=True):
            if SERVICE_FIELDS & {name for name, value in vals.items() if value}:
                account._check_service_rights()
        return accounts

    def write(self, vals):
        if SERVICE_FIELDS & vals.keys():
            self._check_service_rights()
        return super().write(vals)

    def _check_service_rights(self):
        """What an account gets is decided by its lead account manager or the office.

        Raises ``AccessError`` for everybody else.
        """
        if self.env.su or self.env.user.has_group("key_account_mgmt.group_kam_officer"):
            return
        if any(account.user_id != self.env.user for account in self):
            raise AccessError(
                self.env._(
                    "The service an account gets is decided by its lead account manager or the "
                    "KAM office."
                )
            )

    def _merge_into(self, kept):
        # The kept file keeps its pack; what was agreed with either stays known.
        self.deviation_ids.sudo()._as_engine().write({"account_id": kept.id})
        if not kept.service_pack_id:
            kept.service_pack_id = self.service_pack_id
        return super()._merge_into(kept)
