-- Sales per customer of two periods. Parameters: company, start, end, before_start, before_end.
WITH document AS (
    SELECT line.partner_id,
           SUM(-line.balance) FILTER (WHERE line.invoice_date BETWEEN %(start)s AND %(end)s) AS sales,
           SUM(-line.balance) FILTER (
               WHERE line.invoice_date BETWEEN %(before_start)s AND %(before_end)s) AS before
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.display_type = 'product' AND line.parent_state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
       AND line.company_id = %(company)s
       AND line.invoice_date BETWEEN LEAST(%(start)s::date, %(before_start)s::date)
                                 AND GREATEST(%(end)s::date, %(before_end)s::date)
     GROUP BY 1
), sales AS (
    SELECT partner.commercial_partner_id AS partner_id,
           COALESCE(SUM(sales), 0) AS sales, COALESCE(SUM(before), 0) AS before
      FROM document JOIN res_partner partner ON partner.id = document.partner_id
     GROUP BY 1
)
