-- K06: two orders or more, of those with one. Parameters: company, first, after (moments).
SET LOCAL jit = off;
WITH document AS (
    SELECT partner_invoice_id AS partner_id, COUNT(*) AS orders
      FROM sale_order
     WHERE state = 'sale' AND company_id = %(company)s
       AND date_order >= %(first)s AND date_order < %(after)s
     GROUP BY 1
)
SELECT partner.commercial_partner_id, (SUM(orders) >= 2)::int, 1
  FROM document JOIN res_partner partner ON partner.id = document.partner_id
 GROUP BY 1
