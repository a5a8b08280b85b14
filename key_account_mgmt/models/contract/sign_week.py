from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource
from .legal_file import BEFORE_SIGNATURE, LEGAL


class KamWeekItem(models.Model):
    """My Week of whoever drafted: contracts to sign until, conditions of legal to meet; of
    legal: files to judge; of the keeper of a seal: where it is asked for.

    What several people may do stands in the week of one of them; all read the notice.  What
    others wait for is due in days, not on the last day of signing.
    """

    _inherit = "kam.week.item"

    def _week_sources(self):
        sources = super()._week_sources()
        if not self.env["res.groups"]._kam_area_is_on("contract"):
            return sources
        return [
            *sources,
            WeekSource(
                number=71,
                code="contract_sign",
                model="kam.contract",
                sql=self._week_contracts_to_sign(),
            ),
            WeekSource(
                number=77,
                code="contract_condition",
                model="kam.contract.condition",
                sql=self._week_conditions(),
            ),
            WeekSource(
                number=79,
                code="contract_file",
                model="kam.contract",
                sql=self._week_files_to_judge(),
            ),
            WeekSource(
                number=80,
                code="contract_seal",
                model="kam.contract.seal",
                sql=self._week_seals(),
            ),
        ]

    def _week_labels(self):
        return super()._week_labels() | {
            "contract_sign": self.env._("Contract to Sign"),
            "contract_condition": self.env._("Condition of Legal"),
            "contract_file": self.env._("Changed File to Judge"),
            "contract_seal": self.env._("Seal to Affix"),
        }

    def _week_contracts_to_sign(self):
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id, sign_deadline AS date_due,
                   3 AS sort
              FROM kam_contract
             WHERE state = 'to_sign' AND signed_on IS NULL AND sign_deadline IS NOT NULL
            """
        )

    def _week_conditions(self):
        """Due soon, whenever the contract has to be signed: the round waits for it."""
        return SQL(
            """
            SELECT d.id AS res_id, c.user_id, c.account_id, c.company_id,
                   LEAST(c.sign_deadline, r.decided_on::date + 5) AS date_due, 4 AS sort
              FROM kam_contract_condition d
              JOIN kam_contract_legal_review r ON r.id = d.review_id
              JOIN kam_contract c ON c.id = d.contract_id
             WHERE r.state = 'conditions' AND d.is_met IS NOT TRUE
            """
        )

    def _week_files_to_judge(self):
        """Of whoever reviewed the contract, else of the first of legal who neither drafted it
        nor brought the file."""
        # What this transaction has not written yet is not in the tables.
        self.env["kam.contract.file"].flush_model()
        return SQL(
            """
            SELECT c.id AS res_id,
                   (SELECT u.id
                      FROM res_groups_users_rel g
                      JOIN res_users u ON u.id = g.uid AND u.active
                      JOIN res_company_users_rel p ON p.user_id = u.id AND p.cid = c.company_id
                     WHERE g.gid = %(legal)s AND u.id IS DISTINCT FROM c.user_id
                       AND u.id IS DISTINCT FROM c.create_uid
                       AND u.id != ALL(f.people)
                     ORDER BY (u.id = c.legal_user_id) DESC NULLS LAST, u.id
                     LIMIT 1) AS user_id,
                   c.account_id, c.company_id,
                   LEAST(c.sign_deadline, f.day + 2) AS date_due, 32 AS sort
              FROM kam_contract c
              JOIN (SELECT contract_id, array_agg(added_by_id) AS people,
                           min(added_on)::date AS day
                      FROM kam_contract_file
                     WHERE verdict = 'new'
                     GROUP BY contract_id) f ON f.contract_id = c.id
             WHERE c.state IN %(states)s AND c.signed_on IS NULL
            """,
            legal=self.env.ref(LEGAL).id,
            states=BEFORE_SIGNATURE,
        )

    def _week_seals(self):
        """Of a keeper of the seal, else of the first of legal; nobody seals for himself."""
        # What this transaction has not written yet is not in the tables.
        self.env["kam.seal"].flush_model()
        return SQL(
            """
            SELECT s.id AS res_id,
                   (SELECT u.id
                      FROM res_users u
                      JOIN res_company_users_rel p ON p.user_id = u.id AND p.cid = s.company_id
                     WHERE u.active AND NOT u.share AND u.id IS DISTINCT FROM s.requested_by_id
                       AND (EXISTS (SELECT 1 FROM kam_seal_keeper_rel k
                                     WHERE k.seal_id = s.seal_id AND k.user_id = u.id)
                            OR NOT EXISTS (SELECT 1 FROM kam_seal_keeper_rel k
                                            WHERE k.seal_id = s.seal_id)
                           AND EXISTS (SELECT 1 FROM res_groups_users_rel g
                                        WHERE g.gid = %(legal)s AND g.uid = u.id))
                     ORDER BY (u.id = c.legal_user_id) DESC NULLS LAST, u.id
                     LIMIT 1) AS user_id,
                   c.account_id, s.company_id,
                   LEAST(c.sign_deadline, s.requested_on::date + 2) AS date_due, 33 AS sort
              FROM kam_contract_seal s
              JOIN kam_contract c ON c.id = s.contract_id
             WHERE s.state = 'requested'
            """,
            legal=self.env.ref(LEGAL).id,
        )
