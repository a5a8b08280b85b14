"""Confirming orders outside contract control, with and without the addon: one batch."""

import statistics
import time
from datetime import date

from bench_screens import EXTRA_QUERIES, SALES, World
from measure import duration, report, rounds, undone

ORDERS = 1000
# No order of the batch reaches it.
LIMIT = 1_000_000_000


def run(env, _day, plain):
    from odoo.modules.registry import Registry

    with Registry(plain).cursor() as cr:
        worlds = [World(env(cr=cr), "bench", SALES), World(env, "bench", SALES)]
        switch_on(env)
        for size in (10, ORDERS):
            confirm(worlds, size)
        cr.rollback()
    env.cr.rollback()


def switch_on(env):
    """Contract control of key accounts, from an amount nobody orders for."""
    area = env.ref("key_account_mgmt.group_kam_area_contract")
    area._kam_switch_on()
    company = env.ref("base.main_company")
    tiers = env["kam.account"].search([("company_id", "=", company.id)]).tier_id
    company.write(
        {
            "kam_guard_from": date(2020, 1, 1),
            "kam_guard_tier_ids": [(6, 0, tiers.ids)],
            "kam_guard_amount": LIMIT,
        }
    )
    env.flush_all()
    env.cr.commit()


def confirm(worlds, size):
    """Time and queries of a batch in both databases, in turns."""
    times, queries = ([], []), [0, 0]
    for number in range(rounds() + 1):
        for index, world in enumerate(worlds):
            with undone(world.root):
                orders = quotations(world.env, size)
                before = world.env.cr.sql_log_count
                started = time.perf_counter()
                orders.action_confirm()
                world.env.flush_all()
                times[index].append(time.perf_counter() - started)
                queries[index] = world.env.cr.sql_log_count - before
            if not number:
                # the first one fills the registry's caches
                times[index].clear()
    without, having = map(statistics.median, times)
    name = f"guard confirm {size}"
    details = f"with {duration(having)}, without {duration(without)}, n {rounds()}"
    report(name, details, having / without, 1.15)
    extra = queries[1] - queries[0]
    details = f"queries with {queries[1]}, without {queries[0]}, extra {extra} of {EXTRA_QUERIES}"
    report(f"{name} queries", details, extra / EXTRA_QUERIES, 1)


def quotations(env, size):
    """So many quotations, as a request of its own finds them."""
    partners = env["res.partner"].search([("ref", "=like", "KB%")], limit=200, order="id")
    product = env["product.product"].search([("name", "like", "KB Product")], limit=1)
    orders = env["sale.order"].create(
        [
            {
                "partner_id": partners[number % len(partners)].id,
                "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 3})],
            }
            for number in range(size)
        ]
    )
    env.flush_all()
    env.invalidate_all()
    env.user.mapped("partner_id.lang")
    env.user.company_ids.mapped("currency_id.name")
    return env["sale.order"].browse(orders.ids)
