"""Somebody goes looking for a bottom line over the network: JSON-RPC, pages, files, reports.

As a colleague of the bid and of the negotiating team, as administrator, as auditor and as
a salesperson.  Whatever comes back, headers and errors with their traces included, is read
for the figure, in clear and as it is kept.  Source: design §4.4, S0-94.
"""

import http.cookiejar
import itertools
import json
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest
from client import RefusedError
from repository import load_dev

NEGOTIATION, ITEM, VAULT = "kam.negotiation", "kam.negotiation.item", "kam.negotiation.floor"
PARTS = tuple(f"{NEGOTIATION}.{part}" for part in (
    "item", "quote", "round", "concession", "authorization", "reading"))  # fmt: skip
# A bottom line nobody types by chance, and a target as a control: what they do see.
FLOOR, TARGET = 4711.37, 4998.75
WRITTEN = ("4711.37", "4,711.37", "4711,37", "471137")
SEEKERS = ("engineer", "admin", "auditor", "seller")
NAMES = ("figures", "outcome", "readers", "floor", "floor_ids", "bottom_line")
FORGED = {
    "kam_engine": True, "su": True, "uid": 1, "sudo": True, "active_test": False,
    "install_mode": True, "default_executive_ids": [2], "bin_size": False,
}  # fmt: skip
AROUND = (
    "kam.approval.request", "kam.approval.decision", "kam.notice", "kam.week.item",
    "kam.policy.log", "kam.export.log", "kam.metric", "kam.metric.value", "kam.bid",
    "kam.deal.member", "kam.action", "crm.lead", "sale.order", "mail.message", "mail.mail",
    "mail.tracking.value", "ir.attachment", "ir.logging", "ir.model.fields", "ir.model",
    "ir.default", "ir.config_parameter",
)  # fmt: skip


