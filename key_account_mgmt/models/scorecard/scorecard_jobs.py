from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..kpi.subject import period_of, previous_period

DAY = timedelta(days=1)
DIRECTOR = "key_account_mgmt.group_kam_director"
EXECUTIVE = "key_account_mgmt.group_kam_executive"
MANAGER = "key_account_mgmt.group_kam_gm"
# Of each kind of period, how many that were missed are made afterwards.
CATCH_UP = {"month": 3, "quarter": 2, "year": 1}
# When a set assesses for the first time, an older period is history.
FIRST_TIME_DAYS = 92


class KamScorecard(models.Model):
    """J07: every closed period has its cards.  Run twice it changes nothing.

    Only what is over is assessed: a period half in the future has no card.  A period the job
    slept through gets its cards afterwards, at most a quarter of months, two quarters, one
    year back, and none that began before going live.  Source: J07, S0-167 … S0-171.
    """

    _name = "kam.scorecard"
    _inherit = ["kam.scorecard", "kam.job.mixin"]

    @api.model
    def _cron_scorecards(self, day=None):
        """Make the cards of closed periods; send those whose figures have settled.

        :param day: for tests; empty: the day it is where each company works
        """
        # sudo: as the scheduler, whoever starts it.
        cards = self.sudo()
        if not cards.env["res.groups"]._kam_area_is_on("kpi"):
            return
        companies = cards.env["res.company"].search([("parent_id", "=", False)])
        units = []
        for company in companies:
            today = day or company._kam_today()
            units += [
                (cards._make_cards, company, kpi_set, period)
                for kpi_set in cards._sets_of(company)
                for period in cards._due_periods(company, kpi_set, today)
            ]
            units += [
                (cards._send_settled, company, kpi_set, today)
                for kpi_set in cards._sets_of(company) | cards._sets_to_send(company)
            ]
        self._run_units("scorecards", units)

    def _job_unit_text(self, function, args):
        if not hasattr(args[-1], "start"):
            return self.env._("%(set)s: cards that go to review", set=args[1].display_name)
        label = self.env["kam.metric"]._period_label(args[-1])
        return f"{args[1].display_name}: {label}"

    @api.model
    def _sets_of(self, company):
        """Sets in use, in their order: who is named in two gets the card of the first."""
        sets = self.env["kam.kpi.set"].search([("company_id", "in", (False, company.id))])
        return sets.filtered("line_ids")

    @api.model
    def _due_periods(self, company, kpi_set, today):
        """Closed periods of the set that have no cards yet, oldest first, and the last one:
        somebody may have been entered since."""
        kind = kpi_set.period_kind
        live = company.kam_go_live_date
        known = self._known_periods(company, kpi_set)
        period = previous_period(company, kind, period_of(company, kind, today))
        periods = []
        for number in range(CATCH_UP[kind]):
            too_early = live and period.start < live
            old = not known and (periods or (today - period.end).days > FIRST_TIME_DAYS)
            if too_early or old or (known and period.start < min(known)):
                break
            if number == 0 or period.start not in known:
                periods.append(period)
            period = previous_period(company, kind, period)
        return periods[::-1]

    @api.model
    def _known_periods(self, company, kpi_set):
        domain = Domain("company_id", "=", company.id) & Domain("set_id", "=", kpi_set.id)
        rows = self._read_group(domain, ["date_from:day"])
        return {fields.Date.to_date(first) for (first,) in rows}

    @api.model
    def _make_cards(self, company, kpi_set, period):
        """The cards of one set and period; whoever has one of that period keeps it.

        :return: how many were made
        """
        subjects = self._without_card(company, kpi_set, period)
        if not subjects:
            return 0
        leaders = self._people_of(subjects)
        reviewers = self._reviewers(company, leaders)
        vals_of = {
            subject: self._prepare_card(company, kpi_set, period, subject, leaders, reviewers)
            for subject in subjects
        }
        # sudo: figures are those of the subject, whoever asks for them.
        cards = self.sudo()._as_engine()
        return len(cards._create_counted(company, kpi_set, period, vals_of))

    @api.model
    def _without_card(self, company, kpi_set, period):
        domain = Domain("company_id", "=", company.id)
        domain &= Domain("subject_kind", "=", kpi_set.subject_kind)
        domain &= Domain("period_kind", "=", kpi_set.period_kind)
        domain &= Domain("date_from", "=", period.start)
        known = {card._subject() for card in self.search(domain)}
        subjects = [one for one in kpi_set._assessed(company, period) if one not in known]
        if kpi_set.subject_kind == "programme" and subjects:
            # A company without a key account has no programme to assess.
            held = self.env["kam.kpi"]._holders(subjects, period, company, kpi_set)
            subjects = [subject for subject in subjects if held[subject]]
        return subjects

    @api.model
    def _prepare_card(self, company, kpi_set, period, subject, leaders, reviewers):
        leader = leaders[subject]
        return {
            "company_id": company.id,
            "set_id": kpi_set.id,
            "subject_kind": subject.kind,
            "user_id": subject.id if subject.kind == "user" else False,
            "team_id": subject.id if subject.kind == "team" else False,
            "subject_user_id": leader.id,
            "reviewer_id": reviewers[leader].id,
            "period_kind": kpi_set.period_kind,
            "date_from": period.start,
            "date_to": period.end,
            "state": "computed",
        }

    # Who reviews ---------------------------------------------------------------------

    @api.model
    def _people_of(self, subjects):
        """``{subject: who answers for it}``: the person, the leader of the team, nobody."""
        users = self.env["res.users"]
        teams = self.env["crm.team"].browse([s.id for s in subjects if s.kind == "team"])
        leaders = {team.id: team.user_id for team in teams}
        return {
            subject: users.browse(subject.id)
            if subject.kind == "user"
            else leaders.get(subject.id, users)
            for subject in subjects
        }

    @api.model
    def _reviewers(self, company, leaders):
        """``{who is assessed: who reviews}``, never himself.

        The manager of his department or of the one above; else the leader of his sales team;
        else the first director, executive or general manager; somebody who works with key
        accounts.  Source: c13.
        """
        people = self.env["res.users"].union(*leaders.values())
        departments = self.env["kam.department"]._of_people(people, company)
        above = self.env["res.users"].union(
            *(self.env.ref(group).user_ids.sorted("id") for group in (DIRECTOR, EXECUTIVE, MANAGER))
        )
        found = {}
        for user in {*people, self.env["res.users"]}:
            candidates = self._managers_of(departments.get(user)) | user.sale_team_id.user_id
            candidates = (candidates | above).filtered(lambda u: u._kam_may_review(company))
            found[user] = (candidates - user)[:1]
        return found

    @api.model
    def _managers_of(self, department):
        managers = self.env["res.users"]
        while department:
            managers |= department.sudo().manager_id
            department = department.sudo().parent_id
        return managers

    # Sending -------------------------------------------------------------------------

    @api.model
    def _sets_to_send(self, company):
        """Sets with cards that wait to be sent, or whose reviewer has left."""
        domain = Domain("company_id", "=", company.id)
        domain &= Domain("state", "in", ("computed", "review"))
        return self.search(domain).set_id

    @api.model
    def _send_settled(self, company, kpi_set, today):
        """Computed cards whose period has been over for some days go to their reviewers;
        those of a reviewer who has left to another one.

        :return: how many went
        """
        settled = today - timedelta(days=company._kam_scorecard_review_days())
        domain = Domain("company_id", "=", company.id) & Domain("set_id", "=", kpi_set.id)
        waiting = self.search(
            domain & Domain("state", "=", "computed") & Domain("date_to", "<=", settled)
        )
        left = self.search(domain & Domain("state", "=", "review"))
        left = left.filtered(lambda card: not card.reviewer_id._kam_may_review(company))
        self._find_missing_reviewers(company, waiting | left)
        left.filtered("reviewer_id")._tell_reviewers()
        return len(waiting._send_to_review()) if waiting else 0

    @api.model
    def _find_missing_reviewers(self, company, cards):
        """Nobody could review when the card was made, or who could has left."""
        open_ones = cards.filtered(lambda c: not c.reviewer_id._kam_may_review(company))
        leaders = {card._subject(): card.subject_user_id for card in open_ones}
        if leaders:
            reviewers = self._reviewers(company, leaders)
            for card in open_ones:
                card._as_engine().write({"reviewer_id": reviewers[card.subject_user_id].id})
