-- No message of ours leaves a copied database: what waits counts as sent, and whatever is
-- queued later, urgent or not, is not delivered (kam.notice).
UPDATE kam_notice
   SET sent_on = now() AT TIME ZONE 'UTC'
 WHERE sent_on IS NULL;

INSERT INTO ir_config_parameter (key, value)
VALUES ('key_account_mgmt.silent', 'True')
    ON CONFLICT (key) DO
       UPDATE SET value = 'True';