class Session:
    """A logged-in browser's requests, without the browser: the text of every answer."""

    def __init__(self, site, login):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        self.address = site.address
        who = {"db": site.database, "login": login, "password": login}
        assert '"uid": ' in self.post("/web/session/authenticate", who)

    def post(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
        return self._text(path, body, {"Content-Type": "application/json"})

    def get(self, path, **query):
        return self._text(f"{path}?{urllib.parse.urlencode(query)}" if query else path)

    def _text(self, path, body=None, headers=None):
        request = urllib.request.Request(self.address + path, body, headers or {})
        try:
            with self._opener.open(request, timeout=180) as answer:
                return f"{answer.headers}{answer.read().decode(errors='replace')}"
        except urllib.error.HTTPError as error:
            return f"{error.headers}{error.read().decode(errors='replace')}"

    def ask(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", params)


def negotiate(site, figure, agreed):
    """A negotiation with Alpine whose price has this bottom line, of an opportunity of its
    own; its agreement is submitted."""
    office, boss, manager = (site.client(login) for login in ("office", "boss", "manager"))
    terms = {"name": "Door operator", "kind": "price", "quantity": 10.0}
    lead = office.create(
        "crm.lead",
        name="Next year",
        type="opportunity",
        partner_id=site.ids["Alpine Lifts"],
        user_id=site.ids["seller"],
    )
    negotiation = office.create(
        NEGOTIATION,
        name="Price round",
        lead_id=lead,
        lead_negotiator_id=site.ids["manager"],
        member_ids=[[6, 0, [site.ids["engineer"]]]],
        executive_ids=[[6, 0, [site.ids["boss"]]]],
        objective="Keep the volume",
        strategy="Volume for price",
        no_quotes_known=True,
        item_ids=[[0, 0, {**terms, "opening": 5200.5, "target": TARGET}]],
    )
    paper = {"negotiation_id": negotiation, "user_id": site.ids["manager"], "scope": "Prices"}
    boss.create("kam.negotiation.authorization", **paper)
    [item] = office.search(ITEM, ("negotiation_id", "=", negotiation))
    boss.call(NEGOTIATION, "action_set_floor", negotiation, figures={str(item): figure})
    manager.call(NEGOTIATION, "action_start", negotiation)
    meeting = {"negotiation_id": negotiation, "key_info": "They want less"}
    manager.create("kam.negotiation.round", **meeting)
    manager.write(ITEM, item, agreed=agreed, is_agreed=True)
    manager.call(NEGOTIATION, "action_submit", negotiation)
    return negotiation


@pytest.fixture(scope="module")
def secret(site):
    """A negotiation whose agreement, worse than its bottom line, waits; it was opened."""
    office = site.client("office")
    team = [[0, 0, {"user_id": site.ids["engineer"]}]]
    negotiation = negotiate(site, FLOOR, 4700.0)
    [lead, _name] = office.read(NEGOTIATION, negotiation, "lead_id")
    office.create(
        "kam.bid", name="Line 7", lead_id=lead, user_id=site.ids["office"], member_ids=team
    )
    shown = site.client("boss").call(NEGOTIATION, "action_reveal", negotiation)
    assert [(row["floor"], row["verdict"]) for row in shown["items"]] == [(FLOOR, "below")]
    return negotiation


@pytest.fixture(scope="module")
def told(site, secret):
    """Whether a text tells the bottom line."""
    rows = site.sql(
        f"SELECT figures, outcome FROM kam_negotiation_floor WHERE negotiation_id = {secret}"
    )
    sealed = [part for row in rows for part in row.split("|") if part]
    assert sealed
    return lambda text: any(word in text for word in (*WRITTEN, *sealed))


@pytest.fixture(scope="module", params=SEEKERS)
def seeker(site, request, secret):
    session = Session(site, request.param)
    session.login = request.param
    return session


def everything(seeker, model):
    """``{field: specification}`` of all a model has, two models deep."""

    def fields_of(name, depth):
        answer = seeker.ask(name, "fields_get")
        rows = json.loads(answer[answer.index("{") :]).get("result") or {}
        spec = {}
        for field, row in rows.items():
            if row["type"] == "binary":
                continue
            spec[field] = {}
            relation = row.get("relation", "")
            if relation.startswith("kam.negotiation") and depth:
                spec[field] = {"fields": fields_of(relation, depth - 1)}
            elif relation:
                spec[field] = {"fields": {"display_name": {}}}
        return spec

    return fields_of(model, 2 if model == NEGOTIATION else 1)


def calls(model, ids, spec):
    """``(method, args, kwargs)`` of what a client can ask of a model."""
    names = list(spec)
    yield "read", [ids], {}
    yield "search_read", [[]], {"limit": 80}
    yield "web_read", [ids], {"specification": spec}
    yield "web_search_read", [], {"domain": [], "specification": spec}
    yield "export_data", [ids, [*names, *NAMES]], {}
    yield "export_data", [ids, names], {}
    yield "name_search", [], {"name": ""}
    yield "name_search", [], {"name": "47"}
    yield "copy", [ids[:1]], {}
    yield "copy_data", [ids[:1]], {}
    yield "onchange", [ids[:1], {}, [], spec], {}
    yield "onchange", [[], {"floor_version": 1}, names, spec], {}
    yield "default_get", [names], {}
    yield "get_views", [[[False, "form"], [False, "list"]]], {}
    for name in NAMES:
        yield "read", [ids, [name]], {}
        yield "web_read", [ids], {"specification": {name: {}}}
        yield "search", [[]], {"order": f"{name} desc"}
        yield "formatted_read_group", [[], [name], ["__count"]], {}
        yield "formatted_read_group", [[], [], [f"{name}:sum", f"{name}:array_agg"]], {}
        yield "read_group", [[], [f"{name}:max"], [name]], {}
        for path in (name, f"negotiation_id.{name}", f"item_ids.{name}"):
            yield "search", [[(path, ">", 1)]], {}
        for operator in ("any", "not any", "any!"):
            yield "search", [[("item_ids", operator, [(name, "<", 9e9)])]], {}
            yield "search", [[("negotiation_id", operator, [(name, "<", 9e9)])]], {}


# Looking for it


def test_who_may_reads_it(site, secret, told):
    """The search would notice; and every reading is written down."""
    assert told(Session(site, "boss").ask(NEGOTIATION, "action_reveal", [secret]))
    assert told(Session(site, "manager").ask(NEGOTIATION, "action_reveal", [secret]))
    answer = Session(site, "auditor").ask("kam.negotiation.reading", "search_read", [])
    assert answer.count('"kind": "read"') >= 3
    assert not told(answer)


def test_every_call(seeker, secret, told):
    """Reading, domains, order, groups, export, copies, drafts, nested reads, contexts."""
    seen = False
    for model in (NEGOTIATION, *PARTS, VAULT):
        spec = everything(seeker, model)
        ids = [secret] if model == NEGOTIATION else list(range(1, 8))
        for (method, args, kwargs), context in itertools.product(
            calls(model, ids, spec), ({}, FORGED)
        ):
            answer = seeker.ask(model, method, *args, **kwargs, context=context)
            assert not told(answer), (model, method, args)
            seen |= str(TARGET) in answer
    assert seen == (seeker.login != "seller"), "the channels work"


def test_the_vault_is_nobodys(seeker, secret):
    for method, args in (
        ("read", [[1]]), ("search", [[]]), ("search_count", [[]]), ("name_search", []),
        ("web_search_read", [[], {"version": {}}]), ("unlink", [[1]]),
        ("create", [[{"negotiation_id": secret, "version": 9}]]),
        ("export_data", [[1], ["version"]]), ("write", [[1], {"version": 9}]),
    ):  # fmt: skip
        for context in ({}, FORGED):
            assert "AccessError" in seeker.ask(VAULT, method, *args, context=context), method


def test_it_is_opened_and_set_by_nobody_else(seeker, secret, told):
    for method, args in (
        ("action_reveal", []), ("action_open_floor", []), ("action_floor_form", []),
        ("action_set_floor", [{"1": 1.0}]),
    ):  # fmt: skip
        for context in ({}, FORGED):
            answer = seeker.ask(NEGOTIATION, method, [secret], *args, context=context)
            assert "AccessError" in answer, method
            assert not told(answer)
    for method in ("_floor_in_force", "_floor_compare", "_floor_log", "_its_executives"):
        assert '"error"' in seeker.ask(NEGOTIATION, method, [secret]), method


def test_everything_around(seeker, told):
    for model in AROUND:
        answer = seeker.ask(model, "search_read", [], limit=5000)
        assert not told(answer), model


def test_pages_files_and_reports(seeker, secret, told):
    fields = [{"name": name, "label": name} for name in ("display_name", "item_ids/target")]
    asked = [{"name": name, "label": name} for name in (*NAMES, *(f"item_ids/{n}" for n in NAMES))]
    for model, columns in itertools.product((NEGOTIATION, VAULT), (fields, asked)):
        for kind, groups in itertools.product(("csv", "xlsx"), ([], ["state"])):
            data = {"model": model, "fields": columns, "ids": [secret], "domain": [],
                    "groupby": groups, "import_compat": False, "context": FORGED}  # fmt: skip
            answer = seeker.get(f"/web/export/{kind}", data=json.dumps(data))
            assert not told(answer), (model, kind)
        assert not told(seeker.post("/web/export/get_fields", {"model": model, "domain": []}))
    for path in (
        f"/report/html/key_account_mgmt.report_negotiation_minutes/{secret}",
        f"/report/html/key_account_mgmt.report_negotiation_authorization/{secret}",
        f"/report/text/key_account_mgmt.report_negotiation_minutes/{secret}",
        f"/web/content/{VAULT}/1/figures", f"/web/image/{VAULT}/1/figures",
        f"/web/content/{NEGOTIATION}/{secret}/floor", f"/odoo/{VAULT}/1",
        f"/json/1/{NEGOTIATION}/{secret}", f"/odoo/key-account-negotiations/{secret}",
    ):  # fmt: skip
        assert not told(seeker.get(path)), path
    thread = {"thread_model": NEGOTIATION, "thread_id": secret}
    assert not told(seeker.post("/mail/thread/messages", thread))
    assert not told(seeker.post("/mail/thread/messages", {**thread, "thread_model": VAULT}))
    models = {"model_names": [NEGOTIATION, VAULT]}
    assert not told(seeker.post("/web/model/get_definitions", models))
    file = {"name": "x", "raw": "eA==", "res_model": VAULT, "res_id": 1}
    assert '"error"' in seeker.ask("ir.attachment", "create", [file])


def test_no_field_is_laid_over_its_table(site, secret, told):
    """By an administrator: a field of links over the table, towards what is no table."""
    admin = Session(site, "admin")
    [model] = site.sql(f"SELECT id FROM ir_model WHERE model = '{NEGOTIATION}'")
    for number, column in enumerate(("figures", "outcome", "readers", "version")):
        values = {
            "name": f"x_links{number}", "field_description": "Links", "model_id": int(model),
            "ttype": "many2many", "relation": "sale.report", "column1": "negotiation_id",
            "column2": column, "relation_table": "kam_negotiation_floor",
        }  # fmt: skip
        answer = admin.ask("ir.model.fields", "create", [values])
        assert "ValidationError" in answer, answer
        assert not told(answer)
        groups = [[], [values["name"]], ["__count"]]
        assert not told(admin.ask(NEGOTIATION, "formatted_read_group", *groups))


# Trying agreements


def without_numbers(content):
    """Nor the fingerprint of what was agreed, in which ids are."""
    text = re.sub(r"[0-9a-f]{32,}", "fingerprint", json.dumps(content, ensure_ascii=False))
    return re.sub(r"\d+", "#", text)


def what_is_seen(site, negotiation):
    """All that anybody but its readers sees of an agreement that was submitted."""
    seen = {}
    about = [("res_model", "=", NEGOTIATION), ("res_id", "=", negotiation)]
    for login in ("manager", "engineer", "office", "auditor"):
        client = site.client(login)
        seen[login] = client.call(NEGOTIATION, "read", [negotiation])
        rows = client.call("kam.approval.request", "search_read", domain=about)
        seen[f"{login} request"] = rows
        messages = [("model", "=", NEGOTIATION), ("res_id", "=", negotiation)]
        seen[f"{login} messages"] = client.call(
            "mail.message", "search_read", domain=messages, fields=["body", "subtype_id"]
        )
    seen["notices"] = site.sql(
        "SELECT topic, user_id, title, lines FROM kam_notice "
        f"WHERE res_model = '{NEGOTIATION}' AND res_id = {negotiation} ORDER BY id"
    )
    return without_numbers(seen)


@pytest.mark.parametrize("agreed", [4000.0, 5000.0])
def test_trying_agreements_tells_nothing(site, secret, agreed):
    """Below, at and above: the same states, words, steps, notices; and the same refusals."""
    tried = [negotiate(site, figure, agreed) for figure in (1.0, agreed, 999_999.0)]
    first, second, third = (what_is_seen(site, negotiation) for negotiation in tried)
    assert first == second == third
    said = set()
    for negotiation in tried:
        for login, method in (("engineer", "action_submit"), ("manager", "action_settle")):
            with pytest.raises(RefusedError) as refusal:
                site.client(login).call(NEGOTIATION, method, negotiation)
            said.add((login, without_numbers(str(refusal.value))))
    assert len(said) == 2
    outcomes = [
        site.client("boss").call(NEGOTIATION, "action_reveal", negotiation)["items"][0]["verdict"]
        for negotiation in tried
    ]
    assert outcomes == ["met", "met", "below"]


# On disk


def test_it_is_nowhere_in_clear(site, secret, told):
    """Neither in the server's log, nor in a table, the policy's export or a notice."""
    site.client("boss").call(NEGOTIATION, "action_reveal", secret)
    log = (load_dev().LOGS / f"serve-{site.database}.log").read_text()
    assert NEGOTIATION in log, "the log is the one of this server"
    assert not told(log)
    tables = site.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    pattern = "|".join(map(re.escape, WRITTEN))
    selects = [
        f"(SELECT '{table}' FROM \"{table}\" t WHERE t::text ~ '{pattern}' LIMIT 1)"
        for table in tables
    ]
    for start in range(0, len(selects), 50):
        found = site.sql(" UNION ALL ".join(selects[start : start + 50]))
        assert not any(found), found
