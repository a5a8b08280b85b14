-- K06: months with an order, of twelve. Parameters: company, first, after (moments), tz.
SET LOCAL jit = off;
WITH document AS (
    SELECT DISTINCT partner_invoice_id AS partner_id,
           date_trunc('month', date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s) AS month
      FROM sale_order
     WHERE state = 'sale' AND company_id = %(company)s
       AND date_order >= %(first)s AND date_order < %(after)s
)
SELECT partner.commercial_partner_id, COUNT(DISTINCT month), 12
  FROM document JOIN res_partner partner ON partner.id = document.partner_id
 GROUP BY 1
