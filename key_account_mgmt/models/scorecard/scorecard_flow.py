from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .scorecard_objection import RULINGS

TOPIC_REVIEW = "scorecard_review"
TOPIC_READY = "scorecard_ready"
TOPIC_OBJECTION = "scorecard_objection"
REVIEW_WITHIN = 7


class KamScorecard(models.Model):
    """The way of a card: sent to the reviewer, reviewed, acknowledged or objected to, closed.

    Source: (c13), S0-168, S0-170.
    """

    _inherit = "kam.scorecard"

    def action_send(self):
        """To the reviewers: the figures have settled."""
        for card in self:
            card._check_office()
            card._check_state("computed")
            if not card.reviewer_id:
                raise UserError(
                    self.env._("“%(card)s” has no reviewer: name one.", card=card.display_name)
                )
        self._send_to_review()
        return True

    def _send_to_review(self):
        """Figures once more, then it is the reviewer's turn; without one it waits.

        :return: the cards that went
        """
        now = fields.Datetime.now()
        sent = self.sudo()._as_engine().filtered("reviewer_id")
        sent._compute_figures()
        for card in sent:
            today = card.company_id._kam_today()
            due = fields.Date.add(today, days=REVIEW_WITHIN)
            card.write({"state": "review", "sent_on": now, "date_due": due})
        sent._tell_reviewers()
        return sent

    def action_review(self):
        """The review is done: figures, scores by hand and feedback go to the person.

        A month needs feedback; a quarter lessons and plan adjustments, too.  A card nobody
        answers for, as the programme's, is closed.

        :raise UserError: says what is missing, and on which card
        """
        for card in self:
            card._check_reviewer()
            card._check_state("review")
            card._check_complete()
        for card in self.sudo()._as_engine():
            days = card.company_id._kam_scorecard_acknowledge_days()
            due = fields.Date.add(card.company_id._kam_today(), days=days)
            card.write(
                {
                    "state": "acknowledge",
                    "reviewed_on": fields.Datetime.now(),
                    "date_due": due,
                }
            )
        self.env["kam.notice"]._settle(TOPIC_REVIEW, self)
        alone = self.filtered(lambda card: not card.sudo().subject_user_id)
        alone._close()
        (self - alone)._tell_ready()
        return True

    def _check_complete(self):
        missing = self.line_ids.filtered(lambda line: line.is_manual and not line.is_given)
        if missing:
            raise UserError(
                self.env._(
                    "“%(card)s”: give a score for %(kpis)s.",
                    card=self.display_name,
                    kpis=", ".join(missing.kpi_id.mapped("name")),
                )
            )
        needed = ["feedback"]
        if self.period_kind == "quarter":
            needed += ["lessons", "adjustments"]
        empty = [name for name in needed if not (self[name] or "").strip()]
        if empty:
            labels = [self._fields[name]._description_string(self.env) for name in empty]
            raise UserError(
                self.env._(
                    "“%(card)s” still needs: %(what)s.",
                    card=self.display_name,
                    what=", ".join(labels),
                )
            )
        if self.has_objection:
            raise UserError(
                self.env._("“%(card)s”: decide on the objection first.", card=self.display_name)
            )

    # The person ----------------------------------------------------------------------

    def _check_mine(self):
        self.ensure_one()
        self.check_access("read")
        if self.subject_user_id != self.env.user:
            raise AccessError(
                self.env._(
                    "“%(card)s” is acknowledged by %(name)s only.",
                    card=self.display_name,
                    name=self.subject_user_id.sudo().name or "–",
                )
            )
        self._check_state("acknowledge")

    def action_acknowledge(self):
        """Seen and accepted: the card is closed."""
        for card in self:
            card._check_mine()
        self.sudo()._as_engine().write({"acknowledged_on": fields.Datetime.now()})
        self._close()
        return True

    def action_object(self):
        """Ask what the person objects to."""
        self._check_mine()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Objection"),
            "res_model": "kam.scorecard.object.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_card_id": self.id, "default_step": "object"},
        }

    def _object(self, text, line):
        """Back to the reviewer with an objection; it is kept for ever."""
        self._check_mine()
        if not (text or "").strip():
            raise UserError(self.env._("Say what is wrong, and why."))
        if line.card_id not in (self, self.browse()):
            raise UserError(self.env._("Choose a figure of this card."))
        # sudo: the record is the system's.
        self.env["kam.scorecard.objection"].sudo()._as_engine().create(
            {
                "card_id": self.id,
                "line_id": line.id,
                "figure": line.value_label if line else False,
                "text": text.strip(),
                "user_id": self.env.uid,
                "raised_on": fields.Datetime.now(),
            }
        )
        card = self.sudo()._as_engine()
        due = fields.Date.add(card.company_id._kam_today(), days=REVIEW_WITHIN)
        card.write({"state": "review", "has_objection": True, "date_due": due})
        self.env["kam.notice"]._settle(TOPIC_READY, self)
        card._tell_objection(text.strip())
        return True

    # The reviewer --------------------------------------------------------------------

    def action_rule(self):
        """Ask how the open objection is decided."""
        self.ensure_one()
        self._check_reviewer()
        self._check_state("review")
        if not self.has_objection:
            raise UserError(self.env._("There is no objection to decide on."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide on the Objection"),
            "res_model": "kam.scorecard.object.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_card_id": self.id, "default_step": "rule"},
        }

    def _rule(self, ruling, reason):
        """Upheld: the figures are computed again, and what was given by hand may be changed;
        rejected: nothing changes.  Either with a reason."""
        self.ensure_one()
        self._check_reviewer()
        self._check_state("review")
        if ruling not in dict(RULINGS):
            raise UserError(self.env._("Say whether the objection is upheld."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the person reads it."))
        # sudo: the record is the system's.
        open_ones = self.sudo().objection_ids.filtered(lambda one: not one.ruling)
        if not open_ones:
            raise UserError(self.env._("There is no objection to decide on."))
        open_ones._as_engine().write(
            {
                "ruling": ruling,
                "reason": reason.strip(),
                "ruled_by_id": self.env.uid,
                "ruled_on": fields.Datetime.now(),
            }
        )
        self.sudo()._as_engine().write({"has_objection": False})
        self.env["kam.notice"]._settle(TOPIC_OBJECTION, self)
        if ruling == "upheld":
            self._compute_figures()
        return True

    # Closing -------------------------------------------------------------------------

    def action_close(self):
        """The office closes what nobody acknowledged in time.

        :raise UserError: the person still has time
        """
        for card in self:
            card._check_office()
            card._check_state("acknowledge")
            if card.date_due and card.company_id.sudo()._kam_today() <= card.date_due:
                raise UserError(
                    self.env._(
                        "%(name)s may acknowledge or object until %(day)s.",
                        name=card.subject_user_id.sudo().name,
                        day=fields.Date.to_string(card.date_due),
                    )
                )
        self._close()
        return True

    def _close(self):
        """Nothing of it changes any more."""
        cards = self.sudo()._as_engine()
        cards.write(
            {
                "state": "closed",
                "closed_on": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
                "date_due": False,
            }
        )
        self.env["kam.notice"]._settle(TOPIC_READY, self)
        cards._quarters_closed()

    def _quarters_closed(self):
        """The years these quarters belong to count them, as long as they are not reviewed."""
        for card in self.filtered(lambda one: one.period_kind == "quarter"):
            years = self.search(
                [
                    ("company_id", "=", card.company_id.id),
                    ("subject_kind", "=", card.subject_kind),
                    ("user_id", "=", card.user_id.id),
                    ("team_id", "=", card.team_id.id),
                    ("period_kind", "=", "year"),
                    ("state", "in", ("computed", "review")),
                    ("date_from", "<=", card.date_from),
                    ("date_to", ">=", card.date_to),
                ]
            )
            years._rescore()

    # Telling -------------------------------------------------------------------------

    def _tell_reviewers(self):
        self._tell("reviewer_id", TOPIC_REVIEW)

    def _tell_ready(self):
        self.sudo()._tell("subject_user_id", TOPIC_READY)

    def _tell_objection(self, text):
        self._tell("reviewer_id", TOPIC_OBJECTION, [text])

    def _tell(self, name, topic, lines=()):
        notices = []
        for card in self:
            user = card[name].filtered("active") - self.env.user
            if user:
                own = card.with_context(lang=user.lang)
                title = own._notice_title(topic)
                notices.append(
                    self.env["kam.notice"]._prepare_vals(
                        user, title, lines, record=card._without_engine(), topic=topic
                    )
                )
        if notices:
            self.env["kam.notice"]._queue_all(notices)

    def _notice_title(self, topic):
        if topic == TOPIC_REVIEW:
            return self.env._("To review: scorecard %(card)s", card=self.display_name)
        if topic == TOPIC_OBJECTION:
            return self.env._("Objection: scorecard %(card)s", card=self.display_name)
        return self.env._("Your scorecard is ready: %(card)s", card=self.display_name)
