-- What one night writes for a company whose only scheme is S3: stored figures, headlines of
-- the account files, suggestions.  Parameters: company, options, user; day and, as the planner
-- should know them, the days its periods begin and end on.
SET LOCAL jit = off;
;;
CREATE TEMP TABLE night ON COMMIT DROP AS
SELECT %(company)s AS company_id, %(day)s AS day, %(start)s AS start, %(before)s AS before,
       %(after)s AS after, %(year_start)s AS year_start;
;;
CREATE TEMP TABLE customer ON COMMIT DROP AS
SELECT contact.id, account.partner_id
  FROM kam_account account
  JOIN res_partner contact ON contact.commercial_partner_id = account.partner_id
 WHERE account.company_id = %(company)s AND account.active;
;;
ANALYZE night, customer;
;;
CREATE TEMP TABLE figure ON COMMIT DROP AS
WITH weight AS MATERIALIZED (
    SELECT ton.factor AS ton, kg.factor / ton.factor AS unit, family.ids
      FROM (SELECT uom_uom.* FROM uom_uom JOIN ir_model_data d ON d.res_id = uom_uom.id
             WHERE d.module = 'uom' AND d.name = 'product_uom_ton') ton,
           (SELECT uom_uom.* FROM uom_uom JOIN ir_model_data d ON d.res_id = uom_uom.id
             WHERE d.module = 'uom' AND d.name = 'product_uom_kgm') kg,
           LATERAL (SELECT array_agg(id) AS ids FROM uom_uom u
                     WHERE u.parent_path LIKE split_part(ton.parent_path, '/', 1) || '/%%') family
), line AS NOT MATERIALIZED (
    SELECT line.partner_id, -line.balance AS amount, line.invoice_date AS day,
           CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END * line.quantity AS quantity,
           move.move_type != 'out_refund' AND line.balance < 0 AS is_active,
           line.product_id, line.product_uom_id
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.display_type = 'product' AND line.parent_state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
       AND line.company_id = %(company)s
       AND line.invoice_date >= %(before)s AND line.invoice_date <= %(day)s
), measured AS (
    SELECT customer.partner_id,
           SUM(amount) FILTER (WHERE line.day >= %(start)s AND line.day < %(after)s) AS sales,
           SUM(amount) FILTER (WHERE line.day < %(start)s) AS previous,
           SUM(amount) FILTER (WHERE line.day >= %(year_start)s) AS ytd,
           SUM(amount) FILTER (WHERE line.day >= %(last_year_start)s
                                 AND line.day <= %(last_year_end)s) AS last_ytd,
           SUM(amount - quantity
                 * COALESCE((product.standard_price ->> '%(company)s')::float8, 0)
                 * COALESCE(uom.factor / NULLIF(own.factor, 0), 1))
               FILTER (WHERE line.day >= %(start)s AND line.day < %(after)s) AS profit,
           SUM(quantity * COALESCE(CASE WHEN uom.id = ANY(weight.ids) THEN uom.factor / weight.ton
                   ELSE uom.factor / NULLIF(own.factor, 0) * product.weight * weight.unit END, 0))
               FILTER (WHERE line.day >= %(start)s AND line.day < %(after)s) AS tons,
           BIT_OR(1 << (extract(year FROM age(date_trunc('month', line.day), %(start)s)) * 12
                        + extract(month FROM age(date_trunc('month', line.day), %(start)s)))::int)
               FILTER (WHERE is_active AND line.day >= %(start)s AND line.day < %(after)s) AS months
      FROM weight, line
      JOIN customer ON customer.id = line.partner_id
      LEFT JOIN product_product product ON product.id = line.product_id
      LEFT JOIN product_template template ON template.id = product.product_tmpl_id
      LEFT JOIN uom_uom uom ON uom.id = line.product_uom_id
      LEFT JOIN uom_uom own ON own.id = template.uom_id
     GROUP BY 1
), whole AS (
    SELECT SUM(amount) AS total FROM line WHERE line.day >= %(start)s AND line.day < %(after)s
), since AS (
    SELECT commercial_partner_id AS partner_id, min(invoice_date) AS first
      FROM account_move
     WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_receipt')
       AND amount_untaxed_signed > 0 AND account_move.company_id = %(company)s
       AND commercial_partner_id IN (SELECT partner_id FROM customer)
     GROUP BY 1
), pipeline AS (
    SELECT customer.partner_id, SUM(lead.expected_revenue) AS amount
      FROM crm_lead lead JOIN customer ON customer.id = lead.partner_id
     WHERE lead.active AND lead.type = 'opportunity' AND lead.won_status = 'pending'
       AND (lead.company_id = %(company)s OR lead.company_id IS NULL)
     GROUP BY 1
), overdue AS (
    SELECT customer.partner_id, SUM(line.amount_residual) AS amount
      FROM account_move_line line
      JOIN account_account account ON account.id = line.account_id
      JOIN customer ON customer.id = line.partner_id
     WHERE line.parent_state = 'posted' AND account.account_type = 'asset_receivable'
       AND line.reconciled IS NOT TRUE AND line.date_maturity < %(day)s
       AND (line.company_id = %(company)s OR line.company_id IS NULL)
     GROUP BY 1
), known AS (
    SELECT customer.partner_id, measured.sales, previous, ytd, last_ytd, profit, tons,
           COALESCE(months, 0) AS months, pipeline.amount AS pipeline, overdue.amount AS overdue,
           first, total, full_months,
           CASE WHEN first <= %(start)s THEN 12 WHEN full_months >= 3 THEN full_months END AS divisor
      FROM customer
      LEFT JOIN measured USING (partner_id)
      LEFT JOIN since USING (partner_id)
      LEFT JOIN pipeline USING (partner_id)
      LEFT JOIN overdue USING (partner_id)
     CROSS JOIN whole,
           LATERAL (SELECT (extract(year FROM age(%(after)s, first)) * 12
                            + extract(month FROM age(%(after)s, first)))::int AS full_months) f
     WHERE customer.id = customer.partner_id
)
SELECT partner_id, code, value::float8
  FROM known,
       LATERAL (SELECT lpad(months::bit(12)::text, 12, '0') AS bits) b,
       LATERAL (VALUES
    ('annual_sales', COALESCE(sales, 0)),
    ('annualised_sales', sales / divisor * 12),
    ('sales_growth', CASE WHEN previous > 0 THEN 100 * (COALESCE(sales, 0) - previous) / previous END),
    ('contribution_share', COALESCE(100 * sales / total, 0)),
    ('annual_profit', COALESCE(profit, 0)),
    ('annual_profit_estimated_share', CASE WHEN sales > 0 THEN 100 END),
    ('monthly_tonnage', tons / divisor),
    ('relationship_months', CASE WHEN first < %(after)s THEN full_months ELSE 0 END),
    ('stability', CASE WHEN months = 0 THEN 0 ELSE
        50.0 * length(replace(bits, '0', '')) / 12
        + 50.0 * (1 - (SELECT max(length(gap)) FROM unnest(string_to_array(bits, '1')) gap) / 12.0)
        END),
    ('sales_ytd', COALESCE(ytd, 0)),
    ('sales_previous_ytd', COALESCE(last_ytd, 0)),
    ('open_pipeline', COALESCE(pipeline, 0)),
    ('overdue_receivables', COALESCE(overdue, 0))) given (code, value)
 WHERE value IS NOT NULL;
