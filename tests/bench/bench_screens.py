"""Odoo's own screens with and without the addon; the addon's screens at any size."""

import statistics
import time
from contextlib import contextmanager

from lxml import etree
from measure import duration, report, rounds, undone, vacuum

CARDS = 80
FEW = 50
# What one page shows of them, also where there are few.
LIST_PAGE = 40
COLUMN_PAGE = 5
EXTRA_QUERIES = 2
SALES = ("sales_team.group_sale_manager", "account.group_account_invoice")
OFFICE = ("key_account_mgmt.group_kam_officer",)
# Odoo counts so far for a list.
COUNT_LIMIT = 10001
OPPORTUNITIES = [("type", "=", "opportunity")]
BARS = {"planned": "success", "today": "warning", "overdue": "danger"}
# Whose an opportunity is, by its number: the manager's own, those with a bid, with a pursuit.
OWN, BID, PURSUIT = "%% 4 = 1", "%% 200 = 3", "%% 200 = 5"
SALESPERSON = ("sales_team.group_sale_salesman",)


def run(env, day, plain):
    from odoo.modules.registry import Registry

    registry = Registry(plain)
    with registry.cursor() as cr:
        without = env(cr=cr)
        worlds = [World(without, "bench", SALES), World(env, "bench", SALES + OFFICE)]
        for screen in (contact_form, lead_list, lead_kanban, order_confirmation):
            compare_screen(worlds, screen)
        for name, worlds in people(without, env):
            for screen in (lead_list, lead_kanban):
                compare_screen(worlds, screen, name)
        cr.rollback()
    compare_sizes(env, account_list, "tier_rank, id")
    by_column = "row_number() OVER (PARTITION BY tier_id ORDER BY id)"
    compare_sizes(env, account_kanban, by_column)
    compare_sizes(env, account_form, by_column)
    env.cr.rollback()


class World:
    """A user at work in one database.

    :param own: whose opportunities are the user's, see ``OWN``
    :param team: ``(table, number)``: the documents the user works on
    """

    def __init__(self, env, login, groups, own=None, team=None):
        self.root = env
        user = env["res.users"].search([("login", "=", login)])
        if not user:
            groups = [env.ref(group).id for group in groups]
            user = env["res.users"].create(
                {"name": login.title(), "login": login, "group_ids": [(6, 0, groups)]}
            )
            env.flush_all()
            self._give(user.id, own, team)
        env.cr.commit()
        self.env = env(user=user.id, su=False, context={"lang": "en_US"})

    def _give(self, user, own, team):
        cr = self.root.cr
        if own:
            cr.execute(
                "UPDATE crm_lead SET user_id = %s WHERE name LIKE 'KB opportunity %%'"
                f" AND substr(name, 16)::int {own}",
                [user],
            )
        if team:
            table, number = team
            cr.execute(
                "INSERT INTO kam_deal_member"
                " (lead_id, user_id, company_id, source_model, source_id)"
                " SELECT d.lead_id, %s, d.company_id, %s, d.id"
                f" FROM {table} d JOIN crm_lead l ON l.id = d.lead_id"
                f" WHERE substr(l.name, 16)::int {number}",
                [user, table.replace("_", ".")],
            )
        if own or team:
            tables = ("crm_lead", "kam_deal_member") if team else ("crm_lead",)
            cr.commit()
            vacuum(self.root, tables)
            for table in tables:
                cr.execute(f"ANALYZE {table}")


def people(plain, having):
    """Who looks at the opportunities: ``[(name, [without, with the addon])]``.

    Whoever works on a bid without selling reads it by our rule alone; without the addon
    the same opportunities are a salesperson's own.
    """
    return [
        (
            "manager",
            [
                World(plain, "bench manager", SALESPERSON, own=OWN),
                World(
                    having,
                    "bench manager",
                    (*SALESPERSON, "key_account_mgmt.group_kam_user"),
                    own=OWN,
                    team=("kam_pursuit", PURSUIT),
                ),
            ],
        ),
        (
            "member",
            [
                World(plain, "bench member", SALESPERSON, own=BID),
                World(
                    having,
                    "bench member",
                    ("key_account_mgmt.group_kam_member",),
                    team=("kam_bid", BID),
                ),
            ],
        ),
    ]


def compare_screen(worlds, screen, who=""):
    """Time and queries of a screen in both databases, in turns."""
    times, queries = ([], []), [0, 0]
    count = rounds(5) * 5
    for number in range(count + 1):
        for index, world in enumerate(worlds):
            with prepared(world.env, screen) as work:
                before = world.env.cr.sql_log_count
                started = time.perf_counter()
                work()
                world.env.flush_all()
                times[index].append(time.perf_counter() - started)
                queries[index] = world.env.cr.sql_log_count - before
            if not number:
                # the first one fills the registry's caches
                times[index].clear()
    without, having = map(statistics.median, times)
    name = " ".join(["screens", *who.split(), *screen.__name__.split("_")])
    details = f"with {duration(having)}, without {duration(without)}, n {count}"
    report(name, details, having / without, 1.15)
    extra = queries[1] - queries[0]
    details = f"queries with {queries[1]}, without {queries[0]}, extra {extra} of {EXTRA_QUERIES}"
    report(f"{name} queries", details, extra / EXTRA_QUERIES, 1)


