from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...policy.periods import Period
from ..core.guarded import ondelete_always
from ..kpi.subject import PERIOD_KINDS, SUBJECT_KINDS, KpiSubject
from ..metric.options import MetricOptions

OFFICE = "key_account_mgmt.group_kam_officer"
STATES = [
    ("computed", "Computed"),
    ("review", "To Review"),
    ("acknowledge", "To Acknowledge"),
    ("closed", "Closed"),
]
# What the reviewer writes; everything else is the system's.
REVIEWED = frozenset({"feedback", "lessons", "adjustments", "plan_id"})


class KamScorecard(models.Model):
    """How one person, team or the programme did in one period, on figures.

    Computed → to review → to acknowledge → closed.  The reviewer is the manager, never whoever
    answers for the card; who answers for it reads it only when the review is done, then
    acknowledges it or objects.  A closed card never changes any more.

    A restricted KPI (profit) is a line its groups see; its score counts in the total, from
    which neither the figure nor the target can be read.
    Source: (c13), S0-167 … S0-171.
    """

    _name = "kam.scorecard"
    _inherit = ["kam.guarded"]
    _description = "Scorecard"
    _order = "date_from desc, period_kind, id desc"

    _guarded_create = True
    _guarded_unlink = True

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    set_id = fields.Many2one(
        "kam.kpi.set", "KPI Set", required=True, index=True, ondelete="restrict", readonly=True
    )
    subject_kind = fields.Selection(
        [kind for kind in SUBJECT_KINDS if kind[0] != "account"],
        "About",
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users", "Person", index="btree_not_null", ondelete="restrict", readonly=True
    )
    team_id = fields.Many2one(
        "crm.team", index="btree_not_null", ondelete="restrict", readonly=True
    )
    subject_name = fields.Char("Name", compute="_compute_subject_name")
    subject_user_id = fields.Many2one(
        "res.users",
        "Answers for It",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="The person assessed; of a team its leader.",
    )
    reviewer_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="The office may name another one, never who answers for the card.",
    )
    period_kind = fields.Selection(PERIOD_KINDS, required=True, readonly=True)
    date_from = fields.Date("From", required=True, readonly=True, index=True)
    date_to = fields.Date("To", required=True, readonly=True)
    period = fields.Char(compute="_compute_period")
    state = fields.Selection(STATES, required=True, readonly=True, index=True)
    line_ids = fields.One2many("kam.scorecard.line", "card_id", "KPIs", readonly=True)
    objection_ids = fields.One2many(
        "kam.scorecard.objection", "card_id", "Objections", readonly=True
    )
    has_objection = fields.Boolean("Objection Open", readonly=True, index=True)

    total = fields.Float("Score", digits=(6, 2), readonly=True, aggregator="avg")
    is_scored = fields.Boolean("Measurable", readonly=True)
    grade = fields.Char(readonly=True)
    own_total = fields.Float("Score of the Year's KPIs", digits=(6, 2), readonly=True)
    quarters_total = fields.Float("Mean of the Quarters", digits=(6, 2), readonly=True)
    quarters_count = fields.Integer("Quarters Counted", readonly=True)
    quarters_share = fields.Float("Quarters in the Year (%)", readonly=True)
    quarters_label = fields.Char("Quarters of the Year", compute="_compute_quarters_label")
    previous_total = fields.Char("Last Period", compute="_compute_previous")
    manual_score = fields.Float(
        "Score by Hand",
        compute="_compute_manual_score",
        inverse="_inverse_manual_score",
        help="One score for everything given by hand; each its own: on the card.",
    )
    manual_count = fields.Integer(compute="_compute_manual_score")

    feedback = fields.Text(help="What went well, what to change; the person reads it.")
    lessons = fields.Text(help="What the quarter taught.")
    adjustments = fields.Text("Plan Adjustments", help="What changes in plans and strategy.")
    plan_id = fields.Many2one("kam.plan", ondelete="set null", index="btree_not_null")

    computed_on = fields.Datetime(readonly=True)
    set_version = fields.Char("Policy Used", readonly=True)
    set_number = fields.Integer("Version of the Set", readonly=True, aggregator=None)
    holders = fields.Json(readonly=True, groups="base.group_system")
    options = fields.Json(readonly=True, groups="base.group_system")
    sent_on = fields.Datetime("To Review Since", readonly=True)
    reviewed_on = fields.Datetime(readonly=True)
    acknowledged_on = fields.Datetime(readonly=True)
    closed_on = fields.Datetime(readonly=True)
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True, ondelete="restrict")
    date_due = fields.Date("Due", readonly=True, help="The next step is due by then.")
    warning = fields.Char(compute="_compute_warning")
    is_reviewer = fields.Boolean(compute="_compute_roles")
    is_mine = fields.Boolean(compute="_compute_roles")
    is_office = fields.Boolean(compute="_compute_roles")

    # One card of a subject and period, whichever worker and whichever set is first.
    _subject_uniq = models.UniqueIndex(
        "(company_id, subject_kind, COALESCE(user_id, 0), COALESCE(team_id, 0), period_kind, "
        "date_from)",
        "There is a scorecard of this period already.",
    )

    # Names and roles -----------------------------------------------------------------

    @api.depends("subject_kind", "user_id", "team_id")
    @api.depends_context("lang")
    def _compute_subject_name(self):
        for card in self:
            # sudo: the name of a colleague or team, as everywhere in Odoo.
            holder = (card.user_id or card.team_id).sudo()
            card.subject_name = holder.display_name or self.env._("Whole Programme")

    @api.depends("period_kind", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period(self):
        metric = self.env["kam.metric"]
        for card in self:
            card.period = metric._period_label(card._period()) if card.date_from else False

    @api.depends("subject_name", "period")
    def _compute_display_name(self):
        for card in self:
            card.display_name = f"{card.subject_name or ''} · {card.period or ''}"

    @api.depends("reviewer_id", "subject_user_id")
    @api.depends_context("uid")
    def _compute_roles(self):
        user = self.env.user
        office = user.has_group(OFFICE)
        for card in self:
            card.is_reviewer = card.reviewer_id == user
            card.is_mine = card.subject_user_id == user
            card.is_office = office and not card.is_mine

    @api.depends("date_from", "user_id", "team_id")
    @api.depends_context("uid")
    def _compute_previous(self):
        """The score of the card before this one, as far as the reader may see it."""
        before = {}
        for kind, cards in self.grouped("period_kind").items():
            domain = Domain("period_kind", "=", kind)
            domain &= Domain("date_to", "in", [card._day_before() for card in cards])
            for found in self.search(domain):
                before[found._who(), found.date_to] = found
        for card in self:
            found = before.get((card._who(), card._day_before()))
            card.previous_total = found._score_text() if found else False

    def _who(self):
        return (self.company_id, self.subject_kind, self.user_id, self.team_id)

    def _day_before(self):
        return fields.Date.subtract(self.date_from, days=1)

    def _score_text(self):
        """“86.40 (B)”."""
        self.ensure_one()
        if not self.is_scored:
            return self.env._("not measurable")
        return self.env._("%(score).2f (%(grade)s)", score=self.total, grade=self.grade or "–")

    @api.depends("quarters_total", "quarters_count", "quarters_share")
    @api.depends_context("lang")
    def _compute_quarters_label(self):
        for card in self:
            card.quarters_label = self.env._(
                "%(score).2f, %(share)s %% of the year (%(count)s quarters)",
                score=card.quarters_total,
                share=f"{card.quarters_share:g}",
                count=card.quarters_count,
            )

    @api.depends("line_ids.manual_score", "line_ids.is_manual", "line_ids.is_given")
    def _compute_manual_score(self):
        """Of several the mean of those given."""
        for card in self:
            by_hand = card.line_ids.filtered("is_manual")
            given = by_hand.filtered("is_given").mapped("manual_score")
            card.manual_count = len(by_hand)
            card.manual_score = sum(given) / len(given) if given else 0.0

    def _inverse_manual_score(self):
        """One score for everything that is given by hand; each its own: on the card."""
        for card in self:
            by_hand = card.line_ids.filtered("is_manual")
            if not by_hand:
                raise UserError(
                    self.env._("“%(card)s”: nothing is scored by hand.", card=card.display_name)
                )
            by_hand.write({"manual_score": card.manual_score})

    @api.depends("line_ids.kpi_version", "state", "period_kind", "quarters_count", "set_number")
    def _compute_warning(self):
        for card in self:
            card.warning = card._warning_text()

    def _warning_text(self):
        if self.state == "closed":
            return False
        changed = self.line_ids._changed_kpis()
        if changed:
            return self.env._(
                "Changed since this card was computed: %(kpis)s. Compute it again.",
                kpis=", ".join(changed.mapped("display_name")),
            )
        # sudo: how often a set changed, for whoever may read the card.
        if self.set_number and self.set_number != self.set_id.sudo().version:
            return self.env._("The KPI set changed since this card was computed. Compute it again.")
        if self.period_kind == "year" and self.quarters_share and self.quarters_count < 4:
            return self.env._(
                "Only %(count)s of 4 quarters are closed and count.", count=self.quarters_count
            )
        return False

    # Period and subject --------------------------------------------------------------

    def _period(self):
        self.ensure_one()
        return Period(self.date_from, self.date_to)

    def _subject(self):
        self.ensure_one()
        return KpiSubject(self.subject_kind, (self.user_id or self.team_id).id or 0)

    def _frozen_options(self):
        # sudo: how the card was counted, for whoever may see the card.
        return MetricOptions(**(self.sudo().options or {}))

    def _spans(self):
        """``[(commercial partner id, first day, last day)]`` as when it was computed."""
        day = fields.Date.to_date
        # sudo: which customers stand behind a figure; names are shown by who may read them.
        return [(pid, day(first), day(last)) for pid, first, last in self.sudo().holders or ()]

    @api.model
    def _merge_partners(self, sources, destination):
        """Customers become one: cards counted on them find their documents under it."""
        found = self.env.execute_query(
            SQL(
                """SELECT card.id FROM kam_scorecard card
                    WHERE EXISTS (
                        SELECT FROM jsonb_array_elements(
                               CASE jsonb_typeof(card.holders) WHEN 'array' THEN card.holders END
                               ) AS span
                         WHERE (span->>0)::int = ANY(%s))""",
                sources.ids,
            )
        )
        merged = dict.fromkeys(sources.ids, destination.id)
        for card in self.browse([row[0] for row in found]):
            spans = []
            for pid, first, last in sorted((merged.get(p, p), a, b) for p, a, b in card.holders):
                if spans and spans[-1][0] == pid and first <= spans[-1][2]:
                    # Held as both on the same days: once.
                    spans[-1][2] = max(spans[-1][2], last)
                else:
                    spans.append([pid, first, last])
            card.holders = spans

    # Guards --------------------------------------------------------------------------

    def write(self, vals):
        if self._is_engine():
            return super().write(vals)
        self._check_write(vals)
        result = super().write(vals)
        if "reviewer_id" in vals:
            self.filtered(lambda card: card.state == "review")._tell_reviewers()
        return result

    def _check_write(self, vals):
        """Only the reviewer writes, what is his to write, while it is his turn."""
        # What is given on the lines is checked there.
        names = vals.keys() - {"manual_score", "line_ids"}
        if names == {"reviewer_id"}:
            self._check_new_reviewer(vals["reviewer_id"])
            return
        if names - REVIEWED:
            self._raise_guarded(sorted(names - REVIEWED))
        for card in self:
            card._check_reviewer()
            card._check_state("review")

    def _check_new_reviewer(self, user_id):
        """The office names another one: who works with key accounts, not the assessed."""
        reviewer = self.env["res.users"].browse(user_id)
        for card in self:
            card._check_office()
            card._check_state("computed", "review")
            # sudo: whether somebody works with us must not depend on who asks.
            if not reviewer.sudo()._kam_may_review(card.company_id):
                raise UserError(self.env._("Choose somebody who works with key accounts."))
            if reviewer == card.subject_user_id:
                raise UserError(self.env._("Nobody reviews himself. Choose somebody else."))

    def _check_reviewer(self):
        if self.reviewer_id != self.env.user or self.subject_user_id == self.env.user:
            raise AccessError(
                self.env._(
                    "“%(card)s” is reviewed by %(name)s.",
                    card=self.display_name,
                    name=self.reviewer_id.sudo().name or self.env._("nobody yet"),
                )
            )

    def _check_office(self):
        """:raise AccessError: the user does not work in the KAM office, or it is his own"""
        if self.env.su:
            return
        if not self.env.user.has_group(OFFICE):
            raise AccessError(self.env._("Scorecards are kept by the KAM office."))
        self.check_access("read")
        if self.env.user in self.subject_user_id:
            raise AccessError(self.env._("Nobody handles his own scorecard."))

    def _check_state(self, *states):
        self.ensure_one()
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(card)s” is “%(state)s”: this step is not possible now.",
                    card=self.display_name,
                    state=labels[self.state],
                )
            )

    @ondelete_always
    def _unlink_except_what_happened(self):
        if not self._is_engine() or any(card.state == "closed" for card in self):
            raise UserError(self.env._("Scorecards are kept."))

    def copy_data(self, default=None):  # pylint: disable=method-required-super
        raise UserError(self.env._("Scorecards are made by the system, one for each period."))

    # Reading -------------------------------------------------------------------------

    def action_open(self):
        """The whole card."""
        self.ensure_one()
        self.check_access("read")
        return self.get_formview_action()

    def action_previous(self):
        """The cards of the same subject and kind of period before this one."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_scorecard_action")
        domain = Domain("subject_kind", "=", self.subject_kind)
        domain &= Domain("user_id", "=", self.user_id.id) & Domain("team_id", "=", self.team_id.id)
        domain &= Domain("period_kind", "=", self.period_kind)
        domain &= Domain("date_from", "<", self.date_from)
        return action | {"domain": list(domain), "context": {}}
