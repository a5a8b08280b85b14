from odoo import fields, models
from odoo.tools import SQL

from ..account.kam_account import SUSPENDED

# A gap is known by its account and its rule.
RULES = 100_000


class KamTeamGap(models.Model):
    """What the team rules find missing, as it is now: no row is stored.

    Somebody is missing, or one person serves too many.  Accounts that are paused, lost or
    blacklisted have no gaps, nor has a company before its go-live; who has left does not
    count as present.  Source: S0-23, S0-37, S0-137, S1a-07, S1f-09, S3-36, (e) J21.
    """

    _name = "kam.team.gap"
    _description = "Team Gap"
    _auto = False
    _order = "tier_rank, account_id, rule_id"
    _rec_name = "account_id"
    _depends = {
        "kam.account": [
            "active", "company_id", "executive_sponsor_id", "is_key_account", "parent_path",
            "sales", "state", "tier_rank", "tier_id", "user_id",
        ],
        "kam.team.member": [
            "account_id", "date_from", "date_to", "is_dedicated", "is_lead", "role_id", "user_id",
        ],
        "kam.team.role": ["counts_as_id", "is_service"],
        "kam.tier.assignment": ["account_id", "date_from", "date_to", "is_inherited", "tier_id"],
        "kam.tier": ["is_key_account"],
        "kam.tier.scheme": ["active"],
        "kam.tier.team.rule": [
            "active", "company_id", "dedicated_only", "max_accounts", "min_count",
            "other_than_lead", "per_group", "role_id", "sales_from", "tier_id", "who",
        ],
        "res.company": ["kam_go_live_date"],
        "res.users": ["active"],
    }  # fmt: skip

    account_id = fields.Many2one("kam.account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    rule_id = fields.Many2one("kam.tier.team.rule", readonly=True)
    role_id = fields.Many2one("kam.team.role", readonly=True)
    kind = fields.Selection(
        [("missing", "Nobody There"), ("shared", "Serves Too Many")], "Gap", readonly=True
    )
    tier_id = fields.Many2one("kam.tier", readonly=True)
    tier_rank = fields.Integer(readonly=True, aggregator=None)
    user_id = fields.Many2one("res.users", "Lead Account Manager", readonly=True)
    person_id = fields.Many2one("res.users", "Serves Too Many", readonly=True)
    missing = fields.Integer("Persons Missing", readonly=True)
    served = fields.Integer("Accounts Served", readonly=True, aggregator=None)
    since = fields.Date("Level Since", readonly=True)
    what = fields.Char("What Is Missing", compute="_compute_what")
    department_id = fields.Many2one("kam.department", compute="_compute_department")
    director_id = fields.Many2one(
        "res.users", "Manager of the Department", compute="_compute_department"
    )

    def _compute_what(self):
        for gap in self:
            who = gap.rule_id._who_text()
            if gap.kind == "shared":
                gap.what = self.env._(
                    "%(name)s as %(role)s serves %(count)s accounts",
                    name=gap.person_id.name,
                    role=who,
                    count=gap.served,
                )
            elif gap.missing > 1:
                gap.what = self.env._("%(role)s: %(count)s missing", role=who, count=gap.missing)
            elif gap.rule_id.dedicated_only:
                gap.what = self.env._("%(role)s missing (dedicated)", role=who)
            else:
                gap.what = self.env._("%(role)s missing", role=who)

    def _compute_department(self):
        """Of the lead account manager: who hears of it.  Source: (e) J21."""
        for company, gaps in self.grouped("company_id").items():
            found = self.env["kam.department"]._of_people(gaps.user_id, company)
            for gap in gaps:
                gap.department_id = found.get(gap.user_id)
                gap.director_id = gap.department_id.manager_id

    @property
    def _table_query(self):
        """Constant effort: one statement over the accounts that hold a level."""
        day = self.env.company._kam_today()
        return SQL(
            """
            WITH file AS (
                SELECT a.id, a.company_id, a.parent_path, a.user_id, a.executive_sponsor_id,
                       a.tier_id, a.tier_rank, a.is_key_account, c.kam_go_live_date AS go_live,
                       split_part(a.parent_path, '/', 1) AS root
                  FROM kam_account a JOIN res_company c ON c.id = a.company_id
                 WHERE a.active AND a.state NOT IN %(suspended)s
                   AND (c.kam_go_live_date IS NULL OR c.kam_go_live_date <= %(day)s)
            ), held AS (
                SELECT s.account_id, s.tier_id, t.is_key_account,
                       bool_and(COALESCE(s.is_inherited, false) OR EXISTS (
                           SELECT FROM kam_tier_assignment above
                            WHERE above.tier_id = s.tier_id AND above.date_to IS NULL
                              AND above.account_id = a.parent_id)) AS inherited,
                       min(s.date_from) AS since
                  FROM kam_tier_assignment s
                  JOIN kam_account a ON a.id = s.account_id
                  JOIN kam_tier t ON t.id = s.tier_id
                  JOIN kam_tier_scheme c ON c.id = t.scheme_id AND c.active
                 WHERE s.date_to IS NULL AND s.date_from <= %(day)s
                 GROUP BY s.account_id, s.tier_id, t.is_key_account
            ), owed AS (
                SELECT r.id AS rule_id, h.account_id, h.since, h.inherited
                  FROM kam_tier_team_rule r JOIN held h ON h.tier_id = r.tier_id
                 WHERE r.active
                UNION ALL
                SELECT r.id, h.account_id, min(h.since), bool_and(h.inherited)
                  FROM kam_tier_team_rule r JOIN held h ON h.is_key_account
                 WHERE r.active AND r.tier_id IS NULL
                 GROUP BY r.id, h.account_id
            ), demand AS (
                SELECT o.rule_id, o.account_id, o.since, f.root, f.company_id, f.user_id,
                       f.executive_sponsor_id, f.tier_id, f.tier_rank, f.go_live, r.who,
                       r.role_id, r.min_count, r.dedicated_only, r.other_than_lead,
                       r.max_accounts, r.per_group
                  FROM owed o
                  JOIN file f ON f.id = o.account_id
                  JOIN kam_tier_team_rule r ON r.id = o.rule_id
                 WHERE (r.company_id IS NULL OR r.company_id = f.company_id)
                   AND NOT (COALESCE(r.per_group, false) AND o.inherited)
                   AND CASE WHEN COALESCE(r.sales_from, 0) > 0
                            THEN (SELECT sum(b.sales) FROM kam_account b
                                   WHERE b.active AND b.parent_path LIKE f.parent_path || '%%')
                                 >= r.sales_from
                            ELSE true END
            ), present AS (
                SELECT m.user_id, m.is_dedicated, m.is_lead, m.role_id, o.counts_as_id,
                       o.is_service, m.account_id,
                       unnest(string_to_array(rtrim(b.parent_path, '/'), '/')::int[]) AS above_id
                  FROM kam_team_member m
                  JOIN kam_account b ON b.id = m.account_id AND b.active
                  JOIN res_users u ON u.id = m.user_id AND u.active
                  JOIN kam_team_role o ON o.id = m.role_id
                 WHERE m.date_from <= %(day)s AND (m.date_to IS NULL OR m.date_to >= %(day)s)
            ), serving AS (
                SELECT d.rule_id, d.account_id, d.root, p.user_id
                  FROM demand d
                  JOIN present p ON p.above_id = d.account_id
                   AND (COALESCE(d.per_group, false) OR p.account_id = d.account_id)
                 WHERE CASE d.who WHEN 'role' THEN d.role_id IN (p.role_id, p.counts_as_id)
                                  WHEN 'service' THEN COALESCE(p.is_service, false)
                                  WHEN 'member' THEN NOT COALESCE(p.is_lead, false)
                                  ELSE false END
                   AND (NOT COALESCE(d.dedicated_only, false) OR p.is_dedicated)
                   AND (NOT COALESCE(d.other_than_lead, false)
                        OR p.user_id IS DISTINCT FROM d.user_id)
                UNION
                SELECT d.rule_id, d.account_id, d.root, u.id
                  FROM demand d
                  JOIN res_users u ON u.active
                   AND u.id = CASE d.who WHEN 'lead' THEN d.user_id
                                         WHEN 'sponsor' THEN d.executive_sponsor_id END
            ), counted AS (
                SELECT rule_id, account_id, count(DISTINCT user_id) AS present
                  FROM serving GROUP BY rule_id, account_id
            ), busy AS (
                SELECT s.rule_id, s.user_id, count(DISTINCT s.root) AS served
                  FROM serving s JOIN kam_tier_team_rule r ON r.id = s.rule_id
                 WHERE r.max_accounts > 0
                 GROUP BY s.rule_id, s.user_id, r.max_accounts
                HAVING count(DISTINCT s.root) > r.max_accounts
            ), shared AS (
                SELECT DISTINCT ON (s.rule_id, s.account_id)
                       s.rule_id, s.account_id, b.user_id, b.served
                  FROM serving s JOIN busy b ON b.rule_id = s.rule_id AND b.user_id = s.user_id
                 ORDER BY s.rule_id, s.account_id, b.served DESC, b.user_id
            )
            SELECT d.account_id::bigint * %(rules)s + d.rule_id AS id, d.account_id,
                   d.company_id, d.rule_id, d.role_id, d.tier_id, d.tier_rank, d.user_id,
                   CASE WHEN COALESCE(c.present, 0) < d.min_count THEN 'missing'
                        ELSE 'shared' END AS kind,
                   GREATEST(d.min_count - COALESCE(c.present, 0), 0)::int AS missing,
                   s.user_id AS person_id, s.served::int AS served,
                   GREATEST(d.since, d.go_live) AS since
              FROM demand d
              LEFT JOIN counted c ON c.rule_id = d.rule_id AND c.account_id = d.account_id
              LEFT JOIN shared s ON s.rule_id = d.rule_id AND s.account_id = d.account_id
             WHERE COALESCE(c.present, 0) < d.min_count OR s.user_id IS NOT NULL
            """,
            day=day,
            rules=RULES,
            suspended=SUSPENDED,
        )

    def action_open_account(self):
        """The account file, where the team is."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "kam.account",
            "res_id": self.account_id.id,
            "view_mode": "form",
        }

    def action_assign(self):
        """Put somebody into the team in the missing role; the lead by handing over."""
        self.ensure_one()
        self.check_access("read")
        self.env["kam.team.member"].check_access("create")
        if self.rule_id.who in ("lead", "sponsor"):
            return self.action_open_account()
        role = self.role_id
        if self.rule_id.who == "service":
            role = role.search([("is_service", "=", True)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assign: %(what)s", what=self.what),
            "res_model": "kam.team.member",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_account_id": self.account_id.id,
                "default_role_id": role.id,
                "default_is_dedicated": self.rule_id.dedicated_only,
            },
        }
