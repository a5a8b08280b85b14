from datetime import datetime, time, timedelta

import pytz

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

COUNTS = [
    ("registered", "Registered Leads"),
    ("sincere", "Sincere"),
    ("won", "Won"),
]
SINCERE = 60
CONVERSION = 30.0


class KamCampaign(models.Model):
    """A campaign with a target for every segment; progress is counted from its leads.

    It stands on Odoo's own campaign: whatever lead names that one counts.
    Source: S1c-01, S1c-13, S1c-14, S1c-15, S1c-16, S1f-02.
    """

    _name = "kam.campaign"
    _description = "Campaign With Targets"
    _order = "date_from desc, id desc"

    name = fields.Char(related="campaign_id.title", string="Campaign Name")
    campaign_id = fields.Many2one("utm.campaign", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    active = fields.Boolean("In Use", default=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until")
    note = fields.Text("How It Is Done", help="Strategy for each segment.")
    sincerity_from = fields.Integer(
        "Sincere From", default=SINCERE, help="Sincerity score of a lead, 0 to 100."
    )
    conversion_target = fields.Float(
        "Conversion Target (%)", default=CONVERSION, help="Sincere leads ÷ registered leads."
    )
    target_ids = fields.One2many(
        "kam.campaign.target",
        "kam_campaign_id",
        "Targets",
        copy=True,
        default=lambda self: self._usual_targets(),
    )
    lead_count = fields.Integer("Leads", compute="_compute_conversion")
    sincere_count = fields.Integer("Sincere Leads", compute="_compute_conversion")
    conversion = fields.Float("Conversion (%)", compute="_compute_conversion")
    is_converting = fields.Boolean("Conversion Reached", compute="_compute_conversion")
    progress = fields.Float("Progress (%)", compute="_compute_progress")

    _campaign_uniq = models.Constraint(
        "UNIQUE (campaign_id, company_id)", "This campaign has its targets already."
    )
    _dates_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A campaign cannot end before it begins.",
    )
    _percent_check = models.Constraint(
        "CHECK (sincerity_from BETWEEN 0 AND 100 AND conversion_target BETWEEN 0 AND 100)",
        "Scores and percentages are between 0 and 100.",
    )

    @api.model
    def _usual_targets(self):
        segments = self.env["kam.campaign.segment"].search([("target", ">", 0)])
        return [
            Command.create({"segment_id": segment.id, "target": segment.target})
            for segment in segments
        ]

    @api.constrains("company_id")
    def _check_company(self):
        for campaign in self:
            if campaign.company_id.root_id != campaign.company_id:
                raise ValidationError(
                    self.env._("A campaign belongs to a company, not to one of its branches.")
                )

    # Leads ------------------------------------------------------------------------

    def _leads_domain(self):
        """The leads registered in the campaign's days, lost ones included."""
        self.ensure_one()

        def moment(day):
            local = self._zone().localize(datetime.combine(day, time.min))
            return local.astimezone(pytz.utc).replace(tzinfo=None)

        domain = Domain("campaign_id", "=", self.campaign_id.id)
        domain &= Domain("company_id", "=", False) | Domain(
            "company_id", "child_of", self.company_id.id
        )
        domain &= Domain("create_date", ">=", moment(self.date_from))
        if self.date_to:
            domain &= Domain("create_date", "<", moment(self.date_to + timedelta(days=1)))
        return domain

    def _registered(self):
        """``{campaign: its leads}``, whoever works on them: only numbers are shown.

        One query, however many campaigns.
        """
        domain = Domain.OR(campaign._leads_domain() for campaign in self)
        # sudo: how many there are is no secret of their salespersons.
        found = self.env["crm.lead"].sudo().with_context(active_test=False)
        found = found.search_fetch(
            domain,
            [
                "campaign_id",
                "company_id",
                "create_date",
                "kam_segment_id",
                "kam_sincerity",
                "partner_id",
                "won_status",
            ],
        )
        by_utm = found.grouped("campaign_id")
        return {
            campaign: by_utm.get(campaign.campaign_id.sudo(), found.browse()).filtered(
                lambda lead, c=campaign: (
                    c._lasts_on(c._local_day(lead.create_date))
                    and lead.company_id.root_id <= c.company_id
                )
            )
            for campaign in self
        }

    def _zone(self):
        return pytz.timezone(self.company_id.resource_calendar_id.tz or self.env.user.tz or "UTC")

    def _local_day(self, moment):
        return pytz.utc.localize(moment).astimezone(self._zone()).date()

    def _lasts_on(self, day):
        """Whether a day is one of the campaign's."""
        return self.date_from <= day and (not self.date_to or day <= self.date_to)

    def _count(self, leads, counts):
        """How many customers; a lead that names none counts as one."""
        if counts == "sincere":
            leads = leads.filtered(lambda lead: lead.kam_sincerity >= self.sincerity_from)
        elif counts == "won":
            leads = leads.filtered(lambda lead: lead.won_status == "won")
        known = leads.partner_id.commercial_partner_id
        return len(known) + len(leads.filtered(lambda lead: not lead.partner_id))

    @api.depends("campaign_id", "date_from", "date_to", "sincerity_from", "conversion_target")
    def _compute_conversion(self):
        """Sincere leads ÷ registered leads.  Source: S1c-16, K15."""
        real = self._origin
        found = real._registered() if real else {}
        for campaign in self:
            leads = found.get(campaign._origin, self.env["crm.lead"])
            sincere = leads.filtered(
                lambda lead, least=campaign.sincerity_from: lead.kam_sincerity >= least
            )
            campaign.lead_count = len(leads)
            campaign.sincere_count = len(sincere)
            campaign.conversion = 100.0 * len(sincere) / len(leads) if leads else 0.0
            campaign.is_converting = bool(leads) and (
                campaign.conversion >= campaign.conversion_target
            )

    @api.depends("target_ids.counted", "target_ids.target")
    def _compute_progress(self):
        """What was reached of all targets; more than asked in one segment does not help
        another."""
        for campaign in self:
            asked = sum(campaign.target_ids.mapped("target"))
            reached = sum(min(line.counted, line.target) for line in campaign.target_ids)
            campaign.progress = 100.0 * reached / asked if asked else 0.0

    def action_open_leads(self):
        """The leads of the campaign, as far as the reader may see them."""
        self.ensure_one()
        self.check_access("read")
        self.env["crm.lead"].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Leads of %(campaign)s", campaign=self.name),
            "res_model": "crm.lead",
            "view_mode": "list,kanban,form",
            "domain": list(self._leads_domain()),
            "context": {
                "active_test": False,
                "default_campaign_id": self.campaign_id.id,
                "group_by": "kam_segment_id",
            },
        }


