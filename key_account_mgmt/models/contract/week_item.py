from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource
from .contract_draft import EXECUTIVES


class KamWeekItem(models.Model):
    """My Week of whoever drafts and whoever exempts: contracts that wait for him, and
    quotations a contract is asked for."""

    _inherit = "kam.week.item"

    def _week_sources(self):
        sources = super()._week_sources()
        if not self.env["res.groups"]._kam_area_is_on("contract"):
            return sources
        return [
            *sources,
            WeekSource(70, "contract", "kam.contract", self._contracts_to_draft()),
            WeekSource(76, "contract_exempt", "kam.contract", self._contracts_to_exempt()),
            WeekSource(69, "contract_ask", "sale.order", self._contracts_asked_for()),
        ]

    def _contracts_to_draft(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id,
                   sign_deadline AS date_due, 30 AS sort
              FROM kam_contract
             WHERE state = 'draft'
            """
        )

    def _contracts_to_exempt(self):
        """One person each: the sponsor where he is an executive, else the first executive."""
        return SQL(
            """
            SELECT c.id AS res_id,
                   (SELECT u.id
                      FROM res_groups_users_rel r
                      JOIN res_users u ON u.id = r.uid AND u.active
                      JOIN res_company_users_rel p ON p.user_id = u.id AND p.cid = c.company_id
                     WHERE r.gid IN %(groups)s AND u.id != c.user_id
                     ORDER BY (u.id = a.executive_sponsor_id) DESC NULLS LAST, r.gid, u.id
                     LIMIT 1) AS user_id,
                   c.account_id, c.company_id, c.sign_deadline AS date_due, 31 AS sort
              FROM kam_contract c
              JOIN kam_contract_type t ON t.id = c.type_id
              LEFT JOIN kam_account a ON a.id = c.account_id
             WHERE c.state = 'draft' AND c.exempted_by_id IS NULL
               AND (t.needs_negotiation OR t.free_below > 0)
               AND c.parent_id IS NULL AND c.negotiation_id IS NULL
               AND trim(c.exemption_reason) != ''
            """,
            groups=tuple(self.env.ref(name).id for name in EXECUTIVES),
        )

    def _contracts_asked_for(self):
        """Quotations a salesperson asks a contract for: with the first of those he asked."""
        self.env["kam.notice"].flush_model()
        return SQL(
            """
            SELECT o.id AS res_id, min(n.user_id) AS user_id, NULL AS account_id, o.company_id,
                   NULL AS date_due, 32 AS sort
              FROM kam_notice n
              JOIN sale_order o ON o.id = n.res_id
              JOIN res_users u ON u.id = n.user_id AND u.active
             WHERE n.topic = 'contract_ask' AND n.res_model = 'sale.order'
               AND o.kam_contract_id IS NULL AND o.state IN ('draft', 'sent')
             GROUP BY o.id, o.company_id
            """
        )

    def _week_labels(self):
        return super()._week_labels() | {
            "contract_ask": self.env._("Contract Asked For"),
            "contract": self.env._("Contract to Draft"),
            "contract_exempt": self.env._("Contract to Exempt"),
        }
