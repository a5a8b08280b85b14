"""Contract control against programs of users: no road round it, nobody gets more than is left."""

import pytest
from client import RefusedError
from conftest import run_script
from test_rpc_at_once import at_once

ORDER = "sale.order"
ROUNDS = 3


@pytest.fixture(scope="module")
def guarded(site):
    """Ids of the customer and of a frame contract of one million."""
    return run_script(site.world.environment, site.database, "guard")


@pytest.fixture(scope="module")
def product(site):
    return site.client("admin").create("product.product", name="Door", list_price=1.0)


def quotation(site, guarded, product, amount, **values):
    line = {"product_id": product, "product_uom_qty": 1, "price_unit": amount, "tax_ids": []}
    values = {"partner_id": guarded["customer"], "order_line": [[0, 0, line]], **values}
    return site.client("seller").create(ORDER, user_id=site.ids["seller"], **values)


def state(site, order):
    [found] = site.sql(f"SELECT state FROM sale_order WHERE id = {order}")
    return found


def confirm(site, order):
    return lambda: site.client("seller").call(ORDER, "action_confirm", order)


def test_two_call_off_the_last_of_a_ceiling_at_once(site, guarded, product):
    for _round in range(ROUNDS):
        pair = [quotation(site, guarded, product, 600_000.0) for _ in range(2)]
        answers = at_once(*(confirm(site, order) for order in pair))
        assert answers.count(True) == 1, answers
        [refusal] = [answer for answer in answers if answer is not True]
        assert refusal.name in ("UserError", "ValidationError"), refusal
        assert sorted(state(site, order) for order in pair) == ["draft", "sale"]
        site.sql(f"UPDATE sale_order SET state = 'cancel' WHERE id IN ({pair[0]}, {pair[1]})")


@pytest.mark.parametrize(
    "context",
    (
        {},
        {"kam_engine": True},
        {"kam_payment": True},
        {"default_state": "sale"},
        {"install_mode": True, "module": "key_account_mgmt"},
        {"kam_contract_verdict": {}},
    ),
)
def test_no_program_of_a_salesperson_confirms_it(site, guarded, product, context):
    seller = site.client("seller")
    order = quotation(site, guarded, product, 5_000_000.0)
    calls = (
        lambda: seller.call(ORDER, "action_confirm", order, context=context),
        lambda: seller.call(ORDER, "write", order, vals={"state": "sale"}, context=context),
        lambda: seller.call(
            ORDER, "web_save", order, vals={"state": "sale"}, specification={}, context=context
        ),
    )
    for call in calls:
        try:
            call()
        except RefusedError as refusal:
            assert refusal.name in ("UserError", "ValidationError"), refusal
        assert state(site, order) == "draft"


def test_what_needs_no_contract_is_confirmed(site, guarded, product):
    order = quotation(site, guarded, product, 10.0)
    assert confirm(site, order)()
    assert state(site, order) == "sale"
    with pytest.raises(RefusedError):
        [line] = site.client("seller").read(ORDER, order, "order_line")
        site.client("seller").write("sale.order.line", line, price_unit=5_000_000.0)
