-- K03: customers whose first invoice of all lies in the period.
SET LOCAL jit = off;
WITH document AS (
    SELECT commercial_partner_id, MIN(invoice_date) AS first
      FROM account_move
     WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_receipt')
       AND amount_untaxed_signed > 0 AND company_id = %(company)s
     GROUP BY 1
)
SELECT partner.commercial_partner_id, 1, 0
  FROM document JOIN res_partner partner ON partner.id = document.commercial_partner_id
 GROUP BY 1 HAVING MIN(first) BETWEEN %(start)s AND %(end)s