;;
CREATE TEMP TABLE stored ON COMMIT DROP AS
SELECT metric.id AS metric_id, figure.partner_id, account.id AS account_id, night.company_id,
       (date_trunc('month', date_to) + interval '1 month - 1 day')::date AS month,
       date_from, date_to, figure.value
  FROM figure
  JOIN kam_metric metric USING (code)
  JOIN night ON TRUE
  JOIN kam_account account ON account.partner_id = figure.partner_id
                          AND account.company_id = night.company_id AND account.active,
       LATERAL (SELECT CASE metric.window_mode WHEN 'scheme' THEN start WHEN 'as_of' THEN day
                                               ELSE year_start END AS date_from,
                       CASE metric.window_mode WHEN 'scheme' THEN after - 1 ELSE day END AS date_to) p;
;;
DELETE FROM kam_metric_value v USING night, kam_metric metric
 WHERE metric.id = v.metric_id AND metric.show_on_account AND v.company_id = night.company_id
   AND (v.kind = 'latest' OR v.month >= (SELECT min(month) FROM stored))
   AND NOT EXISTS (SELECT FROM stored WHERE stored.metric_id = v.metric_id
                                        AND stored.partner_id = v.partner_id);
;;
INSERT INTO kam_metric_value AS kept
       (metric_id, partner_id, account_id, company_id, kind, month, date_from, date_to, value,
        options, computed_on)
SELECT metric_id, partner_id, account_id, company_id, 'latest', month, date_from, date_to, value,
       %(options)s::jsonb, now() AT TIME ZONE 'UTC'
  FROM stored
    ON CONFLICT (metric_id, partner_id, company_id) WHERE kind = 'latest' DO UPDATE
   SET account_id = EXCLUDED.account_id, month = EXCLUDED.month, date_from = EXCLUDED.date_from,
       date_to = EXCLUDED.date_to, value = EXCLUDED.value, options = EXCLUDED.options,
       computed_on = EXCLUDED.computed_on
 WHERE (kept.account_id, kept.date_from, kept.date_to, kept.value, kept.options)
       IS DISTINCT FROM (EXCLUDED.account_id, EXCLUDED.date_from, EXCLUDED.date_to,
                         EXCLUDED.value, EXCLUDED.options);
;;
INSERT INTO kam_metric_value AS kept
       (metric_id, partner_id, account_id, company_id, kind, month, date_from, date_to, value,
        options, computed_on)
