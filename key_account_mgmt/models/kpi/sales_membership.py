from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL


class KamSalesMembership(models.Model):
    """Who was in which sales team when, so that a figure of a team is that of its members.

    Odoo keeps today's members only.  Whoever was one when this was installed counts since
    ever; from then on rows follow the sales teams.  The office corrects days, e.g. of a team
    entered late; nobody creates or deletes a row.  Source: (d), S0-169.
    """

    _name = "kam.sales.membership"
    _inherit = ["kam.guarded", "kam.policy.logged"]
    _description = "Sales Team Membership"
    _order = "team_id, date_from desc, id"

    _guarded_create = True
    _guarded_unlink = True
    _guarded_once = frozenset({"team_id", "user_id"})
    # What happened stays in its database; corrections by the office are logged.
    _policy_whole = False

    team_id = fields.Many2one(
        "crm.team", "Sales Team", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", "Member", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="team_id.company_id", store=True, index=True)
    date_from = fields.Date("Since", help="Empty: since ever.")
    date_to = fields.Date("Until", help="The last day; empty: still a member.")

    _dates_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "The last day must not be before the first one.",
    )
    _open_uniq = models.UniqueIndex(
        "(team_id, user_id) WHERE date_to IS NULL", "This person is in the team already."
    )

    def init(self):
        """Members of before this was installed count since ever; of later they are here."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kam_sales_membership (team_id, user_id, company_id)
                SELECT DISTINCT member.crm_team_id, member.user_id, team.company_id
                  FROM crm_team_member member
                  JOIN crm_team team ON team.id = member.crm_team_id
                 WHERE member.active
                   AND NOT EXISTS (SELECT FROM kam_sales_membership kept
                                    WHERE kept.team_id = member.crm_team_id
                                      AND kept.user_id = member.user_id)
                """
            )
        )

    @api.depends("team_id", "user_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.team_id.name} – {row.user_id.name}"

    @api.model
    def _follow(self, teams, users):
        """Let the rows of these people and teams say what Odoo says today; twice is once.

        Whoever leaves counts until yesterday, whoever joins from today on.
        """
        if not (teams and users):
            return
        self.env.flush_all()
        # sudo: whoever may change a sales team changes its history with it.
        rows = self.sudo()._as_engine()
        mine = [("team_id", "in", teams.ids), ("user_id", "in", users.ids)]
        members = self.env["crm.team.member"].sudo().with_context(active_test=True)
        wanted = {
            (member.crm_team_id.id, member.user_id.id): member
            for member in members.search(
                [("crm_team_id", "in", teams.ids), ("user_id", "in", users.ids)]
            )
        }
        kept = set()
        for row in rows.search([*mine, ("date_to", "=", False)]):
            pair = (row.team_id.id, row.user_id.id)
            if pair in wanted:
                kept.add(pair)
            else:
                row._end(self._day(row.team_id))
        rows.create(
            [
                {"team_id": team, "user_id": user, "date_from": self._day(member.crm_team_id)}
                for (team, user), member in wanted.items()
                if (team, user) not in kept
            ]
        )

    def _day(self, team):
        return (team.company_id or self.env.company)._kam_today()

    def _end(self, day):
        if self.date_from and self.date_from >= day:
            self.unlink()
        else:
            self.date_to = day - timedelta(days=1)

    @api.model
    def _rows(self, period):
        """``[(team id, user id, first day, last day)]`` of memberships in the period."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT team_id, user_id, date_from, date_to FROM kam_sales_membership
                 WHERE (date_from IS NULL OR date_from <= %s)
                   AND (date_to IS NULL OR date_to >= %s)
                 ORDER BY team_id, user_id, date_from
                """,
                period.end,
                period.start,
            )
        )
        return [
            (team, user, first or date.min, last or date.max) for team, user, first, last in rows
        ]
