from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# number: below 100, of its own for every source, part of the ids; code: the kind of item
WeekSource = namedtuple("WeekSource", "number code model sql")
NUMBERS = 100
BUCKETS = [
    ("1_overdue", "Overdue"),
    ("2_today", "Today"),
    ("3_week", "This Week"),
    ("4_next", "Next 14 Days"),
    ("5_later", "Later"),
]
QUICK = [
    ("done", "Mark Done"),
    ("report", "Report"),
    ("plan", "Plan"),
    ("answer", "Answer"),
    ("confirm", "Confirm"),
]


class KamWeekItem(models.Model):
    """My Week 本周工作: everything that waits for a person, whatever document it is.

    Nothing is stored: the items are read off the documents by one query.  A later domain
    adds its own in :meth:`_week_sources`; the query of a source gives ``res_id, user_id,
    account_id, company_id, date_due, sort``.  Nothing before a company's go-live is due.
    Source: users §2, §6, J22.
    """

    _name = "kam.week.item"
    _description = "My Week"
    _auto = False
    _order = "date_due, sort, id"

    code = fields.Selection("_selection_code", "Kind", readonly=True)
    number = fields.Integer(readonly=True, aggregator=None)
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Document", model_field="res_model", readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    account_id = fields.Many2one("kam.account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date_due = fields.Date("Due", readonly=True)
    sort = fields.Char(readonly=True)
    bucket = fields.Selection(BUCKETS, "When", readonly=True)
    title = fields.Char("What", compute="_compute_document")
    state_text = fields.Char("State", compute="_compute_document")
    quick = fields.Selection(QUICK, compute="_compute_quick")

    # The items -------------------------------------------------------------------

    @api.model
    def _week_sources(self):
        """Hook: where items come from, ``[WeekSource]``."""
        return [
            WeekSource(1, "action", "kam.action", self._week_actions_sql()),
            WeekSource(4, "approval", "kam.approval.request", self._week_approvals_sql()),
        ]

    @api.model
    def _week_labels(self):
        """Hook: ``{code: name of the kind}``; others are called like their documents."""
        return {
            "action": self.env._("Action"),
            "approval": self.env._("Approval"),
            "request_owner": self.env._("Request to Me"),
            "request_asker": self.env._("Request by Me"),
        }

    @api.model
    def _week_buttons(self):
        """Hook: ``{code: (button, method of the document it calls)}``."""
        return {"action": ("done", "action_done")}

    @api.model
    def _week_actions_sql(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id, date_due, NULL AS sort
              FROM kam_action
             WHERE state = 'open'
            """
        )

    @api.model
    def _week_approvals_sql(self):
        """What was submitted and is stuck: returned, refused in the last two weeks, or
        waiting for longer than allowed."""
        now = fields.Datetime.now()
        return SQL(
            """
            SELECT r.id AS res_id, r.requester_id AS user_id, a.id AS account_id, r.company_id,
                   COALESCE(late.deadline, r.decided_on, r.submitted_on)::date AS date_due,
                   NULL AS sort
              FROM kam_approval_request r
              LEFT JOIN kam_account a
                     ON a.partner_id = r.partner_id AND a.company_id = r.company_id AND a.active
              LEFT JOIN LATERAL (
                        SELECT min(s.deadline) AS deadline
                          FROM kam_approval_request_step s
                         WHERE s.request_id = r.id AND s.state = 'pending'
                           AND s.deadline < %(now)s
                   ) late ON r.state = 'pending'
             WHERE (r.state = 'pending' AND late.deadline IS NOT NULL
                    OR r.state = 'returned' AND r.decided_on >= %(quarter)s
                    OR r.state = 'refused' AND r.decided_on >= %(fortnight)s)
               AND NOT EXISTS (
                        SELECT 1 FROM kam_approval_request n
                         WHERE n.res_model = r.res_model AND n.res_id = r.res_id
                           AND n.round > r.round)
            """,
            now=now,
            quarter=now - timedelta(days=90),
            fortnight=now - timedelta(days=14),
        )

    @property
    def _table_query(self):
        sources = self._week_sources()
        for source in sources:
            # What this transaction has not written yet is not in the tables.
            self.env[source.model].flush_model()
        today = self._week_today()
        return SQL(
            """
            SELECT i.*, CASE
                   WHEN i.date_due < c.kam_go_live_date THEN '5_later'
                   WHEN i.date_due < %(today)s THEN '1_overdue'
                   WHEN i.date_due = %(today)s THEN '2_today'
                   WHEN i.date_due <= %(sunday)s OR i.date_due IS NULL THEN '3_week'
                   WHEN i.date_due <= %(fortnight)s THEN '4_next'
                   ELSE '5_later' END AS bucket
              FROM (%(items)s) i
              LEFT JOIN res_company c ON c.id = i.company_id
            """,
            today=today,
            sunday=today + timedelta(days=6 - today.weekday()),
            fortnight=today + timedelta(days=14),
            items=SQL(" UNION ALL ").join(self._source_sql(source) for source in sources),
        )

    @api.model
    def _source_sql(self, source):
        return SQL(
            """
            SELECT s.res_id::bigint * %(factor)s + %(number)s AS id, %(number)s AS number,
                   %(code)s AS code, %(model)s AS res_model, s.res_id::int AS res_id,
                   s.user_id::int AS user_id, s.account_id::int AS account_id,
                   s.company_id::int AS company_id, s.date_due::date AS date_due,
                   s.sort::text AS sort
              FROM (%(sql)s) s
            """,
            factor=NUMBERS,
            number=source.number,
            code=source.code,
            model=source.model,
            sql=source.sql,
        )

    @api.model
    def _week_today(self):
        """The day it is where the reader's company works."""
        return self.env.company._kam_today()

    @api.model
    def _selection_code(self):
        labels = self._week_labels()
        return [
            (
                source.code,
                labels.get(source.code) or self.env["ir.model"]._get(source.model).sudo().name,
            )
            for source in self._week_sources()
        ]

    # What they are ---------------------------------------------------------------

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_document(self):
        for model, items in self.grouped("res_model").items():
            documents = self.env[model].browse(items.mapped("res_id")) if model else []
            # Whose turn it is may have lost sight of the document meanwhile.
            readable = documents._filtered_access("read") if model else []
            texts = {document.id: self._week_texts(document) for document in readable}
            for item in items:
                item.title, item.state_text = texts.get(item.res_id, (False, False))

    @api.model
    def _week_texts(self, document):
        """``(what it is, its state)``; a document that says more about itself has a
        ``_week_texts`` of its own."""
        if hasattr(document, "_week_texts"):
            return document._week_texts()
        return document.display_name, self._state_text(document)

    @api.model
    def _state_text(self, document):
        state = document._fields.get("state")
        if not state or state.type != "selection":
            return False
        return dict(state._description_selection(self.env)).get(document.state, False)

    @api.depends("title")
    def _compute_display_name(self):
        for item in self:
            item.display_name = item.title or ""

    @api.depends("code")
    def _compute_quick(self):
        buttons = self._week_buttons()
        for item in self:
            item.quick = buttons.get(item.code, (False, False))[0]

    def _document(self):
        """The document of one item, as far as the user may read it."""
        self.ensure_one()
        self.check_access("read")
        document = self.env[self.res_model].browse(self.res_id)
        document.check_access("read")
        return document

    def action_open(self):
        """The document, in one click."""
        return self._document().get_formview_action()

    def action_quick(self):
        """What there is to do about it, without opening it: tick off, report, plan …"""
        document = self._document()
        _button, method = self._week_buttons().get(self.code, (False, False))
        if not method:
            raise UserError(self.env._("Open it to see what there is to do."))
        return getattr(document, method)()

    # Planning several ------------------------------------------------------------

    def action_plan_visits(self):
        """One trip for what was chosen.

        Raises ``UserError`` where nothing chosen is fulfilled by a visit.
        """
        self.check_access("read")
        rows = self._week_plan_rows()
        if not rows:
            raise UserError(
                self.env._("Choose obligations or visits: only these are planned as a trip.")
            )
        return self._week_plan_action(rows)

    def _week_plan_rows(self):
        """Hook: ``[{"account_id", "purpose_id", "user_id", "day"}]`` of the items that a
        visit fulfils."""
        return []

    @api.model
    def _week_plan_action(self, rows):
        """Hook: the window that plans ``rows``.  Visits arrive with a later domain."""
        raise UserError(self.env._("Visits cannot be planned here."))

    # Banner ----------------------------------------------------------------------

    @api.model
    def action_retrieve_dashboard(self):
        """What the banner above My Week shows: numbers that filter, and figures.

        :return: ``{"tiles": […], "figures": […]}``, see :meth:`_week_tiles` and
            :meth:`_week_figures`
        """
        self.browse().check_access("read")
        user, day = self.env.user, self._week_today()
        return {"tiles": self._week_tiles(user, day), "figures": self._week_figures(user, day)}

    @api.model
    def _week_tiles(self, user, day):
        """Hook: numbers of the user's own items.

        :return: ``[{"code", "label", "count", "level", "filters"}]``; level is a colour of
            Bootstrap, filters are the names in the search view that a click sets
        """
        counts = dict(self._read_group([("user_id", "=", user.id)], ["bucket"], ["__count"]))
        return [
            {
                "code": code,
                "label": label,
                "count": counts.get(bucket, 0),
                "level": level,
                "filters": ["mine", code],
            }
            for code, bucket, label, level in (
                ("overdue", "1_overdue", self.env._("Overdue"), "danger"),
                ("today", "2_today", self.env._("Today"), "warning"),
                ("this_week", "3_week", self.env._("This Week"), "info"),
            )
        ]

    @api.model
    def _week_figures(self, user, day):
        """Hook: figures of the user's own accounts, in words.

        :return: ``[{"code", "label", "value", "before", "change", "level", "method"}]``;
            method is one of this model that opens what is behind the figure
        """
        return []
