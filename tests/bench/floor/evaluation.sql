-- What a tier evaluation in scheme S3 writes, by hand and knowing the scheme.
-- Parameters: evaluation (its criteria are there already), user.
SET LOCAL jit = off;
WITH eval AS MATERIALIZED (
    SELECT e.id, e.company_id, e.day, s.id AS scheme_id,
           (date_trunc('month', e.day) - interval '1 year')::date AS start,
           (date_trunc('month', e.day) - interval '2 years')::date AS before,
           date_trunc('month', e.day)::date AS after,
           1 - s.demotion_margin / 100 AS eased
      FROM kam_tier_evaluation e
      JOIN kam_tier_evaluation_kam_tier_scheme_rel rel ON rel.kam_tier_evaluation_id = e.id
      JOIN kam_tier_scheme s ON s.id = rel.kam_tier_scheme_id
     WHERE e.id = %(evaluation)s
), bound AS MATERIALIZED (
    SELECT max(c.threshold::float8) FILTER (WHERE t.code = 'key') AS key_sales,
           max(c.threshold::float8) FILTER (WHERE t.code = 'main') AS main_sales,
           max(t.id) FILTER (WHERE t.code = 'strategic') AS strategic,
           max(t.id) FILTER (WHERE t.code = 'key') AS key,
           max(t.id) FILTER (WHERE t.code = 'main') AS main,
           (SELECT s.fallback_tier_id FROM kam_tier_scheme s, eval WHERE s.id = scheme_id) AS general
      FROM kam_tier_evaluation_criterion c JOIN kam_tier t ON t.id = c.tier_id
     WHERE c.evaluation_id = %(evaluation)s
),
-- include s3_customers.sql
, numbered AS MATERIALIZED (
    SELECT *, nextval('kam_tier_evaluation_line_id_seq') AS id FROM changed
), line AS (
    INSERT INTO kam_tier_evaluation_line
           (id, evaluation_id, company_id, scheme_id, partner_id, account_id, user_id,
            current_tier_id, suggested_tier_id, decided_tier_id, next_tier_id, code, change,
            attention, is_override, sales, sales_previous, pipeline,
            create_uid, create_date, write_uid, write_date)
    SELECT numbered.id, eval.id, eval.company_id, eval.scheme_id, partner_id, account_id, user_id, tier_id,
           suggested_id, COALESCE(suggested_id, tier_id), next_id, code, change,
           CASE WHEN change IN ('up', 'down', 'new') THEN 4 WHEN code = 'unassessed' THEN 3
                WHEN code = 'kept_margin' THEN 2 ELSE 0 END,
           FALSE, sales::numeric, previous, pipeline, %(user)s, now() AT TIME ZONE 'UTC',
           %(user)s, now() AT TIME ZONE 'UTC'
      FROM numbered, eval
)
INSERT INTO kam_tier_evaluation_result (line_id, criterion_id, metric_id, value, threshold, verdict)
SELECT numbered.id, criterion.id, criterion.metric_id, judgement.value, criterion.bound,
       judgement.verdict
  FROM numbered
 CROSS JOIN (
    SELECT c.id, c.metric_id, m.code AS metric, flag.code AS flag,
           CASE WHEN m.code = 'industry_standing'
                THEN CASE c.standing WHEN 'leading' THEN 3 ELSE 2 END
                ELSE c.threshold::float8 END AS bound
      FROM kam_tier_evaluation_criterion c
      JOIN kam_metric m ON m.id = c.metric_id
      LEFT JOIN kam_tier_flag flag ON flag.id = c.flag_id
     WHERE c.evaluation_id = %(evaluation)s
 ) criterion,
       LATERAL (
    SELECT sales AS value, CASE WHEN sales >= bound THEN 'met' ELSE 'not_met' END AS verdict
     WHERE metric = 'annual_sales'
     UNION ALL
    SELECT COALESCE(standing, 0),
           CASE WHEN standing IS NULL THEN 'missing' WHEN standing = 0 THEN 'outdated'
                WHEN standing >= bound THEN 'met' ELSE 'not_met' END
     WHERE metric = 'industry_standing'
     UNION ALL
    SELECT COALESCE(held, 0),
           CASE WHEN held = 0 THEN 'expired' WHEN (held = 1) = (flag != 'competitor') THEN 'met'
                WHEN held IS NULL AND flag = 'competitor' THEN 'met' ELSE 'not_met' END
      FROM (SELECT CASE flag WHEN 'famous_brand' THEN brand
                             WHEN 'competitor' THEN competitor ELSE significance END AS held) f
     WHERE metric = 'flag'
 ) judgement
