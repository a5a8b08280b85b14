from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..core.guarded import ENGINE

OFFICE = "key_account_mgmt.group_kam_officer"
TOPIC = "stage_handover"


class KamStageHandover(models.Model):
    """An opportunity goes from the owner of one stage to the owner of the next.

    Handed over with a note → accepted: the opportunity moves and is his; or refused with
    an answer: it stays.  Source: S1r-18, (c18).
    """

    _name = "kam.stage.handover"
    _inherit = ["kam.guarded"]
    _description = "Hand-Over of a Stage"
    _order = "id desc"

    _guarded_create = True
    _guarded_unlink = True
    _guarded_initial = {"state": "handed_over", "answered_on": False}
    _guarded_once = frozenset(
        {
            "lead_id",
            "company_id",
            "stage_from_id",
            "stage_to_id",
            "from_user_id",
            "to_user_id",
            "date",
            "note",
        }
    )

    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", required=True, index=True, ondelete="cascade"
    )
    lead_name = fields.Char("What", compute="_compute_lead_name")
    company_id = fields.Many2one("res.company", required=True, index=True)
    stage_from_id = fields.Many2one("crm.stage", "From Stage", ondelete="set null")
    stage_to_id = fields.Many2one("crm.stage", "To Stage", required=True, ondelete="cascade")
    from_user_id = fields.Many2one("res.users", "Handed Over by", ondelete="restrict")
    to_user_id = fields.Many2one(
        "res.users", "Received by", required=True, index=True, ondelete="restrict"
    )
    date = fields.Date("Handed Over on", required=True)
    note = fields.Text("What to Know", required=True)
    state = fields.Selection(
        [
            ("handed_over", "Handed Over"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        default="handed_over",
        required=True,
        readonly=True,
        index=True,
    )
    answer = fields.Char(help="What the receiver says; needed to refuse.")
    answered_on = fields.Date(readonly=True)
    is_receiver = fields.Boolean(compute="_compute_is_receiver")
    is_giver = fields.Boolean(compute="_compute_is_receiver")

    _open_uniq = models.UniqueIndex(
        "(lead_id) WHERE state = 'handed_over'", "A hand-over of this opportunity is still open."
    )

    def _compute_lead_name(self):
        for handover in self:
            # sudo: the receiver reads what he is given before it is his.
            handover.lead_name = handover.sudo().lead_id.name

    def _compute_display_name(self):
        for handover in self:
            handover.display_name = f"{handover.lead_name} → {handover.stage_to_id.name}"

    def _compute_is_receiver(self):
        office = self.env.user.has_group(OFFICE)
        for handover in self:
            is_open = handover.state == "handed_over"
            handover.is_receiver = is_open and (office or handover.to_user_id == self.env.user)
            handover.is_giver = is_open and (office or handover.from_user_id == self.env.user)

    def write(self, vals):
        if not self._is_engine():
            for handover in self:
                if not handover.is_receiver:
                    raise AccessError(
                        self.env._("%(name)s answers it.", name=handover.to_user_id.name)
                    )
        return super().write(vals)

    def _answer(self, state):
        today = self.company_id.sudo()._kam_today()
        self.sudo()._as_engine().write({"state": state, "answered_on": today})
        self.env["kam.notice"]._settle(TOPIC, self)

    def _check_receiver(self):
        self.ensure_one()
        self.check_access("write")
        if not self.is_receiver:
            raise AccessError(self.env._("%(name)s answers it.", name=self.to_user_id.name))

    def action_accept(self):
        """The opportunity moves into the stage and is the receiver's.

        :raise UserError: it was won, lost or archived meanwhile
        """
        for handover in self:
            handover._check_receiver()
            # sudo: the receiver gets the opportunity by accepting it.
            lead = handover.sudo().lead_id
            if lead.won_status != "pending" or not lead.active:
                raise UserError(self.env._("The opportunity was won or lost meanwhile."))
            handover._answer("accepted")
            lead.with_context(kam_engine=ENGINE, mail_auto_subscribe_no_notify=True).write(
                {"stage_id": handover.stage_to_id.id, "user_id": handover.to_user_id.id}
            )
            handover._tell_giver()
        return True

    def action_refuse(self):
        """It stays where it is; the answer says why."""
        for handover in self:
            handover._check_receiver()
            if not (handover.answer or "").strip():
                raise UserError(self.env._("Say in the answer why you do not take it."))
            handover._answer("refused")
            handover._tell_giver()
        return True

    def action_withdraw(self):
        """Taken back by whoever handed it over, before it is accepted."""
        for handover in self:
            handover.check_access("read")
            if not handover.is_giver:
                raise AccessError(self.env._("Taken back by whoever handed it over."))
            handover._answer("withdrawn")
        return True

    # Telling -------------------------------------------------------------------------

    def _tell_receiver(self):
        """At once: something was handed to him."""
        user = self.to_user_id
        if user == self.env.user:
            return
        own = self.with_context(lang=user.lang)
        title = own.env._("Handed to you: %(lead)s", lead=own.display_name)
        self.env["kam.notice"]._queue(
            user, title, [self.note], urgent=True, record=self, topic=TOPIC
        )

    def _tell_giver(self):
        user = self.from_user_id
        if not user or user == self.env.user:
            return
        own = self.with_context(lang=user.lang)
        if self.state == "accepted":
            title = own.env._("Accepted: %(lead)s", lead=own.display_name)
        else:
            title = own.env._("Refused: %(lead)s", lead=own.display_name)
        lines = [self.answer] if self.answer else []
        self.env["kam.notice"]._queue(user, title, lines, record=self, topic=TOPIC)
