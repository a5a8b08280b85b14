from odoo import fields, models


class KamVisit(models.Model):
    """A contact with a customer: planned, held, reported.  Source: (c4), S0-76."""

    _name = "kam.visit"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Visit"
    _order = "start desc, id desc"
    _check_company_auto = True

    account_id = fields.Many2one("kam.account", required=True, index=True, ondelete="restrict")
    # One visit for several members of a group counts for each of them.
    also_account_ids = fields.Many2many(
        "kam.account", "kam_visit_also_account_rel", "visit_id", "account_id", "Also for"
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    mode_id = fields.Many2one("kam.visit.mode", required=True, ondelete="restrict")
    purpose_id = fields.Many2one("kam.visit.purpose", required=True, ondelete="restrict")
    start = fields.Datetime(required=True, index=True)
    stop = fields.Datetime(required=True)
    # The day where the company works: it decides the period an obligation is met in.
    day = fields.Date(required=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Organiser", required=True, index=True, domain=[("share", "=", False)]
    )
    participant_ids = fields.Many2many(
        "res.users", "kam_visit_participant_rel", "visit_id", "user_id", "Our Participants"
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("to_report", "To Report"),
            ("reported", "Reported"),
            ("missed", "Missed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        index=True,
    )
    report_due = fields.Date(help="Last working day on which the report is in time.")
    reported_on = fields.Datetime(readonly=True)
