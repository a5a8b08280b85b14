-- a copied database tells nobody anything
UPDATE res_company SET kam_notice_webhook_url = NULL;
