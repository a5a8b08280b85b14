-- K26: raised in the period, of those below the top when it began. Parameters: company, scheme,
-- start, end.
WITH level AS (
    SELECT account.partner_id, assignment.date_from, assignment.date_to, tier.rank
      FROM kam_tier_assignment assignment
      JOIN kam_account account ON account.id = assignment.account_id
      JOIN kam_tier tier ON tier.id = assignment.tier_id
     WHERE assignment.scheme_id = %(scheme)s AND assignment.company_id = %(company)s
       AND assignment.date_to IS DISTINCT FROM assignment.date_from
), low AS (
    SELECT partner_id, MIN(rank) AS rank
      FROM level
     WHERE date_from < %(start)s AND (date_to IS NULL OR date_to >= %(start)s)
     GROUP BY 1 HAVING MIN(rank) > (SELECT MIN(rank) FROM kam_tier WHERE scheme_id = %(scheme)s)
)
SELECT low.partner_id, EXISTS (
           SELECT FROM level
            WHERE level.partner_id = low.partner_id AND level.rank < low.rank
              AND level.date_from BETWEEN %(start)s AND %(end)s)::int, 1
  FROM low
