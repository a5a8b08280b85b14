"""Contracts under way: a third round with conditions, one to sign, a short road, a supplement."""

from datetime import timedelta

from odoo import Command

from .contracts_running import _milestone
from .pipeline import _order_vals
from .schemes import _pdf

AREA = "group_kam_area_contract"
OPINION = (
    "Liability is limited to the contract amount; the court of their seat is acceptable. "
    "责任以合同金额为限；可接受对方所在地法院管辖。"
)
CONDITIONS = (
    "Letter of authority of whoever signs for Beichen. 北辰签署人授权书。",
    "Insurance certificate of the carrier. 承运人保险单。",
)


def load(story):
    story.ref(AREA)._kam_switch_on()
    _third_round(story)
    _to_sign(story)
    _short(story)
    return "a third round with conditions, one to sign in four days, one by the short road"


def _draft(story, key, product, quantity, **values):
    """A quotation of the customer and its contract, drafted by Feng Kai."""
    order = story.env["sale.order"].create(_order_vals(story, key, product, quantity, 20))
    env = story.as_user("fengkai")
    contract = env["kam.contract"]._draft_from(env["sale.order"].browse(order.id))
    users = story.users
    contract.write(
        {
            "technical_user_id": users["tangrui"].id,
            "delivery_user_id": users["liangjing"].id,
            "project_manager_id": users["liangjing"].id,
            "date_from": story.today,
            "date_to": story.today + timedelta(days=365),
            "exemption_reason": "Follow-up order at agreed prices 按既定价格续订",
            **values,
        }
    )
    contract.with_env(story.as_user("wuyue")).action_exempt()
    contract.invalidate_recordset()
    # Planned before it is signed: in force needs somebody who runs it and a first step.
    _milestone(
        story, contract.with_env(story.env), "First lot delivered 首批交付", "liangjing", 60,
        "Delivery note 送货单", True, False,
    )  # fmt: skip
    return contract


def _paper(story, contract, name, *texts):
    """The customer's paper, attached by Feng Kai."""
    story.as_user("fengkai")["ir.attachment"].create(
        {
            "name": name,
            "raw": _pdf("Beichen Building Systems - Purchase Contract", *texts),
            "res_model": contract._name,
            "res_id": contract.id,
        }
    )


def _review(story, contract, risk, opinion, **values):
    """Zheng Lan writes her opinion."""
    mine = contract.with_env(story.as_user("zhenglan"))
    action = mine.action_legal_review()
    review = mine.env[action["res_model"]].browse(action["res_id"])
    review.write({"risk": risk, "opinion": opinion, **values})
    return review


def _approve(story, contract, *logins):
    request = contract.sudo()._approval_request()
    for login in logins:
        request.with_env(story.as_user(login)).action_approve("Agreed 同意")


def _third_round(story):
    """Beichen, on their paper: returned for its liability, then their purchasing changed the
    quantity; now passed with two conditions."""
    contract = _draft(
        story,
        "beichen",
        "sets",
        60,
        paper="customer",
        differences="Liability, court of their seat, 60 days of payment. "
        "责任条款、对方所在地法院管辖、付款期60天。",
        sign_deadline=story.today + timedelta(days=9),
    )
    _paper(
        story,
        contract,
        "Beichen contract v1.pdf",
        "7. The seller is liable for every damage.",
        "9. Disputes: the court of the buyer decides.",
    )
    contract.action_submit()
    _review(
        story,
        contract,
        "high",
        "Liability without limit: not to be signed like this. 责任无上限，不可签署。",
    ).action_return()
    contract.clause_ids[
        :1
    ].text = "Liability is limited to the contract amount. 赔偿责任以合同总价为限。"
    _paper(
        story,
        contract,
        "Beichen contract v2.pdf",
        "7. The seller is liable up to the contract amount.",
        "9. Disputes: the court of the buyer decides.",
    )
    contract.action_submit()
    _approve(story, contract, "tangrui")
    contract.order_ids.order_line[:1].with_env(story.env).product_uom_qty = 64
    contract.invalidate_recordset()
    contract.action_submit()
    review = _review(
        story,
        contract,
        "medium",
        OPINION,
        condition_ids=[Command.create({"name": name}) for name in CONDITIONS],
    )
    review.action_pass_with_conditions()
    contract.condition_ids[:1].answer = "Attached to the file. 已附档案。"
    return contract


def _to_sign(story):
    """Hongyue: approved three weeks ago, day 26 of 30."""
    contract = _draft(story, "hongyue", "doors", 260)
    contract.sudo().sign_deadline = story.today + timedelta(days=4)
    contract.action_submit()
    _review(story, contract, "low", OPINION).action_pass()
    _approve(story, contract, "tangrui", "liangjing", "dengwen", "chenli")
    if contract.state == "approval":
        _approve(story, contract, "wuyue")
    env = story.as_user("fengkai")
    env["kam.contract.seal"].create(
        {"contract_id": contract.id, "seal_id": story.ref("kam_seal_contract").id, "copies": 4}
    )
    return contract


def _short(story):
    """Shunda: our template, small: Chen Li alone decides, unless it is drawn as a sample."""
    contract = _draft(story, "shunda", "doors", 20, sign_deadline=story.today + timedelta(days=21))
    contract.sudo()._as_engine().legal_draw = 100
    contract.action_submit()
    if contract.state == "approval":
        _approve(story, contract, "chenli")
    return contract
