-- Sales and growth of every person, each account on the days he led it.
-- Parameters: company, start, end.
SET LOCAL jit = off;
WITH held AS (
    SELECT m.user_id, a.partner_id, GREATEST(m.date_from, %(start)s::date) AS first,
           LEAST(COALESCE(m.date_to, %(end)s::date), %(end)s::date) AS last
      FROM kam_team_member m
      JOIN kam_account a ON a.id = m.account_id AND a.active
     WHERE m.is_lead AND a.company_id = %(company)s
       AND m.date_from <= %(end)s AND (m.date_to IS NULL OR m.date_to >= %(start)s)
), sold AS (
    SELECT held.user_id, held.partner_id, held.first,
           SUM(-line.balance) FILTER (
               WHERE line.invoice_date BETWEEN held.first AND held.last) AS now,
           SUM(-line.balance) FILTER (
               WHERE line.invoice_date BETWEEN (held.first - interval '1 year')::date
                                           AND (held.last - interval '1 year')::date) AS before
      FROM (SELECT line.invoice_date, line.balance, partner.commercial_partner_id AS partner_id
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE line.display_type = 'product' AND line.parent_state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND line.company_id = %(company)s
               AND (line.invoice_date BETWEEN %(start)s AND %(end)s
                    OR line.invoice_date BETWEEN (%(start)s::date - interval '1 year')::date
                                             AND (%(end)s::date - interval '1 year')::date)
           ) line
      JOIN held USING (partner_id)
     GROUP BY 1, 2, 3
)
SELECT user_id, COALESCE(SUM(now), 0),
       COALESCE(SUM(COALESCE(now, 0) - before) FILTER (WHERE before > 0), 0),
       COALESCE(SUM(before) FILTER (WHERE before > 0), 0)
  FROM sold GROUP BY 1
