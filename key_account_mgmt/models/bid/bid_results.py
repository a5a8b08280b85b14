from datetime import timedelta

from odoo import Command, api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.guarded import ondelete_always
from .bid import BEFORE, DECIDED, FACTS, OFFICE

# How a tender may end, from which states.
FROM = {
    "won": ("submitted",),
    "lost": ("submitted",),
    "rejected": ("submitted",),
    "cancelled": (*BEFORE, "submitted"),
    "withdrawn": ("preparing", "reviewed", "submitted"),
    "no_bid": BEFORE,
}
RESULT_FACTS = (
    "result",
    "result_on",
    "result_by_id",
    "decided_amount",
    "won_amount",
    "own_price",
    "win_price",
    "price_gap",
    "award_on",
    "sign_until",
    "sign_told",
)


class KamBid(models.Model):
    """How a tender ended, and what is learned from it.

    Rejected counts as lost, a cancelled tender, a withdrawal and a no-bid do not count.
    Source: (c6), S0-162, users §3.4, §3.7 K09.
    """

    _inherit = "kam.bid"

    # Buttons --------------------------------------------------------------------------

    def action_won(self):
        return self._open_step("won", day=self._today_of(self.company_id))

    def action_lost(self):
        return self._open_step("lost", day=self._today_of(self.company_id))

    def action_rejected(self):
        return self._open_step("rejected", day=self._today_of(self.company_id))

    def action_tender_cancelled(self):
        return self._open_step("cancelled", day=self._today_of(self.company_id))

    def action_withdraw(self):
        return self._open_step("withdrawn", day=self._today_of(self.company_id))

    def action_reopen(self):
        """The office takes a result back."""
        return self._open_step("reopen")

    # Steps ----------------------------------------------------------------------------

    def _may_result(self):
        return self._may_lead() or self.env.user == self.follow_up_user_id

    def _end(self, result, day, text=False, **more):
        """The tender is over.

        :param day: when the result was announced
        :param text: why; needed unless it was won
        :param more: ``lesson``, ``winner_id``, ``price`` with ``currency``, ``award_on``,
            ``files`` of the award notice
        :raise ValidationError: what is missing
        """
        may = self._may_lead() if result == "no_bid" else self._may_result()
        self._check_step(FROM[result], may)
        if not day or day > self._today_of(self.company_id):
            raise ValidationError(self.env._("State the day of the result, today or before."))
        if result == "no_bid":
            self._decide("no_go", self._said(text))
        vals = {
            "state": "result",
            "result": result,
            "result_on": day,
            "result_by_id": self.env.uid,
            "result_reason": text if result == "won" else self._said(text),
        }
        if more.get("lesson"):
            vals["lesson"] = more["lesson"]
        elif result in ("lost", "rejected") and not self.lesson:
            raise ValidationError(self.env._("Write what we learn from it."))
        self._step({**vals, **self._winner_vals(result, day, more)})
        self._close_tasks()
        self._settle_notices()
        ended = self._deal_result()
        return self.env["crm.lead"]._kam_deal_result(self, ended) if ended else True

    def _winner_vals(self, result, day, more):
        """Prices and amounts, in the company's currency."""
        lines = self.opening_ids
        own = lines.filtered("is_us")
        best = lines.filtered("is_winner")
        own_price = own.price_company
        if result == "won":
            if best and not best.is_us:
                raise ValidationError(self.env._("The opening record says that somebody else won."))
            win_price = own_price
        else:
            if best.is_us and result in DECIDED:
                raise ValidationError(self.env._("The opening record says that we won."))
            win_price = best.price_company or self._in_company_currency(more, day)
        # sudo: what was expected of the deal, for a member who may not read it.
        expected = self.sudo().expected_amount
        expected = self._converted(expected, self.sudo().currency_id, day)
        amount = (own_price or expected) if result in DECIDED else 0.0
        vals = {
            "own_price": own_price if result in DECIDED else 0.0,
            "win_price": win_price if result in DECIDED else 0.0,
            "decided_amount": amount,
            "won_amount": amount if result == "won" else 0.0,
            "price_gap": (own_price / win_price - 1) * 100 if own_price and win_price else 0.0,
            "winner_id": best.partner_id.id or more.get("winner_id") or False,
        }
        if result == "won":
            vals |= self._award_vals(day, more)
        return vals

    def _award_vals(self, day, more):
        """The award notice starts the deadline for signing.  Source: users §3.7 K10."""
        award = more.get("award_on") or day
        if award > self._today_of(self.company_id):
            raise ValidationError(self.env._("The award notice is not of the future."))
        days = self.company_id._kam_bid_sign_days()
        vals = {"award_on": award, "sign_until": award + timedelta(days=days), "winner_id": False}
        if files := more.get("files"):
            vals["award_file_ids"] = [Command.link(f.id) for f in self._own(files)]
        return vals

    def _in_company_currency(self, more, day):
        currency = more.get("currency") or self.company_id.currency_id
        return self._converted(more.get("price") or 0.0, currency, day)

    def _converted(self, amount, currency, day):
        company = self.company_id
        return currency._convert(amount, company.currency_id, company, day)

    def _close_tasks(self):
        """Nobody works on a tender that is over."""
        # sudo: the tasks end with the bid, whosever they are.
        tasks = self.sudo().task_ids.filtered(lambda task: task.state == "open")
        if tasks:
            tasks._as_engine()._cancel(self.env._("The tender is over."))

    def _reopen(self, text):
        """Back to where it was, by the office."""
        self._check_step(("result",), self.env.user.has_group(OFFICE))
        reason = self._said(text)
        state = "submitted" if self.submitted_on else "preparing"
        if not self.prepared_on:
            state = "identified"
        vals = {name: FACTS[name] for name in RESULT_FACTS}
        if self.go_decision == "no_go":
            vals |= {
                name: FACTS[name]
                for name in ("go_decision", "go_decided_by_id", "go_decided_on", "go_note")
            }
        self._step({**vals, "state": state, "winner_id": False})
        self._message_log(body=self.env._("Result taken back: %(reason)s", reason=reason))
        if state == "preparing":
            self._create_tasks()

    @ondelete_always
    def _unlink_except_worked_on(self):
        if any(bid.state != "identified" for bid in self):
            raise UserError(
                self.env._("What was worked on stays: end it with a result instead of deleting it.")
            )

    # Analysis -------------------------------------------------------------------------

    def _rate_sql(self, spec, query):
        """Win rates over what was decided, as a share of all, never a mean of shares."""
        if spec not in ("win_rate:avg", "win_rate_amount:avg", "price_gap:avg", "own_price:avg",
                        "win_price:avg"):  # fmt: skip
            return None

        def column(name):
            return self._field_to_sql(self._table, name, query)

        if spec == "win_rate:avg":
            return SQL(
                "AVG(CASE WHEN %s = 'won' THEN 100.0 ELSE 0.0 END) FILTER (WHERE %s IN %s)",
                column("result"),
                column("result"),
                DECIDED,
            )
        if spec == "win_rate_amount:avg":
            return SQL(
                "SUM(%s) * 100.0 / NULLIF(SUM(%s), 0)",
                column("won_amount"),
                column("decided_amount"),
            )
        name = spec.partition(":")[0]
        if name == "price_gap":
            return SQL(
                "AVG(%s) FILTER (WHERE %s > 0 AND %s > 0)",
                column(name),
                column("own_price"),
                column("win_price"),
            )
        return SQL("AVG(%s) FILTER (WHERE %s > 0)", column(name), column(name))

    @api.model
    def _decided_domain(self):
        return Domain("result", "in", DECIDED)
