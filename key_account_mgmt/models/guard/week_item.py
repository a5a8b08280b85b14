from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """My Week of whoever sells: releases to regularise, quotations that wait for a contract.

    Source: users §2.
    """

    _inherit = "kam.week.item"

    def _week_sources(self):
        sources = super()._week_sources()
        if not self.env["res.groups"]._kam_area_is_on("contract"):
            return sources
        return [
            *sources,
            WeekSource(73, "early_release", "kam.early.release", self._releases_to_regularise()),
            WeekSource(78, "blocked_quotation", "sale.order", self._quotations_blocked()),
        ]

    def _week_labels(self):
        return super()._week_labels() | {
            "early_release": self.env._("Sign After Early Release"),
            "blocked_quotation": self.env._("Quotation Waits for Its Contract"),
        }

    def _releases_to_regularise(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id, sign_by AS date_due, 4 AS sort
              FROM kam_early_release
             WHERE state = 'released'
            """
        )

    def _quotations_blocked(self):
        """Sent to the customer, and barred by the rule that bars confirming them; due when
        they expire."""
        blocked = self.env["sale.order"]._kam_candidates(("sent",))._kam_contract_verdicts()
        return SQL(
            """
            SELECT o.id AS res_id, o.user_id, a.id AS account_id, r.id AS company_id,
                   o.validity_date AS date_due, 5 AS sort
              FROM sale_order o
              JOIN res_company c ON c.id = o.company_id
              JOIN res_company r ON r.id = split_part(c.parent_path, '/', 1)::int
              JOIN res_partner p ON p.id = o.partner_id
              LEFT JOIN kam_account a
                ON a.partner_id = p.commercial_partner_id AND a.company_id = r.id AND a.active
             WHERE o.id = ANY(%s)
            """,
            list(blocked),
        )
