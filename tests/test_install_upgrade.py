"""The addon arrives in a database at work, is upgraded there, and leaves again."""

import pytest
from conftest import run_script

ADDON = "key_account_mgmt"
# Where a company's life is; users, groups and what modules bring are Odoo's own business.
BUSINESS_TABLES = (
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "calendar_event",
    "crm_lead",
    "crm_stage",
    "crm_team",
    "mail_followers",
    "mail_message",
    "product_product",
    "product_template",
    "res_company",
    "res_currency",
    "res_partner",
    "sale_order",
    "sale_order_line",
)
EDITS = {
    "threshold": (
        "UPDATE kam_tier_criterion SET threshold = 12345 WHERE id = {kam_tier_criterion_s3_key_1}",
        "SELECT threshold::int FROM kam_tier_criterion WHERE id = {kam_tier_criterion_s3_key_1}",
        "12345",
    ),
    "tier name": (
        "UPDATE kam_tier SET name = jsonb_build_object('en_US', 'Diamond')"
        " WHERE id = {kam_tier_s3_key}",
        "SELECT name->>'en_US' FROM kam_tier WHERE id = {kam_tier_s3_key}",
        "Diamond",
    ),
    "scheme in force": (
        "UPDATE kam_tier_scheme SET active = true, is_primary = true"
        " WHERE id = {kam_tier_scheme_s0}",
        "SELECT active AND is_primary FROM kam_tier_scheme WHERE id = {kam_tier_scheme_s0}",
        "t",
    ),
    "name of a route": (
        "UPDATE kam_approval_route SET name = jsonb_build_object('en_US', 'Ours')"
        " WHERE id = {kam_approval_route_tier}",
        "SELECT name->>'en_US' FROM kam_approval_route WHERE id = {kam_approval_route_tier}",
        "Ours",
    ),
    "approver of a step": (
        "UPDATE kam_approval_step SET group_id = {group_kam_director}"
        " WHERE id = {kam_approval_step_tier_gm}",
        "SELECT group_id = {group_kam_director} FROM kam_approval_step"
        " WHERE id = {kam_approval_step_tier_gm}",
        "t",
    ),
    "metric on the account file": (
        "UPDATE kam_metric SET show_on_account = NOT show_on_account"
        " WHERE id = {metric_annual_sales}",
        "SELECT show_on_account FROM kam_metric WHERE id = {metric_annual_sales}",
        "f",
    ),
    "job switched off": (
        "UPDATE ir_cron SET active = false WHERE id = {first_cron}",
        "SELECT active FROM ir_cron WHERE id = {first_cron}",
        "f",
    ),
}


@pytest.fixture(scope="module")
def live(odoo_env):
    """A database at work into which the addon was installed; `before` holds its rows."""
    name = odoo_env.create_database(odoo_env.new_name(), template="dependencies")
    try:
        run_script(odoo_env, name, "business")
        before = rows(odoo_env, name)
        odoo_env.run(name, "-i", ADDON)
        yield Live(odoo_env, name, before)
    finally:
        odoo_env.drop_database(name)


class Live:
    def __init__(self, environment, database, before):
        self.environment, self.database, self.before = environment, database, before
        pairs = self.sql(f"SELECT name, res_id FROM ir_model_data WHERE module = '{ADDON}'")
        self.ids = dict(pair.split("|") for pair in pairs)
        crons = self.sql(
            f"SELECT min(res_id) FROM ir_model_data WHERE module = '{ADDON}' AND model = 'ir.cron'"
        )
        self.ids["first_cron"] = crons[0]

    def sql(self, statement):
        return self.environment.sql(self.database, statement)

    def rows(self):
        return rows(self.environment, self.database)


def rows(environment, database):
    """{table: every row's place and transaction}: a rewritten row has another."""
    return {
        table: environment.sql(database, f"SELECT id, xmin, ctid FROM {table} ORDER BY id")
        for table in BUSINESS_TABLES
    }


def rewritten(before, after):
    """Rows that are not where they were; new ones are none of them."""
    return {
        table: sorted(set(lines) - set(after[table]))
        for table, lines in before.items()
        if set(lines) - set(after[table])
    }


def test_installing_rewrites_no_row(live):
    """Also with a hundred thousand partners nothing of Odoo's own is touched."""
    assert all(live.before[table] for table in ("res_partner", "sale_order", "crm_lead"))
    assert not rewritten(live.before, live.rows())


def test_no_scheme_is_in_force_until_one_is_chosen(live):
    assert live.sql("SELECT count(*) FROM kam_tier_scheme WHERE active OR is_primary") == ["0"]
    assert int(live.sql("SELECT count(*) FROM kam_tier_scheme")[0]) >= 3
    assert live.sql("SELECT count(*) FROM kam_account") == ["0"]


def test_demo_is_refused_where_there_is_business(live):
    """Invented customers never end up among real ones."""
    before = live.rows()
    answer = run_script(live.environment, live.database, "load_demo")
    assert answer["refused"]
    assert "20" in answer["refused"]
    assert live.rows() == before
    assert live.sql("SELECT count(*) FROM kam_account") == ["0"]


@pytest.fixture(scope="module")
def upgraded(live):
    """The live database with an edited policy, upgraded by `-u`."""
    before = live.rows()
    for change, _look, _expected in EDITS.values():
        live.sql(change.format_map(live.ids))
    live.environment.upgrade(live.database)
    return before


@pytest.mark.parametrize("what", EDITS)
def test_upgrading_keeps_what_the_company_edited(live, upgraded, what):
    _change, look, expected = EDITS[what]
    assert live.sql(look.format_map(live.ids)) == [expected]


def test_upgrading_rewrites_no_row(live, upgraded):
    """But for members of our groups: Odoo works out anew whether they are internal users."""
    changed = rewritten(upgraded, live.rows())
    users = set(live.sql("SELECT partner_id FROM res_users"))
    partners = {row.partition("|")[0] for row in changed.pop("res_partner", [])}
    assert partners <= users
    assert not changed


def test_uninstalling_leaves_the_business_as_it_was(live, upgraded):
    code = f"""
env["ir.module.module"].search([("name", "=", "{ADDON}")]).button_immediate_uninstall()
"""
    live.environment.run_shell(live.database, code)
    left = live.sql("SELECT tablename FROM pg_tables WHERE tablename LIKE 'kam@_%' ESCAPE '@'")
    assert left == []
    counts = {table: len(lines) for table, lines in live.rows().items()}
    for table in ("res_partner", "sale_order", "crm_lead", "account_move", "account_move_line"):
        assert counts[table] == len(live.before[table]), table
