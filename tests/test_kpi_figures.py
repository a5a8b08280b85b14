"""Figures on scorecards against plain SQL over Odoo's tables, for a generated company.

Two years of invoices, credit notes, orders, bids, contracts, visits, issues and requests of
three account managers; two customers change hands within the quarter.  K01–K04, K06–K13.
"""

import pytest
from conftest import run_script

START, END = "2026-07-01", "2026-09-30"
MANAGERS = ("ann", "bob", "cai")
HELD = """
    held AS (
        SELECT account.partner_id AS customer, member.date_from AS since,
               COALESCE(member.date_to, DATE '2099-12-31') AS until
          FROM kam_team_member member JOIN kam_account account ON account.id = member.account_id
          JOIN res_users u ON u.id = member.user_id
         WHERE member.is_lead AND u.login = '{login}'
    ), part AS (
        SELECT customer, GREATEST(since, DATE '{start}') AS a, LEAST(until, DATE '{end}') AS b
          FROM held WHERE since <= DATE '{end}' AND until >= DATE '{start}'
    ), line AS (
        SELECT p.commercial_partner_id AS customer, v.invoice_date AS day, v.id AS move_id,
               v.move_type, -l.balance AS amount,
               CASE WHEN v.move_type = 'out_refund' THEN -1 ELSE 1 END * l.quantity * 60 AS cost
          FROM account_move_line l JOIN account_move v ON v.id = l.move_id
          JOIN res_partner p ON p.id = v.partner_id
         WHERE v.state = 'posted' AND v.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
           AND l.display_type = 'product'
    ), bought AS (
        SELECT p.commercial_partner_id AS customer, o.id,
               (o.date_order AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date AS day
          FROM sale_order o JOIN res_partner p ON p.id = o.partner_id WHERE o.state = 'sale'
    ), active AS (
        SELECT customer,
               SUM(amount) FILTER (WHERE day > DATE '{start}' - INTERVAL '12 months 1 day'
                                     AND day < DATE '{start}') > 0 AS before,
               SUM(amount) FILTER (WHERE day >= DATE '{end}' + 1 - INTERVAL '12 months'
                                     AND day <= DATE '{end}') > 0 AS after
          FROM line GROUP BY 1
    )"""
