"""A contract two people decide about at the same moment: nothing is lost, nothing counts twice."""

import pytest
from client import RefusedError
from test_rpc_at_once import at_once, caller, votes

CONTRACT, REVIEW = "kam.contract", "kam.contract.legal.review"
STEP, REQUEST = "kam.approval.request.step", "kam.approval.request"
ROUNDS = 3
# who gets which group besides his own
GROUPS = {
    "boss": "group_kam_legal",
    "director": "group_kam_legal",
    "policyadmin": "group_kam_finance",
}
SETTLED = "Somebody else is deciding"


@pytest.fixture(scope="module")
def contracts(site):
    """Contracts are kept; two of legal, one of finance."""
    admin = site.client("admin")
    ticks = admin.create("res.config.settings", group_kam_area_contract=True)
    admin.call("res.config.settings", "execute", ticks)
    for login, name in GROUPS.items():
        [group] = site.sql(
            "SELECT res_id FROM ir_model_data"
            f" WHERE module = 'key_account_mgmt' AND model = 'res.groups' AND name = '{name}'"
        )
        admin.write("res.users", site.ids[login], group_ids=[[4, int(group), 0]])
    site.product = admin.create("product.product", name="Car door", taxes_id=[])
    return site


def submitted(site):
    """(contract, request): drafted by the office from a quotation, waiting for its reviewers."""
    office = site.client("office")
    line = {"product_id": site.product, "product_uom_qty": 100, "price_unit": 6000.0}
    order = office.create(
        "sale.order",
        partner_id=site.ids["Borealis Elevators"],
        pricelist_id=False,
        order_line=[[0, 0, {**line, "tax_ids": []}]],
    )
    contract = office.call("sale.order", "action_kam_contract", order)["res_id"]
    office.write(
        CONTRACT,
        contract,
        project_manager_id=site.ids["engineer"],
        technical_user_id=site.ids["engineer"],
        delivery_user_id=site.ids["manager"],
    )
    office.call(CONTRACT, "action_submit", contract)
    [request] = office.search(
        REQUEST, ("res_model", "=", CONTRACT), ("res_id", "=", contract), ("state", "=", "pending")
    )
    return contract, request


def step_of(site, login, request):
    [step] = site.client(login).search(STEP, ("is_mine", "=", True), ("request_id", "=", request))
    return step


def test_parallel_reviewers_at_once(contracts):
    """Technical and delivery approve at once: both count, each once."""
    for _round in range(ROUNDS):
        _contract, request = submitted(contracts)
        calls = [
            caller(contracts, (login, STEP, "action_approve", {"comment": "Yes"}), step, request)
            for login in ("engineer", "manager")
            for step in [step_of(contracts, login, request)]
        ]
        for call, answer in zip(calls, at_once(*calls), strict=True):
            if isinstance(answer, RefusedError):
                assert SETTLED in str(answer), answer
                call()
        assert votes(contracts, request) == ["approve", "approve"]


def passing(site, login, review):
    return lambda: site.client(login).call(REVIEW, "action_pass", review)


def repricing(site, line):
    return lambda: site.client("office").write("sale.order.line", line, price_unit=7000.0)


def test_two_of_legal_at_once(contracts):
    """One opinion; whoever comes second is told."""
    for _round in range(ROUNDS):
        contract, request = submitted(contracts)
        boss = contracts.client("boss")
        review = boss.call(CONTRACT, "action_legal_review", contract)["res_id"]
        boss.write(REVIEW, review, risk="low", opinion="Usual terms")
        answers = at_once(*(passing(contracts, login, review) for login in ("boss", "director")))
        refused = [answer for answer in answers if isinstance(answer, RefusedError)]
        assert len(refused) == 1, answers
        assert votes(contracts, request) == ["approve"]


def test_approved_and_changed_at_once(contracts):
    """What is decided is what was read: a line changed meanwhile is a new round."""
    for _round in range(ROUNDS):
        contract, request = submitted(contracts)
        office = contracts.client("office")
        [line] = office.search("sale.order.line", ("order_id.kam_contract_id", "=", contract))
        step = step_of(contracts, "engineer", request)
        approve = ("engineer", STEP, "action_approve", {"comment": "Yes"})
        at_once(
            caller(contracts, approve, step, request),
            repricing(contracts, line),
        )
        # Decided before, it is sent back; decided after, it is refused: never both.
        [price] = contracts.sql(f"SELECT price_unit FROM sale_order_line WHERE id = {line}")
        state = office.read(CONTRACT, contract, "state")
        if float(price) == 7000.0 and state != "draft":
            later = step_of(contracts, "manager", request)
            with pytest.raises(RefusedError):
                contracts.client("manager").call(STEP, "action_approve", later, comment="Yes")
