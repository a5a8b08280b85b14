-- K19: the fifth of the customers who buy most, and all of them.
SET LOCAL jit = off;
-- include kpi_sales.sql
, ranked AS (
    SELECT partner_id, sales,
           row_number() OVER (ORDER BY sales DESC, partner_id) AS place,
           ceil(count(*) OVER () / 5.0) AS places
      FROM sales WHERE sales > 0
)
SELECT sales.partner_id, CASE WHEN place <= places THEN sales.sales ELSE 0 END, sales.sales
  FROM sales LEFT JOIN ranked USING (partner_id) WHERE sales.sales != 0
