-- K06: customers kept of those who had bought.
SET LOCAL jit = off;
-- include kpi_sales.sql
SELECT partner_id, (sales > 0)::int, 1 FROM sales WHERE before > 0
