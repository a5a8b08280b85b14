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
OUR_TABLES = "SELECT tablename FROM pg_tables WHERE tablename LIKE 'kam@_%' ESCAPE '@'"
# What a database is made of, without what is ours: as it was before and after us.
OWN = {
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, column_default
          FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT conrelid::regclass, conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "triggers": "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal",
    "models": "SELECT model, name FROM ir_model",
    "fields": "SELECT model, name, ttype, relation, store, required, readonly FROM ir_model_fields",
    "selections": """
        SELECT f.model, f.name, s.value FROM ir_model_fields_selection s
          JOIN ir_model_fields f ON f.id = s.field_id""",
    "views": """
        SELECT id, name, model, active, priority, mode, inherit_id, md5(arch_db::text)
          FROM ir_ui_view""",
    "menus": "SELECT id, name, parent_id, sequence, active, action FROM ir_ui_menu",
    "actions": "SELECT id, type, name, binding_model_id FROM ir_actions",
    "scheduled actions": """
        SELECT id, active, interval_number, interval_type, user_id, ir_actions_server_id
          FROM ir_cron""",
    "settings": "SELECT key, value FROM ir_config_parameter",
    "groups": "SELECT id, name, privilege_id FROM res_groups",
    "privileges": "SELECT id, name FROM res_groups_privilege",
    "categories": "SELECT id, name FROM ir_module_category",
    "implied groups": "SELECT gid, hid FROM res_groups_implied_rel",
    "rights": """
        SELECT model_id, group_id, perm_read, perm_write, perm_create, perm_unlink
          FROM ir_model_access""",
    "rules": "SELECT id, name, active, domain_force FROM ir_rule",
    # Odoo keeps its own names for inheritance and selections of models that are gone.
    "external ids": """
        SELECT module, name, model, res_id FROM ir_model_data
         WHERE model NOT IN ('ir.model.inherit', 'ir.model.fields.selection')""",
    "reports": "SELECT id, report_name FROM ir_act_report_xml",
    "paper": "SELECT id, name FROM report_paperformat",
    "mail templates": "SELECT id, name FROM mail_template",
    "message types": "SELECT id, name, res_model FROM mail_message_subtype",
    "activity types": "SELECT id, name, res_model FROM mail_activity_type",
    "setting up": "SELECT id, route_name FROM onboarding_onboarding",
    "setting up steps": "SELECT id, title FROM onboarding_onboarding_step",
    "progress": "SELECT id, onboarding_state FROM onboarding_progress",
    "progress of steps": "SELECT id, step_state FROM onboarding_progress_step",
    "dashboards": "SELECT id, name FROM spreadsheet_dashboard",
    "sequences": "SELECT id, code, number_next FROM ir_sequence",
    "defaults": "SELECT field_id, json_value FROM ir_default",
    "attachments": "SELECT id, res_model FROM ir_attachment WHERE res_model LIKE 'kam.%'",
    "messages": "SELECT id FROM mail_message WHERE model LIKE 'kam.%'",
    "followers": "SELECT id FROM mail_followers WHERE res_model LIKE 'kam.%'",
    "activities": "SELECT id FROM mail_activity WHERE res_model LIKE 'kam.%'",
}
EDITS = {
    "threshold": (
        "UPDATE kam_tier_criterion SET threshold = 12345 WHERE id = {kam_tier_criterion_s3_key_1}",
        "SELECT threshold::int FROM kam_tier_criterion WHERE id = {kam_tier_criterion_s3_key_1}",
        "12345",
    ),
    "tier name": (
        "UPDATE kam_tier SET name = name || jsonb_build_object('en_US', 'Diamond')"
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
        "UPDATE kam_approval_route SET name = name || jsonb_build_object('en_US', 'Ours')"
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
        before, own = rows(odoo_env, name), own_parts(odoo_env, name)
        odoo_env.run(name, "-i", ADDON)
        yield Live(odoo_env, name, before, own)
    finally:
        odoo_env.drop_database(name)


class Live:
    def __init__(self, environment, database, before, own):
        self.environment, self.database = environment, database
        self.before, self.own = before, own
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


def own_parts(environment, database):
    """{part: its rows as text}, see OWN."""
    return {
        part: set(environment.sql(database, f"SELECT t::text FROM ({statement}) t"))
        for part, statement in OWN.items()
    }


def ours(live):
    """{table: its rows as text} of all our tables, our jobs and what we ask to set up."""
    tables = live.sql(OUR_TABLES)
    tables += ["ir_cron", "onboarding_progress", "onboarding_progress_step"]
    return {table: sorted(live.sql(f"SELECT t::text FROM {table} t")) for table in tables}


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
def used(live):
    """The live database after the company made the policy its own and worked with it."""
    run_script(live.environment, live.database, "in_use")
    for change, _look, _expected in EDITS.values():
        live.sql(change.format_map(live.ids))
    return live


@pytest.fixture(scope="module")
def upgraded(used):
    """The same, upgraded by `-u`: (rows of the business, our rows) of before."""
    before = used.rows(), ours(used)
    used.environment.upgrade(used.database)
    return before


def test_what_a_company_edits_is_never_updated(live):
    """Every record of ours that is policy or a job is loaded once."""
    loaded_again = live.sql(
        f"SELECT name FROM ir_model_data WHERE module = '{ADDON}' AND NOT COALESCE(noupdate, false)"
        " AND (model LIKE 'kam.%' OR model LIKE 'onboarding.%' OR model = 'ir.cron')"
    )
    assert not loaded_again


@pytest.mark.parametrize("what", EDITS)
def test_upgrading_keeps_what_the_company_edited(live, upgraded, what):
    _change, look, expected = EDITS[what]
    assert live.sql(look.format_map(live.ids)) == [expected]


def test_upgrading_changes_nothing_of_ours(live, upgraded):
    """Schemes, routes with their steps and escalations, exception kinds, working days, jobs,
    what is set up; files, evaluations, decisions, logs."""
    _business, before = upgraded
    filled = {table for table, lines in before.items() if lines}
    assert filled >= {
        "kam_approval_delegation",
        "kam_approval_escalation",
        "kam_approval_request_step",
        "kam_calendar_day",
        "kam_exception_kind",
        "kam_job_run",
        "kam_policy_log",
        "kam_tier_assignment",
        "onboarding_progress_step",
    }
    after = ours(live)
    assert before.keys() == after.keys()
    for table, lines in before.items():
        assert after[table] == lines, table


def test_upgrading_rewrites_no_row(live, upgraded):
    """But for members of our groups: Odoo works out anew whether they are internal users."""
    changed = rewritten(upgraded[0], live.rows())
    users = set(live.sql("SELECT partner_id FROM res_users"))
    partners = {row.partition("|")[0] for row in changed.pop("res_partner", [])}
    assert partners <= users
    assert not changed


@pytest.fixture(scope="module")
def uninstalled(live, upgraded):
    """The live database after the addon left."""
    code = f"""
env["ir.module.module"].search([("name", "=", "{ADDON}")]).button_immediate_uninstall()
"""
    live.environment.run_shell(live.database, code)
    return live


def test_uninstalling_leaves_the_business_as_it_was(uninstalled):
    left = uninstalled.sql(
        "SELECT tablename FROM pg_tables WHERE tablename LIKE 'kam@_%' ESCAPE '@'"
    )
    assert left == []
    counts = {table: len(lines) for table, lines in uninstalled.rows().items()}
    for table in ("sale_order", "crm_lead", "account_move", "account_move_line"):
        assert counts[table] == len(uninstalled.before[table]), table
    # Three people joined the company meanwhile.
    assert counts["res_partner"] == len(uninstalled.before["res_partner"]) + 3


def test_uninstalling_leaves_odoo_as_it_was(uninstalled):
    """Tables, views, fields, menus, jobs, settings, rights: nothing missing, nothing left."""
    after = own_parts(uninstalled.environment, uninstalled.database)
    changed = {
        part: {"missing": sorted(before - after[part]), "left": sorted(after[part] - before)}
        for part, before in uninstalled.own.items()
        if before != after[part]
    }
    assert not changed, "\n".join(f"{part}: {rows}" for part, rows in changed.items())


def test_it_can_be_installed_again(uninstalled):
    """As on the first day: no scheme in force, no file, no row of the business rewritten."""
    before = uninstalled.rows()
    uninstalled.environment.run(uninstalled.database, "-i", ADDON)
    assert not rewritten(before, uninstalled.rows())
    test_no_scheme_is_in_force_until_one_is_chosen(uninstalled)
