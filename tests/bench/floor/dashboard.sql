-- Sales of accounts with a tier this year and the year before, by month, tier or account.
-- Parameters: company, start, day (the window), today, key.
SET LOCAL jit = off;
WITH part AS (
    SELECT line.partner_id, date_trunc('month', line.invoice_date)::date AS month,
           SUM(-line.balance) AS amount,
           SUM(-line.balance) FILTER (
               WHERE line.invoice_date <= %(today)s::date - interval '1 year') AS past
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.display_type = 'product' AND line.parent_state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
       AND line.company_id = %(company)s
       AND line.invoice_date >= %(start)s::date - interval '1 year'
       AND (line.invoice_date < date_trunc('month', %(day)s::date) - interval '11 months'
            OR line.invoice_date >= %(start)s::date)
       AND line.invoice_date < date_trunc('month', %(day)s::date) + interval '1 month'
     GROUP BY 1, 2
), opening AS (
    SELECT partner_id, month, amount_untaxed AS amount,
           CASE WHEN (month + interval '1 month' - interval '1 day')::date
                     <= %(today)s::date - interval '1 year' THEN amount_untaxed END AS past
      FROM kam_opening_figure
     WHERE company_id = %(company)s AND month >= %(start)s::date - interval '1 year'
       AND (month < date_trunc('month', %(day)s::date) - interval '11 months'
            OR month >= %(start)s::date)
       AND month < date_trunc('month', %(day)s::date) + interval '1 month'
), sold AS (
    SELECT * FROM part UNION ALL SELECT * FROM opening
)
SELECT CASE %(key)s WHEN 'month' THEN s.month::text
                    WHEN 'tier_id' THEN account.tier_id::text ELSE account.id::text END,
       SUM(s.sales), SUM(s.last_year), SUM(s.past)
  FROM (SELECT partner_id, month, amount AS sales, NULL AS last_year, NULL AS past
          FROM sold WHERE month >= %(start)s::date
         UNION ALL
        SELECT partner_id, (month + interval '1 year')::date, NULL, amount, past
          FROM sold WHERE month < %(start)s::date) s
  JOIN res_partner partner ON partner.id = s.partner_id
  JOIN kam_account account ON account.partner_id = partner.commercial_partner_id
                          AND account.company_id = %(company)s AND account.active
 WHERE account.tier_id IS NOT NULL
 GROUP BY 1
