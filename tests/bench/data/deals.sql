-- Documents of deals on top of accounts.sql.
--   :scale  1 = 1 000 bids and 2 000 pursuits of 20 000 opportunities
\set ON_ERROR_STOP on
\set QUIET on
SELECT id AS company FROM res_company ORDER BY id LIMIT 1 \gset

CREATE TEMP TABLE bench_lead AS
SELECT l.id, substr(l.name, 16)::int AS i, a.id AS account_id
  FROM crm_lead l
  JOIN res_partner p ON p.id = l.partner_id
  LEFT JOIN kam_account a ON a.partner_id = p.commercial_partner_id
 WHERE l.name ~ '^KB opportunity \d+$';

INSERT INTO kam_bid (name, lead_id, company_id, account_id, user_id, state, kind, deadline_tz,
                     deadline, active, create_uid, create_date, write_uid, write_date)
SELECT 'KB bid ' || i, id, :company, account_id, 2, 'preparing', 'open', 'UTC', '2026-12-15', TRUE,
       1, '2026-10-01', 1, '2026-10-01'
  FROM bench_lead WHERE i % 20 = 3 ORDER BY i;
INSERT INTO kam_pursuit (number, lead_id, company_id, account_id, user_id, state, active,
                         registered_on, protected_from, protected_until, last_progress_on,
                         create_uid, create_date, write_uid, write_date)
SELECT 'KB' || i, id, :company, account_id, 2, 'in_progress', TRUE, '2026-10-01', '2026-10-01',
       '2027-04-01', '2026-11-20', 1, '2026-10-01', 1, '2026-10-01'
  FROM bench_lead WHERE i % 10 = 5 ORDER BY i;
-- Each has a team; who leads it is of it.
INSERT INTO kam_deal_member (lead_id, user_id, company_id, source_model, source_id,
                             create_uid, create_date, write_uid, write_date)
SELECT d.lead_id, 2, d.company_id, d.model, d.id, 1, '2026-10-01', 1, '2026-10-01'
  FROM (SELECT 'kam.bid' AS model, id, lead_id, company_id FROM kam_bid
         UNION ALL
        SELECT 'kam.pursuit', id, lead_id, company_id FROM kam_pursuit) d;