class KamCampaignTarget(models.Model):
    """How many of a segment a campaign is to register, make sincere or win.

    Source: S1c-13, S1c-14, S1c-15.
    """

    _name = "kam.campaign.target"
    _description = "Target of a Campaign"
    _order = "kam_campaign_id, sequence, id"

    kam_campaign_id = fields.Many2one(
        "kam.campaign", "Campaign", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="kam_campaign_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    segment_id = fields.Many2one("kam.campaign.segment", required=True, ondelete="restrict")
    counts = fields.Selection(COUNTS, "Counted", required=True, default="registered")
    target = fields.Integer(required=True, default=1)
    counted = fields.Integer("Reached", compute="_compute_counted")
    progress = fields.Float("Progress (%)", compute="_compute_counted")
    is_reached = fields.Boolean("Target Reached", compute="_compute_counted")

    _segment_uniq = models.Constraint(
        "UNIQUE (kam_campaign_id, segment_id, counts)", "This segment has its target already."
    )
    _target_check = models.Constraint("CHECK (target > 0)", "A target is one or more.")

    @api.depends("segment_id", "counts", "target", "kam_campaign_id.campaign_id")
    def _compute_counted(self):
        everything = self.kam_campaign_id._origin
        found = everything._registered() if everything else {}
        for campaign, targets in self.grouped("kam_campaign_id").items():
            real = campaign._origin
            leads = found.get(real, self.env["crm.lead"])
            by_segment = leads.grouped("kam_segment_id")
            for line in targets:
                ours = by_segment.get(line.segment_id._origin.sudo(), leads.browse())
                line.counted = real._count(ours, line.counts) if real else 0
                line.progress = 100.0 * line.counted / line.target if line.target else 0.0
                line.is_reached = line.counted >= line.target > 0
