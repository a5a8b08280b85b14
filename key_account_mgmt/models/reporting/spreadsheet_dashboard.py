from odoo import fields, models


class SpreadsheetDashboard(models.Model):
    """A dashboard about an area is shown while one of its areas is on."""

    _inherit = "spreadsheet.dashboard"

    kam_area_ids = fields.Many2many(
        "res.groups",
        "kam_dashboard_area_rel",
        "dashboard_id",
        "group_id",
        string="Shown Only To",
        help="The reader is in one of these as well. Empty: no further condition.",
    )
