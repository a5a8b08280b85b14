from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# A change of one of these changes who gets which tier.
POLICY_MODELS = (
    "kam.tier.scheme",
    "kam.tier",
    "kam.tier.criterion",
    "kam.tier.flag",
    "kam.metric",
)
POLICY_DAYS = "key_account_mgmt.policy_change_days"
POLICY_DAYS_DEFAULT = 30


class KamTierEvaluation(models.Model):
    """What an auditor looks for in evaluations.  By the reader's own rights: what he may
    not read does not count for him.  Source: users §4.
    """

    _inherit = "kam.tier.evaluation"

    self_assessed_by_ids = fields.Many2many(
        "res.users",
        string="Approved What They Assessed",
        compute="_compute_self_assessed_by_ids",
        search="_search_self_assessed_by_ids",
        help="They approved the evaluation, or somebody did on their behalf, and it rests on a "
        "standing or qualification they had recorded themselves.",
    )
    policy_changed_before = fields.Boolean(
        "Policy Changed Shortly Before",
        compute="_compute_policy_changed_before",
        search="_search_policy_changed_before",
        help="Schemes, levels, criteria, qualifications or metrics were changed within 30 days "
        "before it was computed (system parameter key_account_mgmt.policy_change_days).",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_self_assessed_by_ids(self):
        pairs = {}
        if self.ids:
            self.env.cr.execute(
                SQL(
                    "SELECT evaluation_id, user_id FROM (%s) pair WHERE evaluation_id IN %s",
                    self._self_assessed_sql(),
                    tuple(self.ids),
                )
            )
            for evaluation_id, user_id in self.env.cr.fetchall():
                pairs.setdefault(evaluation_id, []).append(user_id)
        for evaluation in self:
            evaluation.self_assessed_by_ids = pairs.get(evaluation._origin.id, [])

    @api.model
    def _search_self_assessed_by_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        pairs = self._self_assessed_sql()
        users = tuple(user_id for user_id in value if user_id)
        found = Domain.FALSE
        if users:
            found = Domain(
                "id",
                "in",
                SQL("(SELECT evaluation_id FROM (%s) p WHERE user_id IN %s)", pairs, users),
            )
        if len(users) < len(value):
            found |= Domain("id", "not in", SQL("(SELECT evaluation_id FROM (%s) pair)", pairs))
        return found

    @api.model
    def _self_assessed_sql(self):
        """Pairs of evaluation and approver where a line of the one rests on an assessment
        by the other that is in force on the evaluation's day.
        """
        evidence = ("kam.industry.standing", "kam.qualification")
        self.env.flush_all()
        return SQL(
            """
            SELECT DISTINCT e.id AS evaluation_id, x.author_id AS user_id
              FROM %s d
              JOIN kam_approval_request r ON r.id = d.request_id AND r.res_model = %s
              JOIN kam_tier_evaluation e ON e.id = r.res_id
              JOIN %s l ON l.evaluation_id = e.id
              JOIN (%s) x ON x.partner_id = l.partner_id AND x.company_id = e.company_id
                         AND x.author_id IN (d.user_id, d.approver_id)
                         AND x.date <= e.day AND (x.ended_on IS NULL OR x.ended_on > e.day)
            """,
            self._readable_sql(
                "kam.approval.decision",
                [("kind", "=", "approve")],
                ("request_id", "user_id", "approver_id"),
            ),
            self._name,
            self._readable_sql("kam.tier.evaluation.line", [], ("evaluation_id", "partner_id")),
            SQL(" UNION ALL ").join(
                self._readable_sql(
                    model, [], ("partner_id", "company_id", "author_id", "date", "ended_on")
                )
                for model in evidence
            ),
        )

    @api.model
    def _readable_sql(self, model, domain, columns):
        """Columns of the records the reader may see, as a query in brackets."""
        query = self.env[model]._search(domain)
        return query.subselect(*(SQL.identifier(query.table, column) for column in columns))

    @api.depends("computed_on")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_policy_changed_before(self):
        changed = self.search([("id", "in", self.ids), ("policy_changed_before", "=", True)])
        for evaluation in self:
            evaluation.policy_changed_before = evaluation in changed

    @api.model
    def _search_policy_changed_before(self, operator, value):
        """Nobody logs changes of the policy: nothing was changed that one could know of."""
        if operator != "in":
            return NotImplemented
        found = Domain.FALSE
        if changes := self._policy_changes_sql():
            found = Domain(
                "id",
                "in",
                SQL(
                    """(SELECT e.id FROM kam_tier_evaluation e JOIN %s change
                            ON change.create_date <= e.computed_on
                           AND change.create_date >= e.computed_on - make_interval(days => %s))""",
                    changes,
                    self._policy_change_days(),
                ),
            )
        return found if True in value else ~found

    @api.model
    def _policy_changes_sql(self):
        """When the policy was changed, as a query; ``None`` where no log is kept."""
        if "kam.policy.log" not in self.env or not self.env["kam.policy.log"].has_access("read"):
            return None
        self.env.flush_all()
        return self._readable_sql(
            "kam.policy.log", [("res_model", "in", POLICY_MODELS)], ("create_date",)
        )

    @api.model
    def _policy_change_days(self):
        # sudo: a threshold is no secret.
        text = self.env["ir.config_parameter"].sudo().get_param(POLICY_DAYS)
        try:
            return max(int(text or POLICY_DAYS_DEFAULT), 0)
        except ValueError:
            return POLICY_DAYS_DEFAULT
