-- The status report of a month: one line for each key account.  Parameters: company, user;
-- first and last day of the month and of the same month a year before, first days of both
-- years, the day it is due.
SET LOCAL jit = off;
;;
INSERT INTO kam_status_report (company_id, month, date_to, date_due, state, filled_on, create_uid,
                               create_date, write_uid, write_date)
VALUES (%(company)s, %(first)s, %(last)s, %(due)s, 'generated', now() AT TIME ZONE 'UTC', %(user)s,
        now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC');
;;
CREATE TEMP TABLE held ON COMMIT DROP AS
SELECT a.id AS account_id, a.partner_id, a.user_id, t.id AS tier_id, t.rank
  FROM kam_tier_assignment s
  JOIN kam_tier t ON t.id = s.tier_id AND t.is_key_account
  JOIN kam_account a ON a.id = s.account_id AND a.active
 WHERE s.company_id = %(company)s AND s.date_from <= %(last)s
   AND (s.date_to IS NULL OR s.date_to > %(last)s);
;;
CREATE UNIQUE INDEX ON held (partner_id);
;;
ANALYZE held;
;;
CREATE TEMP TABLE sold ON COMMIT DROP AS
SELECT held.partner_id,
       SUM(-line.balance) FILTER (WHERE line.invoice_date >= %(first)s) AS month,
       SUM(-line.balance) FILTER (WHERE line.invoice_date BETWEEN %(before)s AND %(before_end)s)
           AS month_before,
       SUM(-line.balance) FILTER (WHERE line.invoice_date >= %(year)s) AS year,
       SUM(-line.balance) FILTER (WHERE line.invoice_date <= %(before_end)s) AS year_before
  FROM held
  JOIN res_partner contact ON contact.commercial_partner_id = held.partner_id
  JOIN account_move_line line ON line.partner_id = contact.id
  JOIN account_move move ON move.id = line.move_id
 WHERE line.display_type = 'product' AND line.parent_state = 'posted'
   AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
   AND line.company_id = %(company)s
   AND line.invoice_date >= %(last_year)s AND line.invoice_date <= %(last)s
 GROUP BY 1;
;;
CREATE TEMP TABLE owed ON COMMIT DROP AS
SELECT held.partner_id,
       SUM(-line.balance) FILTER (WHERE move.move_type = 'entry'
                                    AND journal.type IN ('bank', 'cash', 'credit')
                                    AND line.date >= %(first)s) AS collected,
       SUM(line.balance - COALESCE(debit.amount, 0) + COALESCE(credit.amount, 0)) AS open,
       SUM(line.balance - COALESCE(debit.amount, 0) + COALESCE(credit.amount, 0))
           FILTER (WHERE line.date_maturity < %(last)s) AS overdue
  FROM held
  JOIN res_partner contact ON contact.commercial_partner_id = held.partner_id
  JOIN account_move_line line ON line.partner_id = contact.id
  JOIN account_move move ON move.id = line.move_id
  JOIN account_journal journal ON journal.id = line.journal_id
  JOIN account_account account ON account.id = line.account_id
   AND account.account_type = 'asset_receivable'
  LEFT JOIN LATERAL (
       SELECT SUM(r.amount) AS amount FROM account_partial_reconcile r
        WHERE r.debit_move_id = line.id AND r.max_date <= %(last)s) debit ON TRUE
  LEFT JOIN LATERAL (
       SELECT SUM(r.amount) AS amount FROM account_partial_reconcile r
        WHERE r.credit_move_id = line.id AND r.max_date <= %(last)s) credit ON TRUE
 WHERE line.parent_state = 'posted' AND line.company_id = %(company)s AND line.date <= %(last)s
 GROUP BY 1;
;;
INSERT INTO kam_status_report_line
       (report_id, account_id, company_id, month, date_due, report_state, status, tier_id,
        tier_rank, user_id, sales_month, sales_month_last_year, sales_ytd, sales_last_year,
        target_month, target_ytd, has_target, collections, receivables, overdue, visits_due,
        visits_done, issues_open, issues_late, contracts_expiring, light_sales, light_visits,
        light_issues, light_payments, proposed, create_uid, create_date, write_uid, write_date)
SELECT r.id, account_id, %(company)s, %(first)s, %(due)s, 'generated', 'open', tier_id, rank,
       held.user_id, COALESCE(month_sales, 0), COALESCE(month_before, 0), COALESCE(year, 0),
       COALESCE(year_before, 0), 0, 0, FALSE, COALESCE(collected, 0), COALESCE(open, 0),
       COALESCE(overdue, 0), 0, 0, 0, 0, 0,
       CASE WHEN COALESCE(year_before, 0) <= 0 THEN 'none'
            WHEN COALESCE(year, 0) >= year_before THEN 'green'
            WHEN COALESCE(year, 0) * 100 >= year_before * 80 THEN 'yellow' ELSE 'red' END,
       'none', 'none',
       CASE WHEN COALESCE(overdue, 0) <= 0 THEN 'green'
            WHEN COALESCE(open, 0) <= 0 OR overdue * 100 > open * 30 THEN 'red'
            WHEN overdue * 100 > open * 10 THEN 'yellow' ELSE 'green' END,
       '{"demand": false, "change_1": false, "change_2": false, "change_3": false,
         "problems": false, "next_plan": false, "personnel": false, "competitor": false}'::jsonb,
       %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
  FROM (SELECT partner_id, month AS month_sales, month_before, year, year_before FROM sold) sold
 RIGHT JOIN held USING (partner_id)
  LEFT JOIN owed USING (partner_id)
 CROSS JOIN kam_status_report r
 WHERE r.company_id = %(company)s AND r.month = %(first)s
 ORDER BY rank, account_id;
