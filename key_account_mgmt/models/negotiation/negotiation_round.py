from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.guarded import ondelete_always


class KamNegotiationRound(models.Model):
    """A round with its minutes 谈判纪要 (P14): who met, what was said, what was agreed.

    None before the bottom line is set and the negotiation begun, none on a day on which
    the lead negotiator had no authority.  Closed minutes stay as they are.
    Source: S0-97, S0-98, users §3.5.
    """

    _name = "kam.negotiation.round"
    _inherit = ["kam.negotiation.part"]
    _description = "Negotiation Round"
    _order = "negotiation_id, number"
    _rec_names_search = ["negotiation_id.name"]

    _guarded_initial = {"number": 0, "lead_id": False, "closed_on": False, "closed_by_id": False}
    _part_files = ("file_ids",)

    number = fields.Integer("Round", readonly=True, copy=False, aggregator=None)
    date = fields.Date(
        required=True, index=True, default=lambda self: self.env.company._kam_today()
    )
    place = fields.Char()
    # Who led then; another may lead today.
    lead_id = fields.Many2one("res.users", "Led by", readonly=True, copy=False)
    participant_ids = fields.Many2many(
        "res.users",
        "kam_negotiation_round_participant_rel",
        "round_id",
        "user_id",
        "Our Participants",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    contact_ids = fields.Many2many(
        "res.partner",
        "kam_negotiation_round_contact_rel",
        "round_id",
        "partner_id",
        "Customer's Participants",
        help="They get no message.",
    )
    key_info = fields.Text("What Was Said", help="Positions, arguments, what matters to them.")
    agreed_points = fields.Text(help="What both sides agreed on.")
    open_points = fields.Text(help="What is left for the next round.")
    concession_ids = fields.One2many("kam.negotiation.concession", "round_id", "Concessions")
    file_ids = fields.Many2many(
        "ir.attachment", "kam_negotiation_round_file_rel", string="Files", copy=False
    )
    signed_by_us = fields.Boolean(copy=False, help="Where the minutes are signed: optional.")
    signed_by_customer = fields.Boolean(copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True, copy=False)

    _number_uniq = models.UniqueIndex(
        "(negotiation_id, number) WHERE number > 0", "This round was entered already."
    )

    @api.depends("number", "date", "negotiation_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for meeting in self:
            meeting.display_name = self.env._(
                "%(name)s – round %(number)s",
                name=meeting.negotiation_id.name or "",
                number=meeting.number,
            )

    @api.model_create_multi
    def create(self, vals_list):
        meetings = super().create(vals_list)
        for meeting in meetings:
            meeting._begin()
        return meetings

    def _begin(self):
        """The next number, and who led.

        :raise UserError: the negotiation has not begun
        """
        negotiation = self.negotiation_id
        if negotiation.state != "negotiating" or not negotiation.has_floor:
            raise UserError(
                self.env._(
                    "“%(name)s” has not begun: a round is entered after “Start Negotiating”, "
                    "which needs a bottom line.",
                    name=negotiation.display_name,
                )
            )
        # sudo: rounds count, readable or not.
        others = self.sudo().search([("negotiation_id", "=", negotiation.id)]) - self.sudo()
        self._as_engine().write(
            {
                "number": max(others.mapped("number"), default=0) + 1,
                "lead_id": negotiation.lead_negotiator_id.id,
            }
        )
        self._check_day()

    @api.constrains("date")
    def _check_day(self):
        """Held on a day on which the lead had authority, after the beginning, not later
        than today.  Source: S0-93, g Q19.
        """
        for meeting in self.filtered("number"):
            negotiation = meeting.negotiation_id
            # sudo: the clock of the company is no secret.
            company = negotiation.company_id.sudo()
            if meeting.date > company._kam_today():
                raise ValidationError(
                    self.env._("Minutes are of a round that was held: its day is still to come.")
                )
            begun = negotiation.started_on
            if begun and meeting.date < company._kam_working_time().local_day(begun):
                raise ValidationError(
                    self.env._(
                        "A round before the negotiation was begun: the bottom line has to be "
                        "set first."
                    )
                )
            negotiation._check_authority(meeting.date)

    @api.constrains("participant_ids")
    def _check_people(self):
        for meeting in self:
            # sudo: whether somebody works here must not depend on who asks.
            if any(meeting.participant_ids.sudo().mapped("share")):
                raise ValidationError(self.env._("Only colleagues negotiate for us."))

    def write(self, vals):
        if not self._is_engine():
            self._check_minutes_open()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_minutes(self):
        self._check_minutes_open()
        for meeting in self:
            later = meeting.negotiation_id.round_ids.filtered(
                lambda m, meeting=meeting: m.number > meeting.number
            )
            if later - self or meeting.concession_ids:
                raise UserError(
                    self.env._("Only the last round is deleted, and none with concessions.")
                )

    def _check_minutes_open(self):
        if self._is_engine():
            return
        for meeting in self.filtered("closed_on"):
            raise UserError(
                self.env._("The minutes of “%(name)s” are closed.", name=meeting.display_name)
            )

    def _missing_minutes(self):
        return not ((self.key_info or "").strip() or (self.agreed_points or "").strip())

    def action_close(self):
        """Close the minutes: they do not change any more.

        :raise UserError: nothing is written yet
        """
        self.check_access("write")
        self._check_open()
        meetings = self.filtered(lambda meeting: not meeting.closed_on)
        for meeting in meetings:
            if meeting._missing_minutes():
                raise UserError(self.env._("Write what was said or agreed first."))
        meetings._as_engine().write(
            {"closed_on": fields.Datetime.now(), "closed_by_id": self.env.uid}
        )
        return True
