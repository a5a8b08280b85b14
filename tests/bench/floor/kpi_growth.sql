-- K04: increase and previous sales of who bought a year earlier.
SET LOCAL jit = off;
-- include kpi_sales.sql
SELECT partner_id, sales - before, before FROM sales WHERE before > 0
