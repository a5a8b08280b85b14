from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ...policy import routing


class KamApprovalRequest(models.Model):
    """The course of a request: opened, advanced from stage to stage, closed.

    Every method runs on :meth:`_engine` records; the caller has checked the right.
    """

    _inherit = "kam.approval.request"

    # Opening

    @api.model
    def _open_rounds(self, documents, company):
        """Start a new round for each of ``documents`` (of the acting user and one company).

        :return: the requests, in the order of the documents
        :raise UserError: no route fits, or a step of it has nobody who could decide
        """
        neutral = documents._approval_neutral(company)
        earlier = self._last_rounds(neutral)
        routes = self.env["kam.approval.route"]._candidates(documents._name)
        files = neutral._approval_files_by_id()
        tz = company.sudo().resource_calendar_id.tz
        versions = {}
        vals_list = []
        for document in neutral:
            route = routes._choose(document, company, routes)
            if route not in versions:
                versions[route] = route._policy_version(tz) or False
            vals = self._prepare_request_vals(
                document, company, route, earlier.get(document.id), files[document.id]
            )
            vals_list.append({**vals, "route_version": versions[route]})
        requests = self._engine().create(vals_list)
        requests.flush_recordset()
        return requests

    @api.model
    def _prepare_request_vals(self, neutral, company, route, earlier, files):
        requester = self.env.user
        values = neutral._approval_evidence(files)
        return {
            "name": neutral.with_context(lang=self.env.lang).display_name,
            "res_model": neutral._name,
            "res_id": neutral.id,
            "company_id": company.id,
            "partner_id": neutral._approval_partner().id,
            "currency_id": company.currency_id.id,
            "amount": neutral._approval_amount(),
            "requester_id": requester.id,
            "round": (earlier.round if earlier else 0) + 1,
            "route_id": route.id,
            "route_name": route.name,
            "state": "pending",
            "fingerprint": routing.fingerprint(values),
            "file_ids": files.ids,
            "snapshot": neutral._approval_snapshot(),
            "submitted_on": fields.Datetime.now(),
            "decided_on": False,
            "step_ids": [
                Command.create(vals)
                for vals in self._prepare_steps(neutral, company, route, earlier, values)
            ],
        }

    @api.model
    def _prepare_steps(self, neutral, company, route, earlier, values):
        """Snapshots of the route's steps; what an earlier round settled is carried over."""
        rows = []
        for stage, step in route._stages():
            vals = step._prepare_request_step_vals(stage, neutral, company, self.env.user)
            part = routing.fingerprint(routing.part(values, vals["evidence"]))
            vals["evidence_fingerprint"] = part
            if route.carry_over and earlier:
                vals |= earlier._carried_vals(step, part)
            rows.append(vals)
        return rows

    def _carried_vals(self, origin, part):
        """What a new round takes over from the step of this one with the same origin.

        Only where it was settled on the same evidence by people who still may decide.
        """
        step = self.step_ids.filtered(lambda s: s.origin_step_id == origin)[:1]
        settled = step.state in (routing.APPROVED, routing.SKIPPED)
        if origin.always_ask or not settled or step.evidence_fingerprint != part:
            return {}
        decisions = step._settling_decisions()
        approvers = decisions.approver_id
        if not decisions or self.env.user in (approvers | decisions.user_id):
            return {}
        if any(not origin._may_decide(user, self.company_id) for user in approvers):
            return {}
        return {
            "state": routing.SKIPPED,
            "carried_decision_ids": [Command.set(decisions.ids)],
            "voted_ids": [Command.set(approvers.ids)],
        }

    @api.model
    def _last_rounds(self, documents):
        """{document id: its latest request}, sudo."""
        # sudo: earlier rounds count, readable or not.
        earlier = self.sudo().search(
            [("res_model", "=", documents._name), ("res_id", "in", documents.ids)],
            order="round",
        )
        return {request.res_id: request for request in earlier}

    # Guards of a decision

    def _lock(self):
        """Keep everybody else from deciding until the end of the transaction.

        :raise UserError: somebody else is deciding now, or has just decided
        """
        if self.try_lock_for_update() != self:
            raise UserError(
                self.env._(
                    "Somebody else is deciding on “%(document)s” at this moment. Reload the "
                    "page to see the result.",
                    document=self[:1].name,
                )
            )
        # No need to read anew: a transaction sees the database as of its beginning, and what
        # was decided about the request since makes the lock fail and the work start again.
        for request in self:
            request._check_pending()

    def _touch(self):
        """Mark what leaves a request pending on the request itself, for :meth:`_lock`."""
        pending = self.filtered(lambda request: request.state == "pending")
        if pending:
            self.env.cr.execute(
                "UPDATE kam_approval_request SET write_date = write_date WHERE id IN %s",
                [pending._ids],
            )

    def _forget(self):
        """What was read of the requests and their documents is read anew from now on."""
        self.env.flush_all()
        for requests in self.grouped("res_model").values():
            requests._documents_of_user().invalidate_recordset()
        # Which steps a request has, and its steps' request, are known: forgetting them here
        # would forget them of every request.
        for records, known in ((self.step_ids, "request_id"), (self, "step_ids")):
            records.invalidate_recordset([name for name in records._fields if name != known])

    def _check_pending(self):
        if self.state != "pending":
            raise UserError(
                self.env._(
                    "“%(document)s” does not wait for approval any more: %(state)s.",
                    document=self.name,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.state],
                )
            )

    def _check_readable(self):
        """:raise AccessError: the acting user cannot open one of the documents"""
        for requests in self.grouped("res_model").values():
            documents = requests._documents_of_user()
            hidden = documents - documents._filtered_access("read")
            if hidden:
                request = requests.filtered(lambda r, d=hidden[0]: r.res_id == d.id)
                raise AccessError(
                    self.env._(
                        "You cannot open “%(document)s”, so you cannot decide about it. Ask an "
                        "administrator for access.",
                        document=request[:1].name,
                    )
                )

    def _check_unchanged(self):
        """:raise UserError: a document is not the one that was submitted"""
        for requests in self.grouped(lambda r: (r.res_model, r.company_id)).values():
            documents = {document.id: document for document in requests._documents().exists()}
            attachments = requests.env["ir.attachment"].sudo()
            ids = {file for request in requests for file in request.file_ids or []}
            files = {file.id: file for file in attachments.browse(ids).exists()}
            for request in requests:
                document = documents.get(request.res_id)
                own = attachments.union(*(files[f] for f in request.file_ids or [] if f in files))
                if document is None or request.fingerprint != document._approval_fingerprint(own):
                    request._raise_changed()

    def _raise_changed(self):
        raise UserError(
            self.env._(
                "“%(document)s” changed after it was submitted. %(requester)s has to "
                "withdraw it and submit it again.",
                document=self.name,
                requester=self.requester_id.name,
            )
        )

    # The course

    def _advance(self):
        """Ask the steps of the next stage, or close each request whose steps are all done."""
        waiting = self
        while waiting:
            steps = self.env["kam.approval.request.step"]
            for request in waiting:
                steps |= steps.browse(routing.next_steps(request._step_states()))
            steps._ask()
            # Where earlier decisions settled a whole stage, the next one follows.
            waiting = steps.filtered(lambda s: s.state != routing.PENDING).request_id
        self.filtered(lambda r: routing.outcome(r._step_states()) == routing.APPROVED)._grant()

    def _grant(self):
        self._close("approved")
        for request in self:
            document = request._document_for_hooks()
            document._approval_move("approved")
            document._approval_granted()

    def _step_states(self):
        return [routing.Step(s.id, s.sequence, s.state) for s in self.step_ids]

    def _refuse(self, decision):
        self._close("refused")
        document = self._document_for_hooks()
        document._approval_move("refused")
        document._approval_refused(decision._without_engine())

    def _send_back(self, decision):
        self._close("returned")
        document = self._document_for_hooks()
        document._approval_move("returned")
        document._approval_refused(decision._without_engine())

    def _withdraw(self):
        self._lock()
        self._record("withdraw")
        self._close("withdrawn")
        self._document_for_hooks()._approval_move("withdrawn")

    def _record(self, kind, **values):
        """A decision about the request as a whole, by the acting user."""
        return self.env["kam.approval.decision"].create(
            {
                "request_id": self.id,
                "kind": kind,
                "user_id": self.env.uid,
                "approver_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                "fingerprint": self.fingerprint,
                **values,
            }
        )

    def _close(self, state):
        open_steps = self.step_ids.filtered(
            lambda step: step.state in (routing.WAITING, routing.PENDING)
        )
        open_steps.write({"state": routing.SKIPPED})
        self.write({"state": state, "decided_on": fields.Datetime.now()})
        self.env["kam.notice"]._settle("approval", self)
        self.filtered(lambda request: request.requester_id != self.env.user)._tell_requesters()

    # Reminding

    def _remind(self):
        """Remind everybody who can decide now; once a day."""
        self._lock()
        today = self.company_id._kam_today()
        if self.reminded_on == today:
            raise UserError(
                self.env._("“%(document)s” was reminded today already.", document=self.name)
            )
        self._record("remind")
        self.write({"reminded_on": today})
        self.step_ids.filtered(lambda s: s.state == routing.PENDING)._remind_approvers()

    # Telling

    def _tell_requesters(self):
        """What became of his request, in the morning message of each requester."""
        self.env["kam.notice"]._queue_all([request._requester_notice() for request in self])

    def _requester_notice(self):
        user = self.requester_id
        record = self._without_engine().with_context(lang=user.lang)
        state = dict(record._fields["state"]._description_selection(record.env))[record.state]
        lines = [
            record.env._("%(who)s: %(comment)s", who=decision._who(), comment=decision.comment)
            if decision.comment
            else decision._who()
            for decision in record.decision_ids
            if decision.kind in ("approve", "refuse", "return")
        ]
        title = record.env._("%(state)s: %(document)s", state=state, document=record.name)
        return record.env["kam.notice"]._prepare_vals(user, title, lines, record=record)

    def _tell_copied(self, users):
        for user in users:
            record = self._without_engine().with_context(lang=user.lang)
            title = record.env._(
                "%(name)s sends you a copy: %(document)s",
                name=record.env.user.name,
                document=record.name,
            )
            lines = record._snapshot_texts()["highlights"]
            record.env["kam.notice"]._queue(user, title, lines, record=record)