SELECT metric_id, partner_id, account_id, company_id, 'month_end', month, date_from, date_to,
       value, %(options)s::jsonb, now() AT TIME ZONE 'UTC'
  FROM stored
    ON CONFLICT (metric_id, partner_id, company_id, month) WHERE kind = 'month_end' DO UPDATE
   SET account_id = EXCLUDED.account_id, date_from = EXCLUDED.date_from,
       date_to = EXCLUDED.date_to, value = EXCLUDED.value, options = EXCLUDED.options,
       computed_on = EXCLUDED.computed_on
 WHERE (kept.account_id, kept.date_from, kept.date_to, kept.value, kept.options)
       IS DISTINCT FROM (EXCLUDED.account_id, EXCLUDED.date_from, EXCLUDED.date_to,
                         EXCLUDED.value, EXCLUDED.options);
;;
UPDATE kam_account a
   SET sales = f.sales, sales_ytd = f.ytd, sales_last_year = f.last_ytd, growth = f.growth,
       overdue = f.overdue, pipeline = f.pipeline
  FROM (SELECT account_id, max(value) FILTER (WHERE code = 'annual_sales')::numeric AS sales,
               max(value) FILTER (WHERE code = 'sales_ytd')::numeric AS ytd,
               max(value) FILTER (WHERE code = 'sales_previous_ytd')::numeric AS last_ytd,
               COALESCE(max(value) FILTER (WHERE code = 'sales_growth'), 0) AS growth,
               max(value) FILTER (WHERE code = 'overdue_receivables')::numeric AS overdue,
               max(value) FILTER (WHERE code = 'open_pipeline')::numeric AS pipeline
          FROM stored JOIN kam_metric metric ON metric.id = metric_id
         GROUP BY account_id) f
 WHERE f.account_id = a.id
   AND (a.sales, a.sales_ytd, a.sales_last_year, a.growth, a.overdue, a.pipeline)
       IS DISTINCT FROM (f.sales, f.ytd, f.last_ytd, f.growth, f.overdue, f.pipeline);
;;
UPDATE kam_account
   SET state = CASE WHEN sales > 0 OR sales_ytd > 0 THEN 'active' ELSE 'dormant' END
  FROM night
 WHERE kam_account.company_id = night.company_id AND active
   AND (state IN ('prospect', 'dormant') AND (sales > 0 OR sales_ytd > 0)
        OR state = 'active' AND NOT (sales > 0 OR sales_ytd > 0));
;;
WITH eval AS MATERIALIZED (
    SELECT night.*, s.id AS scheme_id, 1 - s.demotion_margin / 100 AS eased
      FROM night JOIN kam_tier_scheme s ON s.code = 's3'
), bound AS MATERIALIZED (
    SELECT max(c.threshold::float8) FILTER (WHERE t.code = 'key') AS key_sales,
           max(c.threshold::float8) FILTER (WHERE t.code = 'main') AS main_sales,
           max(t.id) FILTER (WHERE t.code = 'strategic') AS strategic,
           max(t.id) FILTER (WHERE t.code = 'key') AS key,
           max(t.id) FILTER (WHERE t.code = 'main') AS main,
           max(t.id) FILTER (WHERE t.code = 'general') AS general
      FROM eval JOIN kam_tier t ON t.scheme_id = eval.scheme_id
      LEFT JOIN kam_tier_criterion c ON c.tier_id = t.id
),
-- include s3_customers.sql
, wanted AS MATERIALIZED (
    SELECT changed.*, CASE WHEN code = 'unassessed' THEN code ELSE change END AS kind
      FROM changed WHERE code = 'unassessed' OR change NOT IN ('same', 'none')
), gone AS (
    DELETE FROM kam_tier_suggestion s USING eval
     WHERE s.company_id = eval.company_id AND s.scheme_id = eval.scheme_id
       AND s.partner_id NOT IN (SELECT partner_id FROM wanted)
)
INSERT INTO kam_tier_suggestion AS s
       (company_id, scheme_id, partner_id, account_id, current_tier_id, suggested_tier_id,
        change, since, create_uid, create_date, write_uid, write_date)
SELECT eval.company_id, eval.scheme_id, partner_id, account_id, tier_id, suggested_id, kind,
       eval.day, %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
  FROM wanted, eval
    ON CONFLICT (company_id, scheme_id, partner_id, COALESCE(label_id, 0)) DO UPDATE
   SET account_id = EXCLUDED.account_id, current_tier_id = EXCLUDED.current_tier_id,
       suggested_tier_id = EXCLUDED.suggested_tier_id,
       since = CASE WHEN s.suggested_tier_id IS NOT DISTINCT FROM EXCLUDED.suggested_tier_id
                     AND s.change = EXCLUDED.change THEN s.since ELSE EXCLUDED.since END,
       change = EXCLUDED.change, write_date = EXCLUDED.write_date