def compare_sizes(env, screen, order):
    """Queries of a screen of the addon with few account files and with all of them.

    :param order: the few are the first in this order, so that both show the same page
    """
    world = World(env, "bench", SALES + OFFICE)
    total = env["kam.account"].search_count([])
    counts = []
    for keep in (FEW, total):
        with undone(env):
            env.cr.execute(
                "UPDATE kam_account SET active = FALSE WHERE id NOT IN"
                f" (SELECT id FROM kam_account WHERE active ORDER BY {order} LIMIT %s)",
                [keep],
            )
            with screen(world.env) as work:
                work()
                env.invalidate_all()
                before = env.cr.sql_log_count
                work()
                counts.append(env.cr.sql_log_count - before)
    details = f"queries {FEW}: {counts[0]}, {total}: {counts[1]}"
    name = f"screens {screen.__name__.replace('_', ' ')}"
    report(f"{name} queries", details, counts[1] / counts[0], 1)


@contextmanager
def prepared(env, screen):
    """The screen's work, ready to be timed, with nothing in memory, then undone."""
    with undone(env), screen(env) as work:
        env.flush_all()
        env.invalidate_all()
        yield work


def specification(env, model, kind, view=None):
    """What the web client asks for to show a view: ``(fields, names)`` as for web_read."""
    view_id = env.ref(view).id if view else False
    arch = etree.fromstring(env[model].get_view(view_id, kind)["arch"])
    return node_fields(env[model], arch)


def node_fields(model, node):
    wanted = {}
    for field in node.iterfind(".//field"):
        inside = next(field.iterancestors("field"), None)
        if inside is not None and inside is not node:
            continue
        name = field.get("name")
        if name not in model._fields or name in wanted:
            continue
        definition = model._fields[name]
        if definition.relational:
            comodel = model.env[definition.comodel_name]
            shown = {"display_name": {}}
            for kind in ("list", "kanban"):
                if (embedded := field.find(kind)) is not None:
                    shown = node_fields(comodel, embedded)
                    break
            wanted[name] = {"fields": shown}
        else:
            wanted[name] = {}
    return wanted


@contextmanager
def contact_form(env):
    partner = env["res.partner"].search([("ref", "=", "KB11")])
    asked = specification(env, "res.partner", "form", "base.view_partner_form")
    yield lambda: env["res.partner"].browse(partner.id).web_read(asked)


@contextmanager
def lead_list(env):
    asked = specification(env, "crm.lead", "list", "crm.crm_case_tree_view_oppor")
    yield lambda: env["crm.lead"].web_search_read(
        OPPORTUNITIES, asked, limit=CARDS, count_limit=COUNT_LIMIT
    )


@contextmanager
def lead_kanban(env):
    leads = env["crm.lead"]
    asked = specification(env, "crm.lead", "kanban", "crm.crm_case_kanban_view_leads")
    shown = [leads._fields[name] for name in asked]
    sums = [
        f"{field.name}:{field.aggregator}" for field in shown if field.store and field.aggregator
    ]

    def work():
        leads.web_read_group(
            OPPORTUNITIES,
            ["stage_id"],
            sums,
            auto_unfold=True,
            unfold_read_specification=asked,
            unfold_read_default_limit=CARDS,
        )
        leads.read_progress_bar(
            OPPORTUNITIES, "stage_id", {"field": "activity_state", "colors": BARS}
        )

    yield work


@contextmanager
def order_confirmation(env):
    partner = env["res.partner"].search([("ref", "=", "KB11")])
    products = env["product.product"].search([("name", "like", "KB Product")], limit=5)
    lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 3}) for product in products]
    order = env["sale.order"].create({"partner_id": partner.id, "order_line": lines})
    yield lambda: env["sale.order"].browse(order.id).action_confirm()


@contextmanager
def account_list(env):
    asked = specification(env, "kam.account", "list")
    yield lambda: env["kam.account"].web_search_read([], asked, limit=LIST_PAGE)


@contextmanager
def account_kanban(env):
    asked = specification(env, "kam.account", "kanban")
    yield lambda: env["kam.account"].web_read_group(
        [],
        ["tier_id"],
        ["__count"],
        auto_unfold=True,
        unfold_read_specification=asked,
        unfold_read_default_limit=COLUMN_PAGE,
    )


@contextmanager
def account_form(env):
    account = env["kam.account"].search([], limit=1)
    asked = specification(env, "kam.account", "form")
    yield lambda: env["kam.account"].browse(account.id).web_read(asked)
