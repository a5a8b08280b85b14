-- Scorecards of a quarter with sales (K01) and growth of buyers (K04), scored and weighed alike.
-- Parameters: company, start, end, set, sales, growth, target, rise, cap.
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
), figure AS (
    SELECT person.id AS user_id, COALESCE(SUM(now), 0) AS sales,
           COALESCE(SUM(COALESCE(now, 0) - before) FILTER (WHERE before > 0), 0) AS more,
           COALESCE(SUM(before) FILTER (WHERE before > 0), 0) AS base
      FROM (SELECT DISTINCT user_id AS id FROM held) person
      LEFT JOIN sold ON sold.user_id = person.id
     GROUP BY 1
), scored AS (
    SELECT user_id, sales, more, base,
           LEAST(%(cap)s, GREATEST(0, 100 * sales / %(target)s)) AS score,
           CASE WHEN base > 0
                THEN LEAST(%(cap)s, GREATEST(0, 100 * (100 * more / base) / %(rise)s))
            END AS growth_score
      FROM figure
), card AS (
    INSERT INTO kam_scorecard (company_id, set_id, subject_kind, user_id, subject_user_id,
                               period_kind, date_from, date_to, state, total, is_scored)
    SELECT %(company)s, %(set)s, 'user', user_id, user_id, 'quarter', %(start)s, %(end)s,
           'computed',
           CASE WHEN growth_score IS NULL THEN score ELSE (score + growth_score) / 2 END, TRUE
      FROM scored
    RETURNING id, user_id
)
INSERT INTO kam_scorecard_line (card_id, company_id, date_from, period_kind, sequence, kpi_id,
                                value, numerator, denominator, has_value, target, has_target,
                                score, is_scored, weight)
SELECT card.id, %(company)s, %(start)s, 'quarter', line.sequence, line.kpi_id, line.value,
       line.numerator, line.denominator, line.value IS NOT NULL, line.target, TRUE, line.score,
       line.value IS NOT NULL,
       CASE WHEN line.value IS NULL THEN 0 WHEN growth_score IS NULL THEN 100 ELSE 50 END
  FROM card
  JOIN scored USING (user_id)
 CROSS JOIN LATERAL (VALUES
           (1, %(sales)s, sales, sales, 0, %(target)s, score),
           (2, %(growth)s, 100 * more / NULLIF(base, 0), more, base, %(rise)s, growth_score)
       ) AS line(sequence, kpi_id, value, numerator, denominator, target, score)
