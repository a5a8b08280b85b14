-- The addon's data on top of odoo.sql.
--   :scale  1 = 5 000 account files holding a tier of S3, 15 000 assessed customers
-- The first 2 040 files form groups: binary trees of eight levels.
\set ON_ERROR_STOP on
\set QUIET on
SELECT (50000 * :scale)::int AS customers, (5000 * :scale)::int AS accounts,
       LEAST((5000 * :scale)::int, GREATEST(1, (8 * :scale)::int) * 256 - 1) AS members,
       GREATEST(1, (8 * :scale)::int) AS roots,
       (SELECT id FROM res_company ORDER BY id LIMIT 1) AS company \gset
SELECT res_id AS scheme FROM ir_model_data WHERE name = 'kam_tier_scheme_s3' \gset
SELECT id AS model FROM ir_model WHERE model = 'kam.industry.standing' \gset

UPDATE kam_tier_scheme SET active = TRUE, is_primary = TRUE WHERE id = :scheme;

CREATE TEMP TABLE bench_customer AS
SELECT substr(ref, 3)::int AS i, id FROM res_partner
 WHERE ref ~ '^KB\d+$' AND substr(ref, 3)::int <= :customers;
CREATE UNIQUE INDEX ON bench_customer (i);

-- Every tenth customer has a file; figures decide nothing here, only that it holds a tier.
CREATE TEMP TABLE bench_account AS
SELECT k, nextval('kam_account_id_seq')::int AS id, customer.id AS partner_id,
       CASE WHEN k BETWEEN 2 * :roots AND :members THEN k / 2 END AS parent,
       CASE WHEN k % 997 = 0 THEN 1 WHEN k % 11 = 0 THEN 2 WHEN k % 5 = 0 THEN 3 ELSE 4 END AS rank,
       CASE WHEN k % 7 = 0 THEN date '2026-06-01' ELSE date '2026-01-15' END AS since
  FROM generate_series(:roots, :roots + :accounts - 1) k
  JOIN bench_customer customer ON customer.i = 1 + (k - :roots) * 10 ORDER BY k;
INSERT INTO kam_account (id, partner_id, company_id, parent_id, tier_id, tier_rank, tier_since,
                         state, active, user_id, create_uid, create_date, write_uid, write_date)
SELECT a.id, a.partner_id, :company, parent.id, tier.id, tier.rank, a.since, 'active', TRUE, 2,
       1, a.since, 1, a.since
  FROM bench_account a
  JOIN kam_tier tier ON tier.scheme_id = :scheme AND tier.rank = a.rank
  LEFT JOIN bench_account parent ON parent.k = a.parent ORDER BY a.k;
WITH RECURSIVE tree (id, path) AS (
    SELECT id, id || '/' FROM kam_account WHERE parent_id IS NULL
     UNION ALL
    SELECT child.id, tree.path || child.id || '/'
      FROM kam_account child JOIN tree ON child.parent_id = tree.id)
UPDATE kam_account a SET parent_path = tree.path FROM tree WHERE tree.id = a.id;
INSERT INTO kam_tier_assignment (account_id, company_id, scheme_id, exclusive, tier_id, direction,
                                 date_from, origin, create_uid, create_date, write_uid, write_date)
SELECT id, company_id, :scheme, TRUE, tier_id, 'new', tier_since, 'opening', 1, tier_since,
       1, tier_since
  FROM kam_account ORDER BY id;
UPDATE res_partner p SET kam_account_id = jsonb_build_object(:company::text, a.id)
  FROM kam_account a WHERE a.partner_id = p.id;

-- Assessments: one in 20 without evidence, one in 30 expired.
INSERT INTO ir_attachment (name, type, url, res_model, public, create_uid, create_date)
VALUES ('evidence', 'url', 'https://example.com', 'kam.industry.standing', FALSE, 1, '2025-10-01')
RETURNING id AS evidence \gset
INSERT INTO kam_industry_standing (partner_id, company_id, author_id, standing, date, date_expiry,
                                   create_uid, create_date, write_uid, write_date)
SELECT id, :company, 2,
       CASE i % 4 WHEN 0 THEN 'leading' WHEN 1 THEN 'other' ELSE 'medium' END, '2025-10-01',
       CASE WHEN i % 30 = 0 THEN date '2026-10-01' ELSE date '2027-10-01' END,
       1, '2025-10-01', 1, '2025-10-01'
  FROM bench_customer WHERE i % 10 < 3 ORDER BY i;
INSERT INTO ir_attachment_kam_industry_standing_rel (kam_industry_standing_id, ir_attachment_id)
SELECT id, :evidence FROM kam_industry_standing WHERE id % 20 != 0;
INSERT INTO kam_qualification (partner_id, company_id, author_id, flag_id, date, date_expiry,
                               create_uid, create_date, write_uid, write_date)
SELECT customer.id, :company, 2, flag.id, '2025-10-01', '2027-10-01', 1, '2025-10-01', 1, '2025-10-01'
  FROM (VALUES ('famous_brand', 100), ('strategic_significance', 150), ('competitor', 400))
       AS given (code, every)
  JOIN kam_tier_flag flag ON flag.code = given.code
  JOIN bench_customer customer ON customer.i % given.every = 1 ORDER BY flag.id, customer.i;
INSERT INTO ir_attachment_kam_qualification_rel (kam_qualification_id, ir_attachment_id)
SELECT id, :evidence FROM kam_qualification WHERE id % 20 != 0;
