from odoo import api, fields, models
from odoo.exceptions import UserError

from ..kpi.subject import KpiSubject
from .facts import StatusFacts
from .status_line import CHANGES, TEXTS
from .status_report import GENERAL_MANAGER, OPEN

TOPIC_MADE = "status_lines"
TOPIC_LATE = "status_late"
TOPIC_SUBMITTED = "status_submitted"
TOPIC_SUPPLEMENT = "status_supplement"
ACKNOWLEDGE_DAYS = 5
# The lines of a report are kept in batches of so many accounts, each a commit of the job.
BATCH = 100
# What of a gathered fact tells it from another.
FACT = ("block", "day", "text", "user_id", "res_model", "res_id")


class KamStatusReport(models.Model):
    """How a report is kept up to date, submitted and acknowledged.

    Source: (c16), S3-33 … S3-35.
    """

    _inherit = "kam.status.report"

    # Lines ---------------------------------------------------------------------------

    @api.model
    def _targets(self, accounts, period):
        """Sales targets of accounts for a period.

        :return: ``{account id: amount}`` in company currency; who has none is absent
        """
        kpi = self.env.ref("key_account_mgmt.kam_kpi_k01", raise_if_not_found=False)
        if not kpi or not accounts:
            return {}
        subjects = [KpiSubject("account", account_id) for account_id in accounts.ids]
        found = self.env["kam.target"]._by_months(subjects, kpi, period, accounts.company_id)
        return {subject.id: value for subject, value in found.items()}

    def _facts(self, account_ids=None):
        self.ensure_one()
        return StatusFacts(self.env, self.company_id, self._windows()["month"], account_ids)

    def _keep_lines(self, facts, account_ids):
        """Make the missing lines of these accounts and bring the facts of the others up to date.

        Texts that somebody edited stay, and all texts of a line that is complete.  Run twice
        it changes nothing.

        :return: how many lines were made or changed
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.account_id.id in set(account_ids))
        known = lines.grouped(lambda line: line.account_id.id)
        missing = [account_id for account_id in account_ids if account_id not in known]
        touched = 0
        for account_id, line in known.items():
            touched += line._take(facts.of(account_id))
        made = self.env["kam.status.report.line"]._as_engine()
        made = made.create([self._prepare_line(account_id, facts) for account_id in missing])
        for line in made:
            known[line.account_id.id] = line
        made.browse([line.id for line in known.values()])._keep_facts(facts)
        return touched + len(made)

    def _prepare_line(self, account_id, facts):
        known = facts.of(account_id)
        return {
            "report_id": self.id,
            "account_id": account_id,
            "company_id": self.company_id.id,
            "month": self.month,
            "date_due": self.date_due,
            "report_state": self.state,
            "proposed": known["proposed"],
            **known["vals"],
            **known["proposed"],
        }

    def _every_line(self):
        """All lines, whoever asks: what a reader sees of them may stand in the cache."""
        return self.env["kam.status.report.line"].search([("report_id", "in", self.ids)])

    def _every_acknowledgement(self):
        """All rows, whoever asks: as :meth:`_every_line`."""
        return self.env["kam.status.acknowledgement"].search([("report_id", "in", self.ids)])

    def _follow_lines(self):
        """Complete with its last line, to complete again with a new one."""
        for report in self.filtered(lambda r: r.state in OPEN):
            lines = report._every_line()
            waiting = any(line.status == "open" for line in lines)
            done = lines and report.filled_on and not waiting
            report._move("completed" if done else "generated")

    def _move(self, state, **vals):
        """To another state; the lines know it, too."""
        if self.state != state or vals:
            engine = self.sudo()._as_engine()
            engine.write({"state": state, **vals})
            engine._every_line().write({"report_state": state})

    def action_refresh(self):
        """The facts as they are now; what people wrote stays."""
        for report in self:
            report._check_office()
            report._check_open()
            # sudo and engine: facts are those of the company, whoever asks for them.
            engine = report.sudo()._as_engine()
            facts = engine._facts()
            engine._keep_lines(facts, facts.account_ids)
            engine._finish(facts.account_ids)
        return True

    def action_open_lines(self):
        """The accounts of the report as a list."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_status_report_line_action"
        )
        return action | {
            "name": self.display_name,
            "domain": [("report_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_open_late(self):
        """The lines still missing, by person."""
        action = self.action_open_lines()
        return action | {
            "domain": [("report_id", "=", self.id), ("status", "in", ("open", "missing"))],
            "context": {"create": False, "search_default_by_user": 1},
        }

    # Reminding -----------------------------------------------------------------------

    def action_remind_late(self):
        """Each account manager whose lines are missing hears of it once: one message with his
        accounts, once a day.

        :raise UserError: nobody is left to remind today
        """
        self.ensure_one()
        self._check_office()
        today = self.company_id.sudo()._kam_today()
        # sudo: who is late is the office's to know; the notices are the system's.
        late = self.sudo()._every_line().filtered(lambda li: li.status in ("open", "missing"))
        if not late:
            raise UserError(self.env._("No line is missing."))
        told = late.filtered(lambda line: line.reminded_on == today)._writer()
        due = late.filtered(lambda li: li._writer().active and li._writer() not in told)
        if not due:
            raise UserError(
                self.env._("Everybody with a missing line was reminded today, or nobody leads it.")
            )
        by_writer = due.grouped(lambda line: line._writer())
        notices = [own._prepare_reminder(user) for user, own in by_writer.items()]
        self.env["kam.notice"]._queue_all(notices)
        due._as_engine().write({"reminded_on": today})
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Reminded: %(names)s", names=", ".join(due._writer().mapped("name"))
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # Submitting ----------------------------------------------------------------------

    def action_submit(self):
        """Submit to the general manager and the leaders: facts are brought up to date once
        more, then figures and texts are frozen.

        Lines that are missing are named as such; they may follow in a supplement.

        :raise UserError: submitted already, no line in it, or nobody to acknowledge it
        """
        self.ensure_one()
        self._check_office()
        if not self.sudo().try_lock_for_update():
            raise UserError(self.env._("Somebody is submitting this report. Look again soon."))
        self._check_open()
        # sudo: who acknowledges is policy of the company.
        company = self.company_id.sudo()
        leaders = self._acknowledging(company)
        if not leaders:
            raise UserError(
                self.env._(
                    "Nobody acknowledges it: no general manager, and no leader is named in "
                    "Settings."
                )
            )
        self.action_refresh()
        # sudo and engine: the step was checked; what it freezes is not written by hand.
        engine = self.sudo()._as_engine()
        if not engine.line_ids:
            raise UserError(self.env._("There is no account in this report yet."))
        now, today = fields.Datetime.now(), company._kam_today()
        engine._move(
            "submitted",
            filled_on=self.filled_on or now,
            submitted_on=now,
            submitted_by_id=self.env.uid,
            submitted_late=self.date_due < today,
        )
        engine.line_ids.filtered(lambda li: li.status == "open").write({"status": "missing"})
        self.env["kam.notice"]._settle(TOPIC_MADE, self)
        engine._ask_to_acknowledge(leaders, today)
        return True

    @api.model
    def _acknowledging(self, company):
        """The general manager and the leaders named in Settings."""
        people = company._kam_people_in(GENERAL_MANAGER) | company.root_id.kam_status_leader_ids
        return people.filtered(lambda user: user.active and not user.share)

    def _ask_to_acknowledge(self, leaders, today):
        days = self.company_id._kam_add_days_or_calendar(today, ACKNOWLEDGE_DAYS)
        Row = self.env["kam.status.acknowledgement"]._as_engine()
        belongs = {"report_id": self.id, "company_id": self.company_id.id, "date_due": days}
        Row.create([{**belongs, "user_id": user.id} for user in leaders])
        notices = [self._prepare_submitted(user) for user in leaders - self.env.user]
        if notices:
            self.env["kam.notice"]._queue_all(notices)

    def _prepare_submitted(self, user):
        texts = self.with_context(lang=user.lang)
        lights = {}
        for line in self.line_ids:
            if "red" in (line.light_sales, line.light_visits, line.light_issues,
                         line.light_payments):  # fmt: skip
                lights[line.id] = line
        lines = [
            texts.env._(
                "%(accounts)s accounts, %(red)s with a red light",
                accounts=len(self.line_ids),
                red=len(lights),
            )
        ]
        missing = self.line_ids.filtered(lambda line: line.status == "missing")
        if missing:
            lines.append(texts.env._("Not completed: %(names)s", names=missing._names()))
        title = texts.env._("To acknowledge: %(report)s", report=texts.display_name)
        return self.env["kam.notice"]._prepare_vals(
            user, title, lines, record=self, topic=TOPIC_SUBMITTED
        )

    # Acknowledging -------------------------------------------------------------------

    def action_acknowledge(self):
        """The user has read it: his row, with the day."""
        self.ensure_one()
        self.check_access("read")
        mine = self._my_acknowledgements()
        if not mine:
            raise UserError(self.env._("There is nothing for you to acknowledge here."))
        return mine.action_acknowledge()

    def _follow_acknowledgements(self):
        """Count them, and close the report with the last one."""
        for report in self.filtered(lambda r: r.state == "submitted"):
            done = report._every_acknowledgement().filtered("acknowledged_on")
            report._as_engine().write({"acknowledged_count": len(done)})
            report._close_acknowledged(self._acknowledging(report.company_id))
        self.env["kam.notice"]._settle(TOPIC_SUBMITTED, self, self.env.user)

    def _close_acknowledged(self, here):
        """Acknowledged as soon as everybody who is still to do so has done it, at least one."""
        rows = self._every_acknowledgement()
        done = rows.filtered("acknowledged_on")
        if done and not (rows - done).user_id & here:
            self._move("acknowledged", acknowledged_on=fields.Datetime.now())

    # Telling who completes it ----------------------------------------------------------

    def _tell_made(self):
        """Every account manager hears once that his lines wait."""
        notices = []
        for user, lines in self.line_ids.filtered("user_id").grouped("user_id").items():
            if user.active:
                notices.append(lines._prepare_made(user))
        if notices:
            self.env["kam.notice"]._queue_all(notices)


class KamStatusReportLine(models.Model):
    _inherit = "kam.status.report.line"

    def _take(self, known):
        """Take over new facts; texts nobody edited follow them while the line is open.

        :return: whether anything changed
        """
        self.ensure_one()
        vals = dict(known["vals"])
        if self.status == "open":
            before = self.proposed or {}
            for name in TEXTS:
                if (self[name] or False) == (before.get(name) or False):
                    vals[name] = known["proposed"][name]
            vals["proposed"] = known["proposed"]
        changed = {}
        for name, value in vals.items():
            field = self._fields[name]
            mine = self[name].id if field.type == "many2one" else self[name]
            if (mine or False) != (value or False):
                changed[name] = value
        if changed:
            self.write(changed)
        return bool(changed)

    def _take_over(self, other):
        """Go on as one line: what was written in the other one stands below."""
        texts = {}
        for name in TEXTS:
            theirs = other[name] or ""
            if theirs and theirs != (other.proposed or {}).get(name) and theirs != self[name]:
                glue = "; " if name in CHANGES else "\n"
                texts[name] = glue.join(text for text in (self[name], theirs) if text)
        other.unlink()
        if texts:
            self.write(texts)

    def _keep_facts(self, facts):
        """Replace what was gathered where it is not the same any more."""
        Fact = self.env["kam.status.fact"]._as_engine()
        known = Fact.search([("line_id", "in", self.ids)]).grouped("line_id")
        gone, fresh = Fact.browse(), []
        for line in self:
            wanted = facts.of(line.account_id.id)["facts"]
            mine = known.get(line, Fact)
            if sorted(map(repr, mine._keys())) == sorted(map(repr, _keys(wanted))):
                continue
            gone |= mine
            belongs = {"line_id": line.id, "company_id": line.company_id.id}
            fresh += [{**fact, **belongs} for fact in wanted]
        gone.unlink()
        Fact.create(fresh)

    def _prepare_made(self, user):
        report = self.report_id.with_context(lang=user.lang)
        title = report.env._(
            "%(report)s: complete your accounts by %(day)s",
            report=report.display_name,
            day=fields.Date.to_string(report.date_due),
        )
        return self.env["kam.notice"]._prepare_vals(
            user, title, [self._names()], record=report, topic=TOPIC_MADE
        )

    def _prepare_reminder(self, user):
        report = self.report_id.with_context(lang=user.lang)
        title = report.env._(
            "%(report)s: your accounts are still missing", report=report.display_name
        )
        return self.env["kam.notice"]._prepare_vals(
            user, title, [self._names()], record=report, topic=TOPIC_LATE
        )

    def _settle_late(self):
        """Who has no line missing any more is not told that he has."""
        for report, own in self.sudo().grouped("report_id").items():
            lines = report._every_line()
            waiting = lines.filtered(lambda line: line.status in ("open", "missing"))
            for topic in (TOPIC_MADE, TOPIC_LATE):
                self.env["kam.notice"]._settle(topic, report, own._writer() - waiting._writer())

    def _tell_supplement(self):
        """Who acknowledges hears that something followed, with the morning's message."""
        notices = []
        for report, own in self.sudo().grouped("report_id").items():
            readers = report._every_acknowledgement().user_id.filtered("active")
            for user in readers - self.env.user:
                texts = report.with_context(lang=user.lang)
                title = texts.env._("Supplement to %(report)s", report=texts.display_name)
                notices.append(
                    self.env["kam.notice"]._prepare_vals(
                        user, title, [own._names()], record=report, topic=TOPIC_SUPPLEMENT
                    )
                )
        if notices:
            self.env["kam.notice"]._queue_all(notices)


class KamStatusFact(models.Model):
    _inherit = "kam.status.fact"

    def _keys(self):
        return _keys(
            {**{name: fact[name] for name in FACT}, "user_id": fact.user_id.id} for fact in self
        )


def _keys(rows):
    return [tuple(row[name] or False for name in FACT) for row in rows]
