from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...policy import routing


class KamApprovalRequest(models.Model):
    """The course of a request: opened, advanced from step to step, closed.

    Every method runs on :meth:`_engine` records; the caller has checked the right.
    """

    _inherit = "kam.approval.request"

    @api.model
    def _open_round(self, document):
        """Start a new round for ``document`` (of the acting user) and ask the first step.

        :return: the request
        :raise UserError: no route fits, or a step of it has nobody who could decide
        """
        company = document._approval_company()
        neutral = document._approval_neutral(company)
        route = self.env["kam.approval.route"]._choose(neutral, company)
        if not route.step_ids:
            raise UserError(
                self.env._(
                    "Approval route “%(route)s” has no steps. Ask an administrator of key "
                    "accounts (%(admins)s) to add one.",
                    route=route.name,
                    admins=route._administrators(),
                )
            )
        vals = self._prepare_request_vals(neutral, company, route)
        request = self._engine().create(vals)
        request.flush_recordset()
        return request

    @api.model
    def _prepare_request_vals(self, neutral, company, route):
        requester = self.env.user
        file_ids = neutral._approval_files().ids
        return {
            "name": neutral.with_context(lang=self.env.lang).display_name,
            "res_model": neutral._name,
            "res_id": neutral.id,
            "company_id": company.id,
            "partner_id": neutral._approval_partner().id,
            "currency_id": company.currency_id.id,
            "amount": neutral._approval_amount(),
            "requester_id": requester.id,
            "round": self._last_round(neutral) + 1,
            "route_id": route.id,
            "route_name": route.name,
            "state": "pending",
            "fingerprint": neutral._approval_fingerprint(file_ids),
            "file_ids": file_ids,
            "snapshot": neutral._approval_snapshot(),
            "submitted_on": fields.Datetime.now(),
            "decided_on": False,
            "step_ids": [
                Command.create(step._prepare_request_step_vals(number, company, requester))
                for number, step in enumerate(route.step_ids, start=1)
            ],
        }

    @api.model
    def _last_round(self, document):
        # sudo: earlier rounds count, readable or not.
        last = self.sudo().search(
            [("res_model", "=", document._name), ("res_id", "=", document.id)],
            order="round desc",
            limit=1,
        )
        return last.round

    def _lock(self):
        """Keep everybody else from deciding until the end of the transaction.

        :raise UserError: somebody else is deciding now, or has just decided
        """
        self.ensure_one()
        if not self.try_lock_for_update():
            raise UserError(
                self.env._(
                    "Somebody else is deciding on “%(document)s” at this moment. Reload the "
                    "page to see the result.",
                    document=self.name,
                )
            )
        self.invalidate_recordset()
        self.step_ids.invalidate_recordset()
        if self.state != "pending":
            raise UserError(
                self.env._(
                    "“%(document)s” does not wait for approval any more: %(state)s.",
                    document=self.name,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.state],
                )
            )

    def _check_unchanged(self):
        """:raise UserError: the document is not the one that was submitted"""
        neutral = self._document()
        if not neutral.exists() or neutral._approval_fingerprint(self.file_ids) != self.fingerprint:
            raise UserError(
                self.env._(
                    "“%(document)s” changed after it was submitted. %(requester)s has to "
                    "withdraw it and submit it again.",
                    document=self.name,
                    requester=self.requester_id.name,
                )
            )

    def _advance(self):
        """Ask the next step, or close the request when every step is done."""
        self.ensure_one()
        while step_id := routing.next_step(self._step_states()):
            step = self.step_ids.browse(step_id)
            earlier = step._earlier_decision()
            if not earlier:
                step._ask()
                return
            step.write({"state": routing.SKIPPED, "carried_decision_id": earlier.id})
        if routing.outcome(self._step_states()) == routing.APPROVED:
            self._close("approved")
            self._document_for_hooks()._approval_move("approved")
            self._document_for_hooks()._approval_granted()

    def _step_states(self):
        return [routing.Step(s.id, s.sequence, s.state) for s in self.step_ids]

    def _refuse(self, decision):
        self._close("refused")
        document = self._document_for_hooks()
        document._approval_move("refused")
        document._approval_refused(decision._without_engine())

    def _withdraw(self):
        self._lock()
        self.env["kam.approval.decision"].create(
            {
                "request_id": self.id,
                "kind": "withdraw",
                "user_id": self.env.uid,
                "approver_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                "fingerprint": self.fingerprint,
            }
        )
        self._close("withdrawn")
        self._document_for_hooks()._approval_move("withdrawn")

    def _close(self, state):
        open_steps = self.step_ids.filtered(
            lambda step: step.state in (routing.WAITING, routing.PENDING)
        )
        open_steps.write({"state": routing.SKIPPED})
        self.write({"state": state, "decided_on": fields.Datetime.now()})
        if self.requester_id != self.env.user:
            self._tell_requester()

    def _tell_requester(self):
        user = self.requester_id
        record = self._without_engine().with_context(lang=user.lang)
        state = dict(record._fields["state"]._description_selection(record.env))[record.state]
        lines = [
            record.env._("%(who)s: %(comment)s", who=decision._who(), comment=decision.comment)
            if decision.comment
            else decision._who()
            for decision in record.decision_ids
        ]
        title = record.env._("%(state)s: %(document)s", state=state, document=record.name)
        record.env["kam.notice"]._queue(user, title, lines, urgent=True, record=record)