# {KPI: figure of the quarter, in percent where it is a share}
RAW = {
    "K01": """SELECT SUM(amount) FROM line JOIN part USING (customer) WHERE day BETWEEN a AND b""",
    "K02": """
        SELECT SUM(amount - cost) FROM line JOIN part USING (customer) WHERE day BETWEEN a AND b""",
    "K03": """
        SELECT COUNT(*) FROM part JOIN (
            SELECT customer, MIN(day) AS day FROM line WHERE move_type = 'out_invoice' GROUP BY 1
        ) first USING (customer) WHERE day BETWEEN a AND b""",
    "K04": """
        SELECT 100 * SUM(now - before) / SUM(before) FROM (
            SELECT COALESCE(SUM(amount) FILTER (WHERE day BETWEEN a AND b), 0) AS now,
                   SUM(amount) FILTER (WHERE day BETWEEN a - INTERVAL '1 year'
                                                     AND b - INTERVAL '1 year') AS before
              FROM part JOIN line USING (customer) GROUP BY part.customer, a
        ) grown WHERE before > 0""",
    "K06": """
        SELECT 100 * SUM(months) / SUM(12.0) FROM (
            SELECT COUNT(DISTINCT date_trunc('month', day)) AS months
              FROM bought JOIN held USING (customer)
             WHERE DATE '{end}' BETWEEN since AND until AND day <= DATE '{end}'
               AND day > DATE '{end}' - INTERVAL '12 months'
             GROUP BY customer) loyal""",
    "K07": """
        SELECT 100.0 * (SELECT COUNT(*) FROM kam_issue i JOIN res_partner p ON p.id = i.partner_id
                          JOIN part ON part.customer = p.commercial_partner_id
                         WHERE i.category = 'complaint' AND i.state != 'rejected'
                           AND i.reported_day BETWEEN a AND b)
             / NULLIF((SELECT COUNT(*) FROM bought JOIN part USING (customer)
                        WHERE day BETWEEN a AND b), 0)""",
    "K08": """
        SELECT 100.0 * COUNT(*) FILTER (WHERE NOT COALESCE(after, FALSE)) / NULLIF(COUNT(*), 0)
          FROM active JOIN held USING (customer)
         WHERE before AND DATE '{start}' BETWEEN since AND until""",
    "K09": """
        SELECT 100.0 * COUNT(*) FILTER (WHERE b.result = 'won') / NULLIF(COUNT(*), 0)
          FROM kam_bid b JOIN crm_lead l ON l.id = b.lead_id
          JOIN res_partner p ON p.id = l.partner_id
          JOIN part ON part.customer = p.commercial_partner_id
         WHERE b.result IN ('won', 'lost', 'rejected') AND b.result_on BETWEEN part.a AND part.b""",
    "K10": """
        SELECT 100.0 * COUNT(*) FILTER (WHERE c.signed_on <= c.sign_deadline) / NULLIF(COUNT(*), 0)
          FROM kam_contract c JOIN res_partner p ON p.id = c.own_partner_id
          JOIN part ON part.customer = p.commercial_partner_id
         WHERE c.state != 'cancelled' AND c.sign_deadline BETWEEN a AND b""",
    "K11": """
        SELECT 100.0 * COUNT(*) FILTER (WHERE m.conformity = 'conform' AND k.state = 'done'
                   AND (k.done_on AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date
                       <= k.date_due)
               / NULLIF(COUNT(*), 0)
          FROM kam_contract_milestone m JOIN kam_action k ON k.id = m.action_id
          JOIN kam_contract c ON c.id = m.contract_id JOIN res_partner p ON p.id = c.own_partner_id
          JOIN part ON part.customer = p.commercial_partner_id
         WHERE c.state IN ('in_force', 'completed', 'terminated') AND k.state != 'cancelled'
           AND k.date_due BETWEEN a AND b""",
    "K12": """
        SELECT 100.0 * COUNT(*) FILTER (WHERE v.state = 'reported' AND v.reported_on IS NOT NULL
                   AND (v.reported_on AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::date
                       <= v.report_due) / NULLIF(COUNT(*), 0)
          FROM kam_visit v JOIN kam_account f ON f.id = v.account_id
          JOIN part ON part.customer = f.partner_id
         WHERE v.state IN ('to_report', 'reported', 'missed') AND v.report_due BETWEEN a AND b""",
    "K13": """
        SELECT 100.0 * SUM(CASE WHEN in_time THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0) FROM (
            SELECT f.partner_id AS customer, r.date_due AS day,
                   r.answered_day IS NOT NULL AND r.answered_day <= r.date_due AS in_time
              FROM kam_request r JOIN kam_account f ON f.id = r.account_id
             WHERE r.is_cross_department AND r.state != 'cancelled'
        ) work JOIN part USING (customer) WHERE day BETWEEN a AND b""",
}
SHOWN = """
    SELECT line.kpi_code, line.value FROM kam_scorecard_line line
      JOIN kam_scorecard card ON card.id = line.card_id JOIN res_users u ON u.id = card.user_id
     WHERE u.login = '{login}' AND card.date_from = '{start}' AND card.period_kind = 'quarter'
       AND line.has_value"""


@pytest.fixture(scope="module")
def company(odoo_env):
    """The name of a database with the company and its scorecards of the quarter."""
    name = odoo_env.create_database(odoo_env.new_name())
    try:
        run_script(odoo_env, name, "measured_company", start=START, end=END, day="2026-10-20")
        yield name
    finally:
        odoo_env.drop_database(name)


@pytest.mark.parametrize("login", MANAGERS)
def test_figures_are_those_of_the_tables(odoo_env, company, login):
    """Source: K01 … K04, K06 … K13; (d)"""
    names = {"login": login, "start": START, "end": END}
    shown = dict(row.split("|") for row in odoo_env.sql(company, SHOWN.format(**names)))
    wrong = {}
    for code, statement in RAW.items():
        statement = f"WITH {HELD.format(**names)} {statement.format(**names)}"
        [expected] = odoo_env.sql(company, statement)
        found = shown.get(code)
        if not expected or not found:
            if bool(expected) != bool(found):
                wrong[code] = expected, found
        elif abs(float(expected) - float(found)) > 1e-4 * max(1.0, abs(float(expected))):
            wrong[code] = expected, found
    assert not wrong
    assert len(shown) >= len(RAW) - 2, sorted(shown)
