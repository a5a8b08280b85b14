-- Odoo's own data of a company that has worked for three years, up to 22 November 2026.
-- Everything follows from the row's number, so that two databases hold the same rows.
--   :scale  1 = 100 000 partners, 1 000 000 orders, 1 000 000 invoice lines
-- Names begin with "KB"; the first half of the partners buy.
\set ON_ERROR_STOP on
\set QUIET on
-- Without foreign key checks it takes half the time; only a superuser may ask for it.
DO $$ BEGIN
    SET session_replication_role = replica;
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;

SELECT (100000 * :scale)::int AS partners, (50000 * :scale)::int AS customers,
       (250000 * :scale)::int AS moves, (1000000 * :scale)::int AS orders,
       (20000 * :scale)::int AS leads,
       (SELECT id FROM res_company ORDER BY id LIMIT 1) AS company \gset
SELECT currency_id AS currency FROM res_company WHERE id = :company \gset
SELECT res_id AS unit FROM ir_model_data WHERE module = 'uom' AND name = 'product_uom_unit' \gset
SELECT id AS journal FROM account_journal WHERE type = 'sale' ORDER BY id LIMIT 1 \gset
SELECT id AS income FROM account_account WHERE account_type = 'income' ORDER BY id LIMIT 1 \gset
SELECT id AS receivable FROM account_account
 WHERE account_type = 'asset_receivable' ORDER BY id LIMIT 1 \gset
SELECT id AS stage FROM crm_stage ORDER BY sequence, id LIMIT 1 \gset
SELECT id AS team FROM crm_team WHERE active ORDER BY sequence, id LIMIT 1 \gset

-- Filling a table and indexing it afterwards takes a third of the time.
SET maintenance_work_mem = '256MB';
CREATE TEMP TABLE bench_index AS
SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index
 WHERE NOT indisunique
   AND indrelid IN ('account_move'::regclass, 'account_move_line'::regclass,
                    'sale_order'::regclass, 'res_partner'::regclass);
SELECT format('DROP INDEX %s', name) FROM bench_index \gexec

-- Companies first, then contacts of the first ones.
CREATE TEMP TABLE bench_partner AS
SELECT i, nextval('res_partner_id_seq')::int AS id, i > :partners * 0.6 AS is_contact
  FROM generate_series(1, :partners) i ORDER BY i;
CREATE UNIQUE INDEX ON bench_partner (i);
INSERT INTO res_partner (id, parent_id, commercial_partner_id, name, complete_name, ref, type,
                         is_company, active, partner_share, customer_rank, autopost_bills, lang,
                         city, email, email_normalized, create_uid, create_date, write_uid, write_date)
SELECT p.id, company.id, COALESCE(company.id, p.id), 'KB' || lpad(p.i::text, 6, '0'),
       'KB' || lpad(p.i::text, 6, '0'), 'KB' || p.i, 'contact', NOT p.is_contact, TRUE, TRUE,
       (p.i <= :customers)::int, 'ask', 'en_US', 'City ' || p.i % 300,
       'kb' || p.i || '@example.com', 'kb' || p.i || '@example.com',
       1, '2023-10-01', 1, '2023-10-01'
  FROM bench_partner p
  LEFT JOIN bench_partner company
         ON p.is_contact AND company.i = p.i - (:partners * 0.6)::int;

INSERT INTO product_template (name, type, uom_id, active, sale_ok, service_tracking, list_price,
                              categ_id, invoice_policy, create_uid, create_date, write_uid, write_date)
SELECT jsonb_build_object('en_US', 'KB Product ' || i), 'consu', :unit, TRUE, TRUE, 'no', 100,
       (SELECT min(id) FROM product_category), 'order', 1, '2023-10-01', 1, '2023-10-01'
  FROM generate_series(1, 200) i;
INSERT INTO product_product (product_tmpl_id, active, weight, standard_price,
                             create_uid, create_date, write_uid, write_date)
SELECT id, TRUE, 1 + id % 20, jsonb_build_object(:company::text, 40 + id % 50),
       1, '2023-10-01', 1, '2023-10-01'
  FROM product_template WHERE name ->> 'en_US' LIKE 'KB Product %' ORDER BY id;
CREATE TEMP TABLE bench_product AS
SELECT row_number() OVER (ORDER BY p.id) - 1 AS i, p.id
  FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id
 WHERE t.name ->> 'en_US' LIKE 'KB Product %';

-- Few large customers, many small ones; some buy rarely, some stopped, one in twenty is a refund.
CREATE TEMP TABLE bench_move AS
SELECT s.i, nextval('account_move_id_seq')::int AS id, buyer.i AS customer, buyer.id AS partner_id,
       day, s.i::bigint * 7919 / 13 % 20 = 0 AS refund,
       CASE WHEN s.i::bigint * 7919 / 17 % 50 = 7 THEN 'draft' ELSE 'posted' END AS state,
       round((8000 / (buyer.i::numeric / :customers + 0.0008)) * (0.5 + s.i % 97 / 97.0), 2) AS amount
  FROM (SELECT i, date '2023-11-01' + (i::bigint * 7919 % 1117)::int AS day,
               1 + (i::bigint * 104729 % :customers)::int AS number
          FROM generate_series(1, :moves) i) s
  JOIN bench_partner buyer ON buyer.i = s.number
 ORDER BY s.i;
