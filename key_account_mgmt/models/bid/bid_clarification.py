from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..core.guarded import ondelete_always


class KamBidClarification(models.Model):
    """A question about a tender, asked of us or by us, with its answer.  Source: S0-91."""

    _name = "kam.bid.clarification"
    _inherit = ["kam.guarded"]
    _description = "Clarification"
    _order = "bid_id, received_on desc, id desc"
    _rec_name = "question"

    _guarded_once = frozenset({"bid_id", "is_answered"})
    _guarded_initial = {"answered_by_id": False, "told": False}

    bid_id = fields.Many2one("kam.bid", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bid_id.company_id", store=True, index=True)
    direction = fields.Selection(
        [("to_us", "Asked of Us"), ("by_us", "Asked by Us")],
        "Whose Question",
        required=True,
        default="to_us",
    )
    question = fields.Text(required=True)
    received_on = fields.Date("Asked on", required=True, default=fields.Date.context_today)
    due_on = fields.Date("Answer Due", index="btree_not_null")
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    answer = fields.Text()
    answered_on = fields.Date("Answered")
    answered_by_id = fields.Many2one("res.users", "Answered by", readonly=True)
    is_answered = fields.Boolean(compute="_compute_is_answered", store=True)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    told = fields.Boolean(readonly=True)

    @api.depends("answered_on")
    def _compute_is_answered(self):
        for line in self:
            line.is_answered = bool(line.answered_on)

    @api.depends("due_on", "answered_on")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.is_overdue = bool(line.due_on) and not line.answered_on and line.due_on < today

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("answered_on", "=", False)
        late &= Domain("due_on", "<", fields.Date.context_today(self))
        return late if True in value else ~late

    @api.constrains("received_on", "due_on", "answered_on", "answer")
    def _check_days(self):
        for line in self:
            if line.answered_on and not (line.answer or "").strip():
                raise ValidationError(self.env._("Write the answer that was given."))
            if line.answered_on and line.answered_on < line.received_on:
                raise ValidationError(self.env._("An answer is not given before the question."))
            if line.due_on and line.due_on < line.received_on:
                raise ValidationError(
                    self.env._("The answer is due before the question was asked.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._with_answer_day(vals) for vals in vals_list])
        lines._check_bid_open()
        lines.filtered("answered_on")._as_engine().write({"answered_by_id": self.env.uid})
        return lines

    def write(self, vals):
        self._check_bid_open()
        if (vals.get("answer") or "").strip() and "answered_on" not in vals:
            blank = self.filtered(lambda line: not line.answered_on)
            if blank:
                super(KamBidClarification, blank).write(self._with_answer_day(vals))
        result = super().write(vals)
        if "due_on" in vals and not self._is_engine():
            self._as_engine().write({"told": False})
        if {"answer", "answered_on"} & vals.keys() and not self._is_engine():
            self.filtered("answered_on")._as_engine().write({"answered_by_id": self.env.uid})
            self.env["kam.notice"]._settle("bid_clarification", self)
        return result

    @api.model
    def _with_answer_day(self, vals):
        """Whoever writes the answer has answered today, unless he says when."""
        if (vals.get("answer") or "").strip() and not vals.get("answered_on"):
            return {**vals, "answered_on": fields.Date.context_today(self)}
        return vals

    @ondelete_always
    def _unlink_except_answered(self):
        if not self.env.su and any(line.answered_on for line in self):
            raise UserError(self.env._("An answered question is part of the bid: it stays."))

    def _check_bid_open(self):
        """:raise UserError: the tender is over"""
        if self.env.su or self._is_engine():
            return
        if over := self.bid_id.filtered(lambda bid: bid.state == "result"):
            raise UserError(
                self.env._("“%(name)s” has its result: nothing is clarified any more.",
                           name=over[0].name)
            )  # fmt: skip

    def _week_texts(self):
        return self.question, self.bid_id.display_name
