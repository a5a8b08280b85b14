from odoo import fields, models
from odoo.tools import SQL


class KamTierSuggestion(models.Model):
    """Tonight's suggestion where it differs from the level a customer holds.

    Replaced every night; a decision is only ever made in an evaluation.  Source: S2-09.
    """

    _name = "kam.tier.suggestion"
    _inherit = ["kam.guarded"]
    _description = "Tier Suggestion"
    _order = "company_id, scheme_id, id"
    _rec_name = "partner_id"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    account_id = fields.Many2one("kam.account", index="btree_not_null", ondelete="cascade")
    user_id = fields.Many2one(related="account_id.user_id")
    scheme_id = fields.Many2one("kam.tier.scheme", required=True, ondelete="cascade")
    current_tier_id = fields.Many2one("kam.tier", ondelete="cascade")
    suggested_tier_id = fields.Many2one("kam.tier", ondelete="cascade")
    label_id = fields.Many2one("kam.tier", ondelete="cascade")
    change = fields.Selection(
        [
            ("up", "Upgrade"),
            ("down", "Downgrade"),
            ("new", "New"),
            ("added", "Label Added"),
            ("removed", "Label Removed"),
            ("unassessed", "Not Assessed"),
        ],
        required=True,
    )
    since = fields.Date(required=True, help="First night on which it differed.")

    _subject_uniq = models.UniqueIndex("(company_id, scheme_id, partner_id, COALESCE(label_id, 0))")

    def action_qualify(self):
        """Record standing and qualifications of the chosen customers."""
        return self.partner_id._kam_qualify_action()

    def action_reevaluate(self):
        """One ad-hoc evaluation of the chosen customers."""
        return self.env["kam.tier.evaluation"]._open_adhoc(self.partner_id, self.company_id)

    def _replace(self, scheme, company, rows, day):
        """Make the table say exactly ``rows`` for a scheme and company.

        :param rows: ``[(partner, account, current, suggested, label, change), …]`` as ids
        """
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                WITH wanted AS (
                    SELECT * FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
                                         %s::varchar[])
                        AS w (partner_id, account_id, current_id, suggested_id, label_id, change)
                ), gone AS (
                    DELETE FROM kam_tier_suggestion s
                     WHERE company_id = %s AND scheme_id = %s
                       AND NOT EXISTS (
                            SELECT FROM wanted w
                             WHERE w.partner_id = s.partner_id
                               AND COALESCE(w.label_id, 0) = COALESCE(s.label_id, 0))
                )
                INSERT INTO kam_tier_suggestion AS s
                    (company_id, scheme_id, partner_id, account_id, current_tier_id,
                     suggested_tier_id, label_id, change, since, create_uid, create_date,
                     write_uid, write_date)
                SELECT %s, %s, partner_id, account_id, current_id, suggested_id, label_id, change,
                       %s, %s, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC'
                  FROM wanted ORDER BY partner_id
                ON CONFLICT (company_id, scheme_id, partner_id, COALESCE(label_id, 0)) DO UPDATE
                   SET account_id = EXCLUDED.account_id,
                       current_tier_id = EXCLUDED.current_tier_id,
                       suggested_tier_id = EXCLUDED.suggested_tier_id,
                       since = CASE WHEN s.suggested_tier_id IS NOT DISTINCT FROM
                                         EXCLUDED.suggested_tier_id AND s.change = EXCLUDED.change
                                    THEN s.since ELSE EXCLUDED.since END,
                       change = EXCLUDED.change,
                       write_date = EXCLUDED.write_date
                """,
                *(list(column) for column in (zip(*rows, strict=True) if rows else [()] * 6)),
                company.id,
                scheme.id,
                company.id,
                scheme.id,
                day,
                self.env.uid,
                self.env.uid,
            )
        )
        self.invalidate_model()