INSERT INTO account_move (id, name, sequence_prefix, sequence_number, journal_id, company_id,
                          currency_id, state, move_type, auto_post, date, invoice_date,
                          invoice_date_due, partner_id, commercial_partner_id,
                          partner_shipping_id, invoice_partner_display_name, payment_state,
                          amount_untaxed, amount_total, amount_untaxed_signed,
                          amount_total_signed, amount_residual, amount_residual_signed,
                          invoice_currency_rate, create_uid, create_date, write_uid, write_date)
SELECT m.id, 'KB/' || m.i, 'KB/', m.i, :journal, :company, :currency, m.state,
       CASE WHEN refund THEN 'out_refund' ELSE 'out_invoice' END, 'no', day, day, day + 30,
       partner_id, partner_id, partner_id, 'KB', CASE WHEN m.i % 6 = 0 THEN 'not_paid' ELSE 'paid' END,
       4 * amount, 4 * amount, sign * 4 * amount, sign * 4 * amount, open * amount,
       sign * open * amount, 1, 1, day, 1, day
  FROM bench_move m,
       LATERAL (SELECT CASE WHEN refund THEN -1 ELSE 1 END AS sign,
                       CASE WHEN m.i % 6 = 0 THEN 4 ELSE 0 END AS open) s
 ORDER BY m.i;
INSERT INTO account_move_line (move_id, move_name, journal_id, company_id, company_currency_id,
                               currency_id, sequence, account_id, partner_id, product_id,
                               product_uom_id, name, parent_state, display_type, date,
                               invoice_date, date_maturity, quantity, price_unit, price_subtotal,
                               price_total, balance, debit, credit, amount_currency,
                               amount_residual, reconciled, create_uid, create_date, write_uid,
                               write_date)
SELECT m.id, 'KB/' || m.i, :journal, :company, :currency, :currency, 10 * k,
       CASE WHEN k = 5 THEN :receivable ELSE :income END, m.partner_id, product.id,
       CASE WHEN k < 5 THEN :unit END, 'KB line', m.state,
       CASE WHEN k = 5 THEN 'payment_term' ELSE 'product' END, day, day,
       CASE WHEN k = 5 THEN day + 30 END, CASE WHEN k < 5 THEN k + m.i % 9 END, amount, amount,
       amount, balance, GREATEST(balance, 0), GREATEST(-balance, 0), balance,
       CASE WHEN k = 5 AND m.i % 6 = 0 THEN balance ELSE 0 END, k < 5 OR m.i % 6 != 0,
       1, day, 1, day
  FROM bench_move m
 CROSS JOIN generate_series(1, 5) k
  LEFT JOIN bench_product product ON k < 5 AND product.i = (m.i * 7 + k) % 200,
       LATERAL (SELECT CASE WHEN refund THEN 1 ELSE -1 END
                     * CASE WHEN k = 5 THEN -4 ELSE 1 END * amount AS balance) s
 ORDER BY m.i, k;

INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id, partner_shipping_id,
                        currency_id, currency_rate, team_id, user_id, state, invoice_status,
                        date_order, amount_untaxed, amount_tax, amount_total, locked,
                        create_uid, create_date, write_uid, write_date)
SELECT 'KB' || s.i, :company, p.id, p.id, p.id, :currency, 1, :team, 2,
       CASE WHEN s.i % 5 = 0 THEN 'draft' ELSE 'sale' END,
       CASE WHEN s.i % 5 = 0 THEN 'no' ELSE 'invoiced' END,
       timestamp '2023-11-01' + s.i * 97 % 26800 * interval '1 hour', 100 + s.i % 900, 0,
       100 + s.i % 900, FALSE, 1, '2026-10-01', 1, '2026-10-01'
  FROM (SELECT i, 1 + i::bigint * 15485863 % :customers AS number
          FROM generate_series(1, :orders) i) s
  JOIN bench_partner p ON p.i = s.number
 ORDER BY s.i;

INSERT INTO crm_lead (name, type, active, partner_id, user_id, team_id, company_id, stage_id,
                      priority, won_status, probability, automated_probability, expected_revenue,
                      date_last_stage_update, create_uid, create_date, write_uid, write_date)
SELECT 'KB opportunity ' || s.i, 'opportunity', TRUE, p.id, 2, :team, :company, :stage, '1',
       CASE WHEN s.i % 4 = 0 THEN 'won' ELSE 'pending' END, 10, 10, 1000 + s.i % 5000,
       '2026-10-01', 1, '2026-10-01', 1, '2026-10-01'
  FROM (SELECT i, 1 + i::bigint * 7919 % :customers AS number
          FROM generate_series(1, :leads) i) s
  JOIN bench_partner p ON p.i = s.number
 ORDER BY s.i;

SELECT definition FROM bench_index \gexec
