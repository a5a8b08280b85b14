from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import float_compare

from .bid import DIRECTOR, OFFICE

# Kind of the task: role of who gets it; the leader where nobody has it.  S0-87 … S0-89
TASKS = {"technical": "technical", "commercial": "commercial", "need": "service"}
# The tasks are done so many working days before the deadline.
TASK_DAYS = 2


class KamBid(models.Model):
    """The steps of a bid up to its submission, each checked here whatever is on screen."""

    _inherit = "kam.bid"

    # What is missing ------------------------------------------------------------------

    @api.depends(
        "state",
        "go_decision",
        "user_id",
        "deadline",
        "department_count",
        "tender_file_ids",
        "requirement_ids.status",
        "technical_checked_by_id",
        "commercial_checked_by_id",
        "is_two_envelope",
        "task_ids.state",
    )
    @api.depends_context("lang")
    def _compute_missing(self):
        for bid in self:
            texts = []
            if bid.id and bid.state == "identified":
                texts = bid._missing_to_prepare()
            elif bid.id and bid.state == "preparing":
                texts = bid._missing_to_review()
            bid.missing = "\n".join(texts)

    def _missing_to_prepare(self):
        """:return: what must be there before the work begins, in words.  Source: S0-83, S0-84"""
        texts = []
        if self.go_decision != "go":
            texts.append(self.env._("Decide to take part (Go)."))
        if not self.deadline:
            texts.append(self.env._("Enter the deadline."))
        if not self.tender_file_ids:
            texts.append(self.env._("Attach the tender documents."))
        if self.department_count < 2:
            texts.append(self.env._("Put members of at least two departments on the team."))
        if self._is_led_by_other() and not self.leader_approved_by_id:
            texts.append(
                self.env._(
                    "%(leader)s is not the account manager (%(manager)s): a director agrees.",
                    leader=self.user_id.name,
                    manager=self._account_manager().name,
                )
            )
        if self.company_id._kam_bid_needs_pursuit() and not self._has_pursuit():
            texts.append(self.env._("Register a pursuit for this opportunity first."))
        return texts

    def _has_pursuit(self):
        """Whether a registered pursuit of the opportunity holds."""
        # sudo: that there is one is no secret of the deal.
        pursuits = self.env["kam.pursuit"].sudo().search([("lead_id", "=", self.lead_id.id)])
        return any(p.number and p.state not in ("lapsed", "cancelled", "lost") for p in pursuits)

    def _missing_to_review(self):
        """:return: what must be done before the review, in words.  Source: S0-84 … S0-89"""
        texts = []
        # sudo: whether they are done, for a reviewer who may not read them.
        tasks = self.sudo().task_ids.filtered("bid_task")
        kinds = dict(self.env["kam.action"]._fields["bid_task"]._description_selection(self.env))
        for kind, label in kinds.items():
            done = tasks.filtered(lambda t, kind=kind: t.bid_task == kind and t.state == "done")
            if not done:
                texts.append(self.env._("Task not done: %(task)s.", task=label))
        if not self.requirement_ids:
            texts.append(self.env._("Enter what the tender documents require."))
        elif waiting := self.requirement_ids.filtered(lambda line: line.status == "open"):
            texts.append(self.env._("Requirements not judged: %(count)s.", count=len(waiting)))
        offer = self._offer()
        if not (offer.proposal or "").strip():
            texts.append(self.env._("Write the proposal."))
        if not (offer.price_strategy or "").strip():
            texts.append(self.env._("Write the price strategy."))
        if not offer.amount:
            texts.append(self.env._("Enter the bid amount."))
        if self.is_two_envelope:
            if not self.technical_checked_by_id:
                texts.append(self.env._("Check the technical envelope."))
            if not self.commercial_checked_by_id:
                texts.append(self.env._("Check the commercial envelope."))
        return texts

    # Dialog --------------------------------------------------------------------------

    def _open_step(self, step, **defaults):
        """The dialog that asks for what a step needs."""
        self.ensure_one()
        self.check_access("write")
        wizard = self.env["kam.bid.wizard"]
        return {
            "type": "ir.actions.act_window",
            "name": wizard._step_title(step),
            "res_model": wizard._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_bid_id": self.id,
                "default_step": step,
                **{f"default_{name}": value for name, value in defaults.items()},
            },
        }

    def _check_step(self, states, allowed):
        """:raise AccessError: it is not the user's turn; UserError: not in this state"""
        self.ensure_one()
        self.check_access("write")
        if not allowed:
            raise AccessError(self.env._("“%(name)s”: this step is not yours.", name=self.name))
        if not self.try_lock_for_update():
            raise UserError(
                self.env._("Somebody is working on “%(name)s”. Try again soon.", name=self.name)
            )
        self.invalidate_recordset(["state"])
        if self.state not in states:
            state = dict(self._fields["state"]._description_selection(self.env))[self.state]
            raise UserError(
                self.env._(
                    "“%(name)s” is “%(state)s”: this step is not possible now.",
                    name=self.name,
                    state=state,
                )
            )

    def _step(self, vals):
        self._as_engine().write(vals)

    def _said(self, text):
        """:raise UserError: nothing was said"""
        text = (text or "").strip()
        if not text:
            raise UserError(self.env._("Say why, in a few words."))
        return text

    # Go / no-go ----------------------------------------------------------------------

    def action_go(self):
        """Take part; below the threshold a director says why."""
        self.ensure_one()
        if self._is_below():
            return self._open_step("go")
        return self._go(False)

    def _is_below(self):
        threshold = self.company_id._kam_bid_threshold()
        return float_compare(self.score, threshold, precision_digits=2) < 0

    def _go(self, text):
        """:raise AccessError: below the threshold, and no director; UserError: no scores"""
        self._check_step(("identified",), self._may_lead())
        if not self.score_ids.filtered(lambda line: not line.partner_id):
            raise UserError(self.env._("Score the tender first."))
        if self._is_below():
            if not self.env.user.has_group(DIRECTOR):
                raise AccessError(
                    self.env._(
                        "The score of %(score)s is below %(threshold)s: a director decides.",
                        score=f"{self.score:.2f}",
                        threshold=f"{self.company_id._kam_bid_threshold():.2f}",
                    )
                )
            text = self._said(text)
        self._decide("go", text)
        return True

    def _decide(self, decision, text):
        self._step(
            {
                "go_decision": decision,
                "go_decided_by_id": self.env.uid,
                "go_decided_on": fields.Datetime.now(),
                "go_note": text,
            }
        )

    def action_no_bid(self):
        """Not to take part: say why."""
        return self._open_step("no_bid")

    # Team and beginning --------------------------------------------------------------

    def action_agree_leader(self):
        """A director agrees that somebody else than the account manager leads."""
        return self._open_step("leader")

    def _agree_leader(self, text):
        """Source: S0-83."""
        self._check_step(("identified", "preparing"), self.env.user.has_group(DIRECTOR))
        self._step({"leader_approved_by_id": self.env.uid, "leader_reason": self._said(text)})

    def action_prepare(self):
        """Begin the work: the mandatory tasks go to whoever has the role.

        :raise ValidationError: what is missing, all of it
        """
        for bid in self:
            bid._check_step(("identified",), bid._may_lead())
            if texts := bid._missing_to_prepare():
                raise ValidationError("\n".join(texts))
            bid._step({"state": "preparing", "prepared_on": fields.Datetime.now()})
            bid._create_tasks()
        return True

    def _create_tasks(self):
        """The mandatory tasks that are not there yet.  Source: S0-87, S0-88, S0-89."""
        # sudo: the tasks follow from the policy, whoever begins the work.
        Action = self.env["kam.action"].sudo()
        have = set(
            self.sudo().task_ids.filtered(lambda t: t.state != "cancelled").mapped("bid_task")
        )
        names = {
            "technical": self.env._("Technical proposal"),
            "commercial": self.env._("Commercial terms and price calculation"),
            "need": self.env._("Material on the customer's need"),
        }
        due = self._task_day()
        for kind, role in TASKS.items():
            if kind in have:
                continue
            task = Action.create(
                {
                    "name": f"{names[kind]}: {self.name}",
                    "user_id": self._holder_of(role).id,
                    "date_due": due,
                    "account_id": self.sudo().account_id.id,
                    "company_id": self.company_id.id,
                    "bid_id": self.id,
                }
            )
            task._as_engine().write({"bid_task": kind})

    def _holder_of(self, role):
        members = self._members_today().filtered(lambda m: m.role == role and m.user_id.active)
        return members[:1].user_id or self.user_id

    def _task_day(self):
        """Two working days before the deadline, today at the earliest."""
        # sudo: when a company works is no secret.
        company = self.company_id.sudo()
        working, today = company._kam_working_time(), company._kam_today()
        day, left = self.deadline_date, TASK_DAYS
        while left and day > today:
            day -= timedelta(days=1)
            left -= working.is_worked(day)
        return max(day, today)

    # Review --------------------------------------------------------------------------

    def action_check_technical(self):
        """The technical envelope is complete."""
        self._check_envelope("technical_checked_by_id")

    def action_check_commercial(self):
        """The commercial envelope is complete."""
        self._check_envelope("commercial_checked_by_id")

    def _check_envelope(self, name):
        for bid in self:
            bid._check_step(("preparing",), bid._may_work())
            bid._step({name: self.env.uid})

    def action_review(self):
        """Checked by somebody else than the leader: it may be handed in.

        :raise ValidationError: what is missing, all of it.  Source: S0-86
        """
        for bid in self:
            bid._check_step(("preparing",), bid._may_work())
            if bid.user_id == self.env.user:
                raise AccessError(
                    self.env._("The leader does not review his own bid: ask a colleague.")
                )
            if texts := bid._missing_to_review():
                raise ValidationError("\n".join(texts))
            bid._step(
                {
                    "state": "reviewed",
                    "reviewed_by_id": self.env.uid,
                    "reviewed_on": fields.Datetime.now(),
                }
            )
        return True

    def action_back(self):
        """Back to preparing: something changes, and is reviewed again."""
        for bid in self:
            bid._check_step(("reviewed",), bid._may_work())
            bid._step(
                {
                    "state": "preparing",
                    "reviewed_by_id": False,
                    "reviewed_on": False,
                    "technical_checked_by_id": False,
                    "commercial_checked_by_id": False,
                }
            )
        return True

    # Submission ----------------------------------------------------------------------

    def action_submit(self):
        """State when it was handed in, with the proof, and who follows it."""
        self.ensure_one()
        now = fields.Datetime.now()
        moment = min(now, self.deadline or now)
        follower = self.follow_up_user_id or self.user_id
        return self._open_step("submit", moment=moment, user_id=follower.id)

    def _submit(self, moment, proofs, follower):
        """Handed in at ``moment``; entered after the deadline it is marked as such.

        :raise ValidationError: after the deadline, in the future, without proof, or
            nobody follows.  Source: S0-86, S0-90
        """
        self._check_step(("reviewed",), self._may_work())
        now = fields.Datetime.now()
        if not moment or moment > now:
            raise ValidationError(self.env._("State when it was handed in, not when it will be."))
        if moment > self.deadline:
            raise ValidationError(
                self.env._(
                    "Handed in after the deadline: this is no submission. Enter the result "
                    "“Withdrawn” or “Rejected” with its reason."
                )
            )
        if moment < self.prepared_on and not self._is_history():
            raise ValidationError(self.env._("It was not handed in before the work began."))
        if not proofs:
            raise ValidationError(
                self.env._("Attach the proof: a receipt, a screenshot, the stamped list.")
            )
        if not follower or follower.share or not follower.active:
            raise ValidationError(self.env._("Say who follows the tender from here on."))
        self._step(
            {
                "state": "submitted",
                "submitted_on": moment,
                "submitted_by_id": self.env.uid,
                "entered_late": now > self.deadline,
                "follow_up_user_id": follower.id,
                "proof_ids": [Command.set(self._own(proofs).ids)],
            }
        )
        self._settle_notices()

    def _is_history(self):
        """A tender of the past, entered by the office from paper."""
        return self.deadline < self.create_date and self.env.user.has_group(OFFICE)
