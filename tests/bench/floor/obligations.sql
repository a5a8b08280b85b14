-- What one night writes where nothing is kept yet: every window since go-live of policies with
-- scope "tier", counted with the visits held.  No pauses, no groups, no team rows, no sponsors.
-- Parameters: company, user, day, live.
SET LOCAL jit = off;
;;
CREATE TEMP TABLE owed ON COMMIT DROP AS
WITH step AS (
    SELECT p.id AS policy_id, p.kind_id, p.tier_id, p.times, p.performer, p.role_id,
           COALESCE(p.min_distance_days, 0) AS min_distance_days,
           CASE p.period WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 WHEN 'half' THEN 6
                ELSE 12 END AS months
      FROM kam_obligation_policy p
     WHERE p.active AND p.scope = 'tier' AND p.basis = 'calendar'
), slot AS (
    SELECT step.*, first::date AS date_from,
           (first + make_interval(months => months) - interval '1 day')::date AS date_to
      FROM step, generate_series(
               date_trunc('year', %(live)s::timestamp), %(day)s::timestamp + make_interval(months => months),
               make_interval(months => months)) first
     WHERE first + make_interval(months => months) > %(live)s::date
)
SELECT held.account_id, slot.policy_id, slot.kind_id, slot.tier_id, slot.date_from, slot.date_to,
       GREATEST(slot.date_from, %(live)s::date) AS date_join, slot.times, slot.performer,
       slot.role_id, slot.min_distance_days, account.user_id
  FROM slot
  JOIN kam_tier_assignment held
    ON held.tier_id = slot.tier_id AND held.company_id = %(company)s
   AND held.date_from <= GREATEST(slot.date_from, %(live)s::date)
   AND (held.date_to IS NULL OR held.date_to > GREATEST(slot.date_from, %(live)s::date))
  JOIN kam_account account ON account.id = held.account_id AND account.active;
;;
ANALYZE owed;
;;
CREATE TEMP TABLE counting ON COMMIT DROP AS
SELECT owed.account_id, owed.kind_id, owed.date_from, owed.date_to,
       count(*) AS done, max(visit.day) AS completed_on
  FROM owed
  JOIN kam_visit visit ON visit.account_id = owed.account_id AND visit.state = 'reported'
   AND visit.day BETWEEN owed.date_from AND owed.date_to
  JOIN kam_obligation_kind_kam_visit_purpose_rel purpose
    ON purpose.kam_obligation_kind_id = owed.kind_id
   AND purpose.kam_visit_purpose_id = visit.purpose_id
  JOIN kam_obligation_kind_kam_visit_mode_rel mode
    ON mode.kam_obligation_kind_id = owed.kind_id AND mode.kam_visit_mode_id = visit.mode_id
  JOIN kam_visit_participant_rel part ON part.visit_id = visit.id AND part.user_id = owed.user_id
 WHERE owed.performer = 'manager'
 GROUP BY 1, 2, 3, 4;
;;
INSERT INTO kam_obligation (account_id, company_id, policy_id, kind_id, tier_id, date_from, date_to,
       date_join, times, performer, role_id, is_group, min_distance_days, state, required, done,
       awaiting, planned, missing, waived, date_next, completed_on, user_id, manager_id,
       performer_missing, is_planned, is_over, overdue_told,
       create_uid, create_date, write_uid, write_date)
SELECT owed.account_id, %(company)s, policy_id, owed.kind_id, tier_id, owed.date_from,
       owed.date_to, date_join, times, performer, role_id, FALSE, min_distance_days,
       CASE WHEN counting.done >= 1 THEN 'met' WHEN owed.date_to < %(day)s THEN 'overdue'
            ELSE 'open' END,
       times, COALESCE(counting.done, 0), 0, 0,
       CASE WHEN counting.done >= 1 OR owed.date_to >= %(day)s THEN 0 ELSE times END, 0,
       CASE WHEN counting.done >= 1 THEN NULL ELSE owed.date_to END, counting.completed_on,
       user_id, user_id, performer = 'executive', COALESCE(counting.done, 0) >= 1,
       owed.date_to < %(day)s, FALSE,
       %(user)s, now() AT TIME ZONE 'UTC', %(user)s, now() AT TIME ZONE 'UTC'
  FROM owed
  LEFT JOIN counting USING (account_id, kind_id, date_from, date_to)
 ORDER BY owed.account_id;
