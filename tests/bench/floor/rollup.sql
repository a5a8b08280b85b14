-- Sales of the window and of the year before, per head of an account group.
-- Parameters: day, company.
SET LOCAL jit = off;
WITH account AS (
    SELECT member.partner_id, head.partner_id AS head_id
      FROM kam_account member
      JOIN kam_account head ON head.id = split_part(member.parent_path, '/', 1)::int
     WHERE member.company_id = %(company)s AND member.active
       AND (member.parent_id IS NOT NULL
            OR EXISTS (SELECT FROM kam_account child WHERE child.parent_id = member.id))
), document AS (
    SELECT line.partner_id,
           SUM(-line.balance) FILTER (WHERE line.invoice_date >= start) AS sales,
           SUM(-line.balance) FILTER (WHERE line.invoice_date < start) AS previous
      FROM (SELECT (date_trunc('month', %(day)s::date) - interval '1 year')::date AS start,
                   (date_trunc('month', %(day)s::date) - interval '2 years')::date AS before,
                   date_trunc('month', %(day)s::date)::date AS after) w,
           account_move_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.display_type = 'product' AND line.parent_state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
       AND line.company_id = %(company)s
       AND line.invoice_date >= before AND line.invoice_date < after
       AND line.partner_id IN (SELECT p.id FROM res_partner p JOIN account
                                   ON account.partner_id = p.commercial_partner_id)
     GROUP BY 1
), sales AS (
    SELECT partner.commercial_partner_id AS partner_id, SUM(sales) AS sales, SUM(previous) AS previous
      FROM document JOIN res_partner partner ON partner.id = document.partner_id
     GROUP BY 1
)
SELECT account.head_id, COALESCE(SUM(sales), 0), COALESCE(SUM(previous), 0)
  FROM account LEFT JOIN sales USING (partner_id)
 GROUP BY 1
