from odoo import api, fields, models
from odoo.exceptions import ValidationError

HOURS = [("working", "Working Hours"), ("24x7", "7 × 24 Hours")]
ITEM_KINDS = [
    ("dedicated", "Dedicated Person"),
    ("pre_sales", "Pre-Sales Advice"),
    ("solution", "Customised Solution"),
    ("order", "Order Tracking"),
    ("delivery", "Delivery"),
    ("technical", "Technical Support"),
    ("maintenance", "Repair and Maintenance"),
    ("reception", "Visit Reception"),
    ("value_added", "Value-Added Service"),
    ("other", "Other"),
]


class KamServicePack(models.Model):
    """What we do for the customers of a level, and how fast.

    Response and resolution are in hours of ``hours``: round the clock, or working hours.
    Source: S0-22, S0-138, S1d-06, S2-50.
    """

    _name = "kam.service.pack"
    _inherit = ["kam.policy.logged"]
    _description = "Service Pack"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, help="Empty: every company.")
    active = fields.Boolean("In Use", default=True)
    description = fields.Text("In Short", translate=True)
    hotline = fields.Char(help="The number a customer of this pack calls.")
    hours = fields.Selection(
        HOURS, "Service Hours", required=True, default="working", help="When the clock runs."
    )
    response_hours = fields.Float("Response Within (Hours)", help="0 = nothing promised.")
    resolution_hours = fields.Float("Resolution Within (Hours)", help="0 = nothing promised.")
    channel = fields.Char("Service Channel", translate=True)
    source_ref = fields.Char("Policy Clause")
    item_ids = fields.One2many("kam.service.pack.item", "pack_id", "Services", copy=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another service pack has this code.")
    _hours_check = models.Constraint(
        "CHECK (response_hours >= 0 AND resolution_hours >= 0)",
        "Response and resolution cannot be promised in less than no time.",
    )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for pack, vals in zip(self, vals_list, strict=True):
            if "code" not in (default or {}):
                vals["code"] = f"{pack.code}_copy"
        return vals_list

    @api.constrains("response_hours", "resolution_hours")
    def _check_hours(self):
        for pack in self:
            if 0 < pack.resolution_hours < pack.response_hours:
                raise ValidationError(
                    self.env._("The response comes before the resolution: correct the hours.")
                )

    def _sla_text(self):
        """The promise in one sentence: “7 × 24 hours: response 2 h, resolution 24 h”."""
        self.ensure_one()
        hours = dict(self._fields["hours"]._description_selection(self.env))[self.hours]
        parts = []
        if self.response_hours:
            parts.append(self.env._("response within %(hours)g h", hours=self.response_hours))
        if self.resolution_hours:
            parts.append(self.env._("resolution within %(hours)g h", hours=self.resolution_hours))
        return ": ".join([hours, ", ".join(parts)]) if parts else hours


class KamServicePackItem(models.Model):
    """One service of a pack: what, by which procedure, to which standard.

    Source: S1d-06, S2-50, S0-136, S3-14.
    """

    _name = "kam.service.pack.item"
    _inherit = ["kam.policy.logged"]
    _description = "Service of a Pack"
    _order = "pack_id, sequence, id"

    pack_id = fields.Many2one("kam.service.pack", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(ITEM_KINDS, required=True, default="other")
    name = fields.Char("Service", required=True, translate=True)
    content = fields.Text(translate=True, help="What the customer gets.")
    procedure = fields.Text(translate=True, help="Who does what, in which order.")
    standard = fields.Text("Quality Standard", translate=True, help="By what it is measured.")
    source_ref = fields.Char("Policy Clause")

    def _policy_root(self):
        return self.pack_id

    def _policy_name(self):
        return f"{self.pack_id.name} / {self.name}"
