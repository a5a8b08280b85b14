"""Every public method, called by people without rights: a proper error, or nothing."""

import json
import urllib.error
import urllib.request

import pytest
from client import RefusedError
from conftest import run_script

# A member sees the files he was put on, an auditor everything; neither decides anything.
LOGINS = ("portal", "seller", "engineer", "auditor")
NOBODY = 2**31 - 2
# What Odoo tells a person, or a program that called something wrongly.
PROPER = {
    "AccessDenied",
    "AccessError",
    "MissingError",
    "NotFound",
    "RedirectWarning",
    "UnprocessableEntity",
    "UserError",
    "ValidationError",
}
FORGED = {
    "kam_engine": True,
    "kam_people": True,
    "kam_own_people": True,
    "default_state": "approved",
    "default_user_id": 1,
    "default_step_ids": [1],
    "active_id": "x",
    "active_ids": ["x"],
    "active_model": "res.users",
    "active_test": False,
    "allowed_company_ids": [1],
    "_force_unlink": True,
    "module": "key_account_mgmt",
    "install_mode": True,
    "tz": "Nowhere/Land",
    "lang": "zh_CN",
}
HOSTILE = ("'; DROP TABLE kam_account; --", [-1, "x"], {"x": [1]})
# Beside our own tables: rights, jobs, settings.
OTHERS = (
    "ir_cron",
    "ir_config_parameter",
    "ir_model_access",
    "ir_rule",
    "onboarding_progress",
    "onboarding_progress_step",
    "res_groups_users_rel",
)


@pytest.fixture(scope="module")
def callable_models(site):
    """What shell/methods.py reads off the registry, with what everybody may change."""
    return run_script(site.world.environment, site.database, "methods", logins=LOGINS)


@pytest.fixture(scope="module")
def tables(site):
    """{table: every row} of ours, and of what decides about rights."""
    ours = site.sql("SELECT tablename FROM pg_tables WHERE tablename LIKE 'kam@_%' ESCAPE '@'")
    assert len(ours) > 50
    return dict.fromkeys([*ours, *OTHERS], "true")


def own_calls(about):
    """(method, ids, arguments) of our methods: as meant, and as an attacker would."""
    for method, (is_model, names) in about["methods"].items():
        subjects = [None] if is_model else [*([i] for i in about["ids"]), [NOBODY], []]
        for ids in subjects:
            yield method, ids, dict.fromkeys(names)
        ids = None if is_model else about["ids"] or [1]
        for value in HOSTILE:
            yield method, ids, dict.fromkeys(names, value) | {"context": FORGED}
            if not names:
                break


def odoo_calls(about):
    """The same for Odoo's own roads into a record."""
    if about["abstract"] or not about["field"]:
        return
    name, value = about["field"]
    values, ids = {name: value}, about["ids"][:1] or [NOBODY]
    yield "create", None, {"vals_list": [values], "context": FORGED}
    yield "load", None, {"fields": [name], "data": [[str(value)]]}
    yield "load", None, {"fields": [".id", name], "data": [[str(ids[0]), str(value)]]}
    if about["has_names"]:
        yield "name_create", None, {"name": "x"}
    yield "web_save", [], {"vals": values, "specification": {}, "context": FORGED}
    yield "write", ids, {"vals": values}
    yield "write", ids, {"vals": values, "context": FORGED}
    yield "web_save", ids, {"vals": values, "specification": {}}
    yield "copy", ids, {"default": values}
    yield "update_field_translations", ids, {"field_name": name, "translations": {"zh_CN": "x"}}
    yield "unlink", ids, {"context": FORGED}
    if about["archives"]:
        yield "action_archive", ids, {}
        yield "action_unarchive", ids, {}


# What the team of an account works on together, and the column of the account.
SHARED = {
    "kam_account": "id",
    "kam_visit": "account_id",
    "kam_insight": "account_id",
    "kam_stakeholder": "account_id",
}


def untouchable(tables, answer, login, user_id):
    """The rows a user may not change; of what he may keep himself, those of others."""
    conditions = dict(tables)
    for model, about in answer["models"].items():
        if model not in answer["may_change"][login] and not about["transient"]:
            continue
        table, *relations = about.get("tables", [None])
        for relation in relations:
            conditions.pop(relation, None)
        if table in conditions:
            conditions[table] = f"create_uid IS DISTINCT FROM {user_id}"
    teams = f"(SELECT account_id FROM kam_team_member WHERE user_id = {user_id})"
    for table, column in SHARED.items():
        conditions[table] += f" AND COALESCE({column}, 0) NOT IN {teams}"
    # Whoever works with others tells them.
    conditions["kam_notice"] += f" AND create_uid IS DISTINCT FROM {user_id}"
    return conditions


def answer_to(client, model, method, ids, arguments):
    """Odoo's name of the error and its text; nothing where the server let the call pass."""
    try:
        client.call(model, method, ids, **arguments)
    except RefusedError as refusal:
        return refusal
    return None


def is_proper(refusal):
    # Called on none or several where it is about one: Odoo's own complaint.
    singleton = refusal.name == "ValueError" and "Expected singleton" in str(refusal)
    return refusal.name in PROPER or singleton


def test_every_model_has_something_to_be_called_on(callable_models):
    """What is missing here would be tested on nothing."""
    empty = [
        name
        for name, about in callable_models["models"].items()
        if name.startswith("kam.") and not (about["abstract"] or about["transient"] or about["ids"])
    ]
    assert not empty
    methods = [m for about in callable_models["models"].values() for m in about["methods"]]
    assert len(methods) > 80


@pytest.mark.parametrize("login", LOGINS)
def test_nobody_without_rights_gets_anything_done(site, callable_models, tables, login):
    """As meant, on records that are not there, with nonsense, with a forged context."""
    client = site.client(login)
    rows = untouchable(tables, callable_models, login, site.ids[login])
    before = site.digest(rows)
    troubles, passed = [], []
    for model, about in callable_models["models"].items():
        calls = [*own_calls(about), *(odoo_calls(about) if model.startswith("kam.") else ())]
        for call in calls:
            refusal = answer_to(client, model, *call)
            if refusal is None:
                passed.append((model, *call))
            elif not is_proper(refusal):
                troubles.append((model, *call, str(refusal)))
    assert not troubles, "\n".join(map(str, troubles))
    after = site.digest(rows)
    assert not [table for table in before if before[table] != after[table]]
    if login == "portal":
        # An import answers with messages; nothing at all may be done to no record.
        done = [call for call in passed if call[1] != "load" and call[2] != []]
        assert not [call for call in done if call[0].startswith("kam.")]


def test_without_a_key_there_is_nothing(site):
    """Neither with no key nor with a wrong one."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for key in ({}, {"Authorization": "bearer 0123456789abcdef"}):
        request = urllib.request.Request(
            f"{site.address}/json/2/kam.account/search",
            data=json.dumps({"domain": []}).encode(),
            headers={"Content-Type": "application/json", **key},
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            opener.open(request, timeout=180)
        assert refused.value.code == 401
