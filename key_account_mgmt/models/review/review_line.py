from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import format_date

from ..core.guarded import ondelete_always
from .review import OPEN

MEMBER = "key_account_mgmt.group_kam_member"
DECISION_DAYS = 7
# What the agenda knows about a subject; people write beside it.
FROM_AGENDA = {"facts": False, "late_count": 0, "account_id": False, "owner_id": False}
JUDGEMENTS = [
    ("on_track", "On Track"),
    ("at_risk", "At Risk"),
    ("late", "Late"),
    ("stopped", "To Be Stopped"),
]


class KamReviewLine(models.Model):
    """One subject of a meeting: what moved, what is late, how it is judged, what is decided.

    A decision has a text, an owner and a day; closing the meeting makes it an action.
    A second decision about the same subject is a line of its own (``is_extra``).
    Source: (c17), S1n-12.
    """

    _name = "kam.review.line"
    _inherit = ["kam.guarded"]
    _description = "Subject of a Review Meeting"
    _order = "review_id, sequence, id"

    _guarded_initial = {**FROM_AGENDA, "is_extra": False}
    _guarded_once = frozenset({"review_id"})

    review_id = fields.Many2one(
        "kam.review", "Meeting", required=True, index=True, ondelete="cascade"
    )
    # What people add themselves comes after the agenda.
    sequence = fields.Integer(default=10_000)
    name = fields.Char("Subject", required=True)
    account_id = fields.Many2one(
        "kam.account", index="btree_not_null", ondelete="restrict", readonly=True
    )
    owner_id = fields.Many2one(
        "res.users", "Responsible", index="btree_not_null", readonly=True, ondelete="restrict"
    )
    facts = fields.Json(readonly=True, copy=False)
    late_count = fields.Integer("Late Items", readonly=True, copy=False)
    progress_text = fields.Text("Since the Last Meeting", compute="_compute_texts")
    late_text = fields.Text("Late", compute="_compute_texts")
    judgement = fields.Selection(JUDGEMENTS, "Progress")
    special = fields.Char(
        "Special Requirements", help="What the customer asks for beyond the usual, and its status."
    )
    note = fields.Text("What Was Said")
    decision = fields.Char()
    decision_user_id = fields.Many2one(
        "res.users", "Who", domain=[("share", "=", False)], ondelete="restrict"
    )
    decision_date = fields.Date("By When")
    is_extra = fields.Boolean("Another Decision", readonly=True)
    action_ids = fields.One2many("kam.action", "review_line_id", "Actions", readonly=True)
    company_id = fields.Many2one(related="review_id.company_id")
    review_state = fields.Selection(related="review_id.state", string="State of the Meeting")
    can_edit = fields.Boolean(related="review_id.can_edit")

    # Texts ---------------------------------------------------------------------------

    @api.depends("facts")
    @api.depends_context("lang")
    def _compute_texts(self):
        """In the language of the reader, from what the agenda noted.

        ``facts``: ``{"progress": […], "late": […]}`` of ``{"day", "text", "who", "code"}``.
        """
        for line in self:
            facts = line.facts or {}
            for name in ("progress", "late"):
                line[f"{name}_text"] = "\n".join(
                    line._fact_text(fact) for fact in facts.get(name, ())
                )

    def _fact_text(self, fact):
        """One fact in words: “25 Nov · Drawings sent (Zhou Min)”."""
        text = self._fact_label(fact)
        if fact.get("who"):
            text = self.env._("%(text)s (%(who)s)", text=text, who=fact["who"])
        if fact.get("day"):
            day = format_date(self.env, fields.Date.to_date(fact["day"]))
            text = f"{day} · {text}"
        return text

    def _fact_label(self, fact):
        """Hook: the words of a fact that has a code instead of a text."""
        return fact.get("text") or ""

    # The subject ---------------------------------------------------------------------

    def _subject_key(self, names):
        """``((field, value), …)`` of what the line is about, as in the agenda's entries; of a
        line about something else the line itself."""
        self.ensure_one()
        pairs = ((name, self[name]) for name in sorted(names))
        plain = ((name, value.id if isinstance(value, models.BaseModel) else value)
                 for name, value in pairs)  # fmt: skip
        return tuple((name, value) for name, value in plain if value) or (("id", self.id),)

    def _write_changed(self, vals):
        changed = {
            name: value
            for name, value in vals.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        if changed:
            self.write(changed)

    def _is_untouched(self):
        return not (self.judgement or self.note or self.special or self.decision)

    def _is_to_judge(self):
        """Hook: whether the meeting cannot close before it was judged."""
        self.ensure_one()
        return bool(self.facts) and not self.is_extra

    def _subject_vals(self):
        """Hook: what a second line about the same subject repeats."""
        return {
            "review_id": self.review_id.id,
            "name": self.name,
            # Below it, above the next subject.
            "sequence": self.sequence + 1,
            "account_id": self.account_id.id,
            "owner_id": self.owner_id.id,
        }

    # Writing -------------------------------------------------------------------------

    @api.onchange("decision")
    def _onchange_decision(self):
        """Proposed: whoever is responsible, in a week."""
        if self.decision:
            self.decision_user_id = self.decision_user_id or self.owner_id
            day = self.review_id.held_on or self.review_id.date
            if day and not self.decision_date:
                self.decision_date = day + timedelta(days=DECISION_DAYS)

    @api.constrains("decision_user_id")
    def _check_decision_user(self):
        for line in self.filtered("decision_user_id"):
            # sudo: whether somebody works with us must not depend on who asks.
            if not line.decision_user_id.sudo().has_group(MEMBER):
                raise ValidationError(
                    self.env._(
                        "%(name)s has no access to Key Accounts and would not see the decision.",
                        name=line.decision_user_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        self._check_open()
        renamed = "name" in vals and self.filtered(
            lambda line: line.facts and line.name != vals["name"]
        )
        if renamed and not self._is_engine():
            raise UserError(self.env._("What comes from the agenda keeps its name."))
        return super().write(vals)

    @ondelete_always
    def _unlink_except_agenda(self):
        self._check_open()
        if not self._is_engine() and any(line.facts for line in self):
            raise UserError(
                self.env._("It is on the agenda: say something about it, it stays in the minutes.")
            )

    def _check_open(self):
        """:raise UserError: the minutes are out"""
        if self._is_engine():
            return
        # sudo: a lock holds whoever asks.
        if any(line.review_id.state not in OPEN for line in self.sudo()):
            raise UserError(self.env._("The meeting is over: its minutes stay as they were sent."))

    # Buttons -------------------------------------------------------------------------

    def action_add_decision(self):
        """Another decision about the same subject: a line below it."""
        self.ensure_one()
        self.review_id._check_office()
        self._check_open()
        # sudo and engine: the subject of the line is the agenda's.
        engine = self.sudo()._as_engine()
        engine.create({**engine._subject_vals(), "is_extra": True})
        return True

    def action_open_subject(self):
        """Hook: what the line is about; here the account file."""
        self.ensure_one()
        self.check_access("read")
        if not self.account_id:
            raise UserError(self.env._("There is nothing to open behind this line."))
        self.account_id.check_access("read")
        return self.account_id.get_formview_action()
