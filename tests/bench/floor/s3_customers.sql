-- Customers of scheme S3 with figures, suggestion and change; needs the CTEs
-- eval (company_id, day, scheme_id, start, before, after, eased) and
-- bound (key_sales, main_sales, strategic, key, main, general).
head AS MATERIALIZED (
    SELECT member.partner_id, root.partner_id AS head_id
      FROM eval
      JOIN kam_account member ON member.company_id = eval.company_id
                             AND member.parent_id IS NOT NULL AND member.active
      JOIN kam_account root ON root.id = split_part(member.parent_path, '/', 1)::int
), document AS (
    SELECT line.partner_id, SUM(-line.balance) FILTER (WHERE line.invoice_date >= eval.start) AS sales,
           SUM(-line.balance) FILTER (WHERE line.invoice_date < eval.start) AS previous
      FROM eval, account_move_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.display_type = 'product' AND line.parent_state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
       AND line.company_id = eval.company_id
       AND line.invoice_date >= eval.before AND line.invoice_date < eval.after
       AND line.partner_id IS NOT NULL
     GROUP BY 1
), sales AS (
    SELECT COALESCE(head_id, partner.commercial_partner_id) AS partner_id,
           SUM(sales) AS sales, SUM(previous) AS previous
      FROM document
      JOIN res_partner partner ON partner.id = document.partner_id
      LEFT JOIN head ON head.partner_id = partner.commercial_partner_id
     GROUP BY 1
), pipeline AS (
    SELECT COALESCE(head_id, partner.commercial_partner_id) AS partner_id,
           SUM(lead.expected_revenue) AS amount
      FROM eval, crm_lead lead
      JOIN res_partner partner ON partner.id = lead.partner_id
      LEFT JOIN head ON head.partner_id = partner.commercial_partner_id
     WHERE lead.active AND lead.type = 'opportunity' AND lead.won_status = 'pending'
       AND (lead.company_id = eval.company_id OR lead.company_id IS NULL)
     GROUP BY 1
), declared AS (
    -- 0: expired or without evidence; the newest declaration of a customer counts
    SELECT partner_id, max(standing) AS standing, max(brand) AS brand,
           max(significance) AS significance, max(competitor) AS competitor
      FROM (
        (SELECT DISTINCT ON (d.partner_id) COALESCE(head_id, d.partner_id) AS partner_id,
                CASE WHEN d.date_expiry < eval.day OR rel.ir_attachment_id IS NULL THEN 0
                     WHEN d.standing = 'leading' THEN 3
                     WHEN d.standing = 'medium' THEN 2 ELSE 1 END AS standing,
                NULL::int AS brand, NULL::int AS significance, NULL::int AS competitor
           FROM eval
           JOIN kam_industry_standing d ON d.company_id = eval.company_id
           LEFT JOIN ir_attachment_kam_industry_standing_rel rel
                  ON rel.kam_industry_standing_id = d.id
           LEFT JOIN head ON head.partner_id = d.partner_id
          WHERE d.date <= eval.day AND (d.ended_on IS NULL OR d.ended_on > eval.day)
          ORDER BY d.partner_id, d.date DESC, d.id DESC)
         UNION ALL
        (SELECT DISTINCT ON (d.partner_id, d.flag_id) COALESCE(head_id, d.partner_id), NULL,
                CASE WHEN flag.code = 'famous_brand' THEN valid END,
                CASE WHEN flag.code = 'strategic_significance' THEN valid END,
                CASE WHEN flag.code = 'competitor' THEN valid END
           FROM eval
           JOIN kam_qualification d ON d.company_id = eval.company_id
           JOIN kam_tier_flag flag ON flag.id = d.flag_id
           LEFT JOIN ir_attachment_kam_qualification_rel rel ON rel.kam_qualification_id = d.id
           LEFT JOIN head ON head.partner_id = d.partner_id,
                LATERAL (SELECT CASE WHEN d.date_expiry < eval.day
                                       OR flag.needs_evidence AND rel.ir_attachment_id IS NULL
                                     THEN 0 ELSE 1 END AS valid) v
          WHERE d.date <= eval.day AND (d.ended_on IS NULL OR d.ended_on > eval.day)
          ORDER BY d.partner_id, d.flag_id, d.date DESC, d.id DESC)
      ) given
     GROUP BY partner_id
), held AS (
    SELECT account.partner_id, assignment.tier_id, tier.rank, account.state, account.id, account.user_id
      FROM eval
      JOIN kam_account account ON account.company_id = eval.company_id AND account.active
                              AND account.parent_id IS NULL
      LEFT JOIN kam_tier_assignment assignment
             ON assignment.account_id = account.id AND assignment.date_to IS NULL
            AND assignment.scheme_id = eval.scheme_id
      LEFT JOIN kam_tier tier ON tier.id = assignment.tier_id
), figures AS (
    SELECT partner.id AS partner_id, held.id AS account_id, held.user_id, held.tier_id,
           held.rank, held.state, COALESCE(sales.sales, 0)::float8 AS sales,
           COALESCE(sales.previous, 0) AS previous, COALESCE(pipeline.amount, 0) AS pipeline,
           standing, brand, significance, competitor
      FROM sales
      FULL JOIN declared USING (partner_id)
      FULL JOIN held USING (partner_id)
      JOIN res_partner partner ON partner.id = partner_id
      LEFT JOIN pipeline ON pipeline.partner_id = partner.id
     WHERE partner.active OR held.tier_id IS NOT NULL
), truth AS (
    SELECT figures.*, bound.*, eval.eased,
           brand = 1 AND significance = 1 AND (competitor IS NULL) AS is_strategic,
           sales >= key_sales AND CASE WHEN standing = 0 THEN NULL ELSE standing >= 3 END AS is_key,
           sales >= main_sales AND CASE WHEN standing = 0 THEN NULL ELSE standing >= 2 END AS is_main
      FROM figures, bound, eval
), raw AS (
    SELECT *, CASE WHEN is_strategic THEN 1 WHEN is_key IS NULL THEN NULL WHEN is_key THEN 2
                   WHEN is_main IS NULL THEN NULL WHEN is_main THEN 3 ELSE 4 END AS suggested
      FROM truth
), judged AS (
    SELECT *, state IN ('paused', 'lost', 'blacklisted') AND tier_id IS NOT NULL AS is_suspended,
           COALESCE(suggested > rank AND CASE rank
               WHEN 2 THEN sales >= key_sales * eased AND standing >= 3 * eased
               WHEN 3 THEN sales >= main_sales * eased AND standing >= 2 * eased END, FALSE) AS is_kept
      FROM raw
), decided AS (
    SELECT *, CASE WHEN is_suspended OR is_kept THEN tier_id
                   ELSE (ARRAY[strategic, key, main, general])[suggested] END AS suggested_id,
           CASE WHEN is_suspended OR is_kept THEN rank ELSE suggested END AS final,
           CASE WHEN is_suspended THEN 'suspended' WHEN is_kept THEN 'kept_margin'
                WHEN suggested IS NULL THEN 'unassessed' WHEN suggested = 4 THEN 'fallback'
                ELSE 'matched' END AS code,
           CASE WHEN suggested IS NULL THEN CASE WHEN is_key IS NULL THEN key ELSE main END
                ELSE (ARRAY[NULL, strategic, key, main])[suggested] END AS next_id
      FROM judged
), changed AS MATERIALIZED (
    SELECT *, CASE WHEN COALESCE(final, rank) IS NOT DISTINCT FROM rank THEN 'same'
                   WHEN tier_id IS NULL THEN CASE WHEN final = 4 THEN 'none' ELSE 'new' END
                   WHEN final < rank THEN 'up' ELSE 'down' END AS change
      FROM decided
)
