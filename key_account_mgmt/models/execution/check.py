from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...policy import execution as rules
from ...policy.obligations import windows
from ..core.guarded import ondelete_always

OFFICE = "key_account_mgmt.group_kam_officer"
FACTS = {
    "state": "open",
    "period_key": False,
    "done_on": False,
    "done_by_id": False,
    "done_late": False,
    "sent_on": False,
    "sent_by_id": False,
    "is_check": False,
    "is_report": False,
    "is_final": False,
    "progress": 0.0,
    "facts": False,
    "told": False,
}
CONCLUSIONS = [
    ("on_track", "On Track"),
    ("at_risk", "At Risk"),
    ("off_track", "Off Track"),
]


class KamContractCheck(models.Model):
    """A check of a contract, and what its customer is told, of one period.

    Prepared from milestones, deliveries and issues; the project manager adds deviations and
    a conclusion, and sends the progress report in one click.  Source: S0-109, S0-111, P18,
    P19, g Q18.
    """

    _name = "kam.contract.check"
    _inherit = ["kam.guarded", "mail.thread", "kam.contract.record"]
    _description = "Contract Check"
    _order = "due_on desc, id desc"

    _guarded_initial = FACTS
    _guarded_once = frozenset({"contract_id", "date_from", "date_to", "due_on"})
    _guarded_create = True

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    account_id = fields.Many2one(related="contract_id.account_id")
    partner_id = fields.Many2one(related="contract_id.partner_id")
    period_key = fields.Char(readonly=True, copy=False)
    is_check = fields.Boolean("Check", readonly=True)
    is_report = fields.Boolean("Report to the Customer", readonly=True)
    is_final = fields.Boolean("Final Check", readonly=True)
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    due_on = fields.Date("Due", required=True, readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Who Checks", index="btree_not_null", domain=[("share", "=", False)]
    )
    state = fields.Selection(
        [("open", "To Do"), ("done", "Done")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    # Prepared
    facts = fields.Json(readonly=True, copy=False)
    facts_text = fields.Text("What Happened", compute="_compute_facts_text")
    progress = fields.Float("Progress (%)", readonly=True, aggregator="avg")
    # Written
    deviations = fields.Text(
        "What Deviates", help="What is not as agreed: late, missing, not conform."
    )
    conclusion = fields.Selection(CONCLUSIONS)
    measures = fields.Text(help="What is done about it.")
    report_text = fields.Text(
        "To the Customer", help="Prepared in the customer's language; change what you like."
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Sent to",
        ondelete="restrict",
        domain="[('commercial_partner_id', '=', partner_id), ('email', '!=', False)]",
    )
    # Facts
    done_on = fields.Datetime(readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", "Done by", readonly=True, copy=False)
    done_late = fields.Boolean("Late", readonly=True, copy=False)
    sent_on = fields.Datetime("Sent on", readonly=True, copy=False)
    sent_by_id = fields.Many2one("res.users", "Sent by", readonly=True, copy=False)
    told = fields.Boolean(readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    can_edit = fields.Boolean(compute="_compute_can_edit")

    _period_uniq = models.UniqueIndex(
        "(contract_id, period_key) WHERE period_key IS NOT NULL",
        "The check of this period exists already.",
    )

    @api.depends("contract_id", "date_to", "is_final", "is_check", "is_report")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for check in self:
            # sudo: which contract, for whoever is asked for the check.
            contract = check.sudo().contract_id
            if check.is_final:
                kind = self.env._("Final check")
            elif check.is_check:
                kind = self.env._("Check")
            else:
                kind = self.env._("Progress report")
            check.display_name = " · ".join(
                part
                for part in (kind, contract.number or contract.name, check._period_text())
                if part
            )

    def _period_text(self):
        return f"{self.date_to:%Y-%m}" if self.date_to else ""

    @api.depends("state", "contract_id.project_manager_id", "user_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        for check in self:
            check.can_edit = check.state == "open" and check._is_mine()

    def _is_mine(self):
        # sudo: who runs the contract.
        people = self.user_id | self.sudo().contract_id.project_manager_id
        return self.env.user in people or self.env.user.has_group(OFFICE)

    @api.depends("state", "due_on", "company_id")
    def _compute_is_overdue(self):
        for company, checks in self.grouped("company_id").items():
            # sudo: the day it is where the company works.
            today = (company or self.env.company).sudo()._kam_today()
            for check in checks:
                check.is_overdue = bool(
                    check.state == "open" and check.due_on and check.due_on < today
                )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: which companies there are decides about days, not about rights.
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        late = Domain.OR(
            Domain("company_id", "=", company.id) & Domain("due_on", "<", company._kam_today())
            for company in companies
        )
        late &= Domain("state", "=", "open")
        return late if True in value else ~late

    # Preparing -----------------------------------------------------------------------

    def _prepare_facts(self):
        """Milestones, deliveries and issues of the period, as plain data.

        Called unrestricted: what happened under a contract is known to whoever may read it.
        """
        self.ensure_one()
        contract = self.contract_id
        live = contract.milestone_ids.filtered(lambda m: m.state != "cancelled")
        done = live.filtered(lambda m: m.state == "done")
        zone = self.company_id._kam_working_time()
        facts = {
            "done": [
                [m.name, str(zone.local_day(m.done_on)), m.conformity, m.deliverable or ""]
                for m in done.filtered(
                    lambda m: self.date_from <= zone.local_day(m.done_on) <= self.date_to
                )
            ],
            "late": [
                [m.name, str(m.date_due), m.user_id.name or ""]
                for m in live.filtered(lambda m: m.state == "open" and m.date_due <= self.date_to)
            ],
            "next": [
                [m.name, str(m.date_due)]
                for m in live.filtered(
                    lambda m: m.state == "open" and m.date_due > self.date_to
                ).sorted("date_due")[:3]
            ],
            "deliveries": self._delivery_facts(),
            "issues": self._issue_facts(),
        }
        return facts, rules.progress(len(done), len(live))

    def _delivery_facts(self):
        """Of each order: how much of what was ordered is delivered."""
        rows = []
        for order in self.contract_id.order_ids.filtered(lambda o: o.state == "sale"):
            lines = order.order_line.filtered(lambda li: not li.display_type)
            ordered = sum(lines.mapped("product_uom_qty"))
            if not ordered:
                continue
            delivered = sum(lines.mapped("qty_delivered"))
            promised = order.commitment_date
            rows.append(
                [
                    order.name,
                    round(min(100.0 * delivered / ordered, 100.0)),
                    str(promised.date()) if promised else "",
                ]
            )
        return rows

    def _issue_facts(self):
        issues = self.env["kam.issue"].search(
            Domain("contract_id", "=", self.contract_id.id)
            & Domain("state", "!=", "rejected")
            & (
                Domain("state", "!=", "closed")
                | Domain("closed_on", ">=", fields.Datetime.to_datetime(self.date_from))
            )
        )
        return [[i.number or "", i.name or "", i.state] for i in issues]

    @api.depends("facts")
    @api.depends_context("lang")
    def _compute_facts_text(self):
        for check in self:
            check.facts_text = "\n".join(check._fact_lines())

    def _fact_lines(self, outside=False):
        """In the reader's language.

        :param outside: for the customer: neither names of ours nor judgements
        """
        facts = self.facts or {}
        lines = []

        def day(text):
            return format_date(self.env, fields.Date.to_date(text)) if text else ""

        for name, when, conformity, deliverable in facts.get("done", ()):
            text = self.env._("Done on %(day)s: %(name)s", day=day(when), name=name)
            if deliverable:
                text = f"{text} ({deliverable})"
            if conformity == "not_conform" and not outside:
                text = self.env._("%(text)s – not conform", text=text)
            lines.append(text)
        for name, when, owner in facts.get("late", ()):
            text = self.env._("Open since %(day)s: %(name)s", day=day(when), name=name)
            lines.append(f"{text} ({owner})" if owner and not outside else text)
        for name, when in facts.get("next", ()):
            lines.append(self.env._("Next, by %(day)s: %(name)s", day=day(when), name=name))
        for name, percent, promised in facts.get("deliveries", ()):
            text = self.env._(
                "Order %(name)s: %(percent)s %% delivered", name=name, percent=percent
            )
            if promised:
                text = self.env._("%(text)s, promised for %(day)s", text=text, day=day(promised))
            lines.append(text)
        states = dict(self.env["kam.issue"]._fields["state"]._description_selection(self.env))
        for number, name, state in facts.get("issues", ()):
            lines.append(
                self.env._(
                    "Issue %(number)s %(name)s: %(state)s",
                    number=number,
                    name=name,
                    state=states.get(state, state),
                )
            )
        return lines

    @api.model
    def _make(self, contract, key, date_from, date_to, due_on, **kinds):
        """One check with what is known of its period.  Called as the engine, unrestricted."""
        manager = contract.project_manager_id or contract.user_id
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        check = quiet._as_engine().create(
            {
                "contract_id": contract.id,
                "period_key": key,
                "date_from": date_from,
                "date_to": date_to,
                "due_on": due_on,
                "user_id": manager.id,
                "contact_id": contract._report_contact().id,
                **kinds,
            }
        )
        check._fill()
        return check

    def _fill(self):
        """Bring what is known up to date; the text for the customer only while nobody wrote.

        Called unrestricted.
        """
        for check in self.filtered(lambda c: c.state == "open"):
            old = check.report_text
            proposed = check._proposed_text() if check.facts else False
            facts, percent = check._prepare_facts()
            check._as_engine().write({"facts": facts, "progress": percent})
            if check.is_report and (not old or old == proposed):
                check._as_engine().write({"report_text": check._proposed_text()})

    def _customer_language(self):
        # sudo: who at the customer reads it, for whoever may read the check.
        own = self.sudo()
        return own.contact_id.lang or own.partner_id.lang or self.env.lang

    def _proposed_text(self):
        """What the customer reads, in his language."""
        own = self.with_context(lang=self._customer_language())
        contract = own.contract_id
        head = own.env._(
            "Progress of contract %(number)s, %(start)s – %(end)s: %(percent)s %% of the "
            "milestones are done.",
            number=contract.number or contract.name,
            start=format_date(own.env, own.date_from),
            end=format_date(own.env, own.date_to),
            percent=round(own.progress),
        )
        return "\n".join([head, *own._fact_lines(outside=True)])

    @api.model
    def _open_final(self, contract):
        """The last check, whenever it is written."""
        # sudo: whoever runs the contract writes its checks.
        checks = self.sudo()
        found = checks.search([("contract_id", "=", contract.id), ("is_final", "=", True)], limit=1)
        if not found:
            company = contract.sudo().company_id
            today = company._kam_today()
            start = contract.signed_on or contract.date_from or today
            found = checks._make(
                contract.sudo(), "final", min(start, today), today, today,
                is_check=True, is_final=True,
            )  # fmt: skip
        return found.sudo(False)._without_engine()

    # Steps ---------------------------------------------------------------------------

    def write(self, vals):
        if not self._is_engine():
            content = vals.keys() - self._always_writable()
            if content and any(not check._is_mine() for check in self) and not self.env.su:
                raise UserError(
                    self.env._("A check is written by the project manager or the KAM office.")
                )
            if content - {"report_text", "contact_id"} and any(c.state == "done" for c in self):
                raise UserError(self.env._("This check is finished and stays as it is."))
            if content and any(c.sent_on for c in self) and content & {"report_text", "contact_id"}:
                raise UserError(self.env._("The customer has this report: it stays as it was."))
        return super().write(vals)

    @api.model
    def _always_writable(self):
        return {name for name in self._fields if name.startswith(("message_", "activity_"))}

    @ondelete_always
    def _unlink_except_made(self):
        if not self._is_engine() and any(check.period_key for check in self):
            raise UserError(self.env._("A check is kept with its contract."))

    def _check_mine(self):
        self.check_access("read")
        for check in self:
            if not (check._is_mine() or self.env.su):
                raise UserError(
                    self.env._("A check is written by the project manager or the KAM office.")
                )

    def action_refresh(self):
        """Milestones, deliveries and issues as they are now."""
        self._check_mine()
        # sudo: the right was checked; what is known belongs to the engine.
        self.sudo()._fill()
        return True

    def action_done(self):
        """Finished.

        :raise UserError: without a conclusion, or deviations not named
        """
        self._check_mine()
        for check in self.filtered(lambda c: c.state == "open"):
            if check.is_check and not check.conclusion:
                raise UserError(self.env._("Say how the contract stands: choose a conclusion."))
            if (
                check.conclusion in ("at_risk", "off_track")
                and not (check.deviations or "").strip()
            ):
                raise UserError(self.env._("Say what deviates from the contract."))
            if check.is_report and not check.sent_on:
                raise UserError(
                    self.env._("Send the progress report first: it belongs to this period.")
                )
            check._finish()
        return True

    def _finish(self):
        # sudo: the right was checked; facts belong to the engine.
        own = self.sudo()
        late = own.company_id._kam_today() > own.due_on
        own._as_engine().write(
            {
                "state": "done",
                "done_on": fields.Datetime.now(),
                "done_by_id": self.env.uid,
                "done_late": late,
            }
        )
        self.env["kam.notice"]._settle("contract_check", self)

    def action_send(self):
        """Send the progress report to the customer, with the printed report attached.

        :raise UserError: no text, nobody to send it to, or it was sent
        """
        self.ensure_one()
        self._check_mine()
        if not self.is_report:
            raise UserError(self.env._("This check is for ourselves: nothing is sent."))
        if self.sent_on:
            raise UserError(self.env._("The customer has this report already."))
        # sudo: whether he can be written to.
        contact = self.sudo().contact_id
        if not contact.email:
            raise UserError(
                self.env._("Choose a contact of the customer who has an e-mail address.")
            )
        if contact.commercial_partner_id != self.sudo().partner_id.commercial_partner_id:
            raise UserError(self.env._("The report goes to the customer of the contract only."))
        if not (self.report_text or "").strip():
            raise UserError(self.env._("Write what the customer should know."))
        self._send(contact)
        # sudo: the right was checked; facts belong to the engine.
        self.sudo()._as_engine().write(
            {"sent_on": fields.Datetime.now(), "sent_by_id": self.env.uid}
        )
        if not self.is_check:
            self._finish()
        return True

    def _send(self, contact):
        own = self.with_context(lang=self._customer_language(), mail_post_autofollow=False)
        report = self.env["ir.actions.report"].with_context(lang=own.env.lang)
        content, kind = report._render_qweb_pdf(
            "key_account_mgmt.action_report_contract_progress", self.ids
        )
        name = own.env._("Progress report %(period)s", period=own._period_text())
        # sudo: a line of the history, of who may write the check.
        own.sudo().message_post(
            body=own.report_text,
            subject=own.env._(
                "%(contract)s: %(what)s",
                contract=own.contract_id.number or own.contract_id.name,
                what=name,
            ),
            partner_ids=contact.ids,
            author_id=self.env.user.partner_id.id,
            email_from=self.env.user.email_formatted,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[(f"{name}.{kind}", content)],
        )


class KamContract(models.Model):
    _inherit = "kam.contract"

    def _report_contact(self):
        """Who at the customer hears of the progress: whoever had the last report, of the
        group, who signs, who ordered, else the customer."""
        last = self.check_ids.filtered("sent_on").sorted("sent_on")[-1:].contact_id
        people = last | self.coordinator_ids.partner_id | self.contact_id
        people |= self._live_orders().partner_id | self.partner_id
        ours = self.partner_id.commercial_partner_id
        return people.filtered(lambda p: p.email and p.commercial_partner_id == ours)[:1]

    # The job -------------------------------------------------------------------------

    def _keep_checks(self, policy, day):
        """The check of every period that is over, and of none twice.

        :return: how many were made
        """
        self.ensure_one()
        made = 0
        company = self.company_id
        working = company._kam_working_time()
        Check = self.env["kam.contract.check"]
        start = self.signed_on or self.date_from
        if not start:
            return 0
        start = max(filter(None, (start, company.kam_go_live_date)))
        known = set(self.check_ids.mapped("period_key"))
        wanted = {}
        for name, period in (
            ("is_check", policy.check_period),
            ("is_report", policy.report_period),
        ):
            for window in policy._closed_periods(period, start, day):
                wanted.setdefault((window.start, window.end), {})[name] = True
        for (first, last), kinds in sorted(wanted.items()):
            key = f"{first.isoformat()}/{last.isoformat()}"
            if key in known:
                continue
            due = company._kam_add_days_or_calendar(last, policy.due_days, working)
            Check._make(self, key, max(first, start), last, due, **kinds)
            made += 1
        return made


class KamContractCheckPolicy(models.Model):
    _inherit = "kam.contract.check.policy"

    @api.model
    def _closed_periods(self, period, start, day):
        """Periods since ``start`` that are over on ``day``, at most a year back."""
        if not period:
            return []
        first = max(start, day - timedelta(days=366))
        return [w for w in windows(period, first, day) if w.end < day]
