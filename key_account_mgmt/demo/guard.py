"""Contract control: a blocked quotation and why, a call-off, a small order, an early release
that was regularised late, a quotation that waits in the customer's portal."""

from datetime import timedelta

from odoo import Command

from ..models.core.guarded import ENGINE
from .contracts_running import _milestone, _since
from .story import WAN

AREA = "group_kam_area_contract"
# Orders of strategic and key customers from one million on need a signed contract.
AMOUNT = 100 * WAN


def load(story):
    story.ref(AREA)._kam_switch_on()
    _switch_on(story)
    blocked = _quotation(story, "dingchuan", "machines", 150 * WAN)
    blocked.state = "sent"
    portal = _quotation(story, "ruisheng", "cabinets", 260 * WAN, require_signature=True)
    portal.state = "sent"
    small = _quotation(story, "dingchuan", "doors", 12 * WAN)
    small.with_env(story.as_user("zhoumin")).action_confirm()
    called = _call_off(story)
    _early_release(story)
    _split(story)
    return f"contract control, 2 quotations wait, {called} called off, 1 early release"


def _switch_on(story):
    tiers = story.ref("kam_tier_s3_strategic") | story.ref("kam_tier_s3_key")
    company = story.company._with_policy_reason("Policy in force 制度生效")
    company.write(
        {
            "kam_guard_from": story.ago(60),
            "kam_guard_tier_ids": [Command.set(tiers.ids)],
            "kam_guard_amount": AMOUNT,
        }
    )


def _quotation(story, key, product, amount, **values):
    """Of about an amount, by the account manager of the customer."""
    partner, product = story.partners[key], story.products[product]
    quantity = max(1, round(amount / product.list_price))
    return story.env["sale.order"].create(
        {
            "partner_id": partner.id,
            "user_id": partner.user_id.id,
            "company_id": story.company.id,
            "order_line": [
                Command.create(
                    {
                        "product_id": product.id,
                        "product_uom_qty": quantity,
                        "price_unit": amount / quantity,
                    }
                )
            ],
            **values,
        }
    )


def _call_off(story):
    """Under the frame contract of Tianheng, where the chapter of contracts made it."""
    Contract = story.env["kam.contract"]
    frame = Contract.search([("kind", "=", "frame"), ("state", "=", "in_force")], limit=1)
    customers = {partner.commercial_partner_id: key for key, partner in story.partners.items()}
    key = customers.get(frame.partner_id.commercial_partner_id)
    if not key or frame.call_pricelist_id:
        return 0
    order = _quotation(story, key, "doors", 120 * WAN)
    order.with_env(story.as_user("zhoumin")).action_confirm()
    return 1


def _early_release(story):
    """Asked for by Zhou Min, decided by Chen Li and Wu Yue; signed later than promised."""
    order = _quotation(story, "dingchuan", "cabinets", 110 * WAN)
    release = story.as_user("zhoumin")["kam.early.release"].create(
        {
            "order_id": order.id,
            "reason": "Their line in Ningbo stops without the cabinets; terms as last year. "
            "宁波产线待料停产，条款同去年。",
            "sign_by": story.today + timedelta(days=10),
        }
    )
    release.action_submit()
    for login in ("chenli", "wuyue"):
        if release.state == "to_approve":
            request = release.sudo()._approval_request().sudo(False)
            request.with_env(story.as_user(login)).action_approve("As agreed 同意")
            release.invalidate_recordset()
    order.with_env(story.as_user("zhoumin")).action_confirm()
    # It happened two months ago, and the contract came a week late.
    release.sudo()._as_engine().write(
        {"released_on": story.ago(58), "sign_by": story.ago(28), "state": "released"}
    )
    contract = story.env["kam.contract"].create(
        {
            "name": "Control cabinets 控制柜采购合同",
            "kind": "single",
            "company_id": story.company.id,
            "own_partner_id": order.partner_id.id,
            "user_id": story.users["fengkai"].id,
            "project_manager_id": story.users["gaojie"].id,
            "lang": "zh_CN",
            "subject": "Control cabinets for their line in Ningbo 宁波产线用控制柜",
            "amount_total": order.amount_total,
            "date_from": story.ago(21),
            "date_to": story.today + timedelta(days=200),
        }
    )
    order.with_context(kam_engine=ENGINE).kam_contract_id = contract
    contract.action_fill()
    contract._assign_number()
    contract._as_engine().write({"state": "in_force", "signed_on": story.ago(21)})
    _milestone(
        story, contract, "Cabinets delivered 控制柜交付", "gaojie", 25, "Delivery note 送货单",
        True, False,
    )  # fmt: skip
    _since(contract)
    release.sudo()._as_engine().write({"regularised_on": story.ago(21)})


def _split(story):
    """One order in three parts: each passes, together they are listed."""
    orders = story.env["sale.order"].concat(
        *(_quotation(story, "dingchuan", "doors", 40 * WAN) for _part in range(3))
    )
    orders.with_env(story.as_user("zhoumin")).action_confirm()
