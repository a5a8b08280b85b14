"""Contracts that Feng Kai drafts: one on the customer's paper, one that waits for a word."""

from datetime import timedelta

from .pipeline import _order_vals

AREA = "group_kam_area_contract"


def load(story):
    story.ref(AREA)._kam_switch_on()
    _customer_paper(story)
    _exemption(story)
    return "one on the customer's paper with its differences, one waiting to be exempted"


def _draft(story, key, product, quantity, **values):
    order = story.env["sale.order"].create(_order_vals(story, key, product, quantity, 6))
    env = story.as_user("fengkai")
    contract = env["kam.contract"]._draft_from(env["sale.order"].browse(order.id))
    users = story.users
    contract.write(
        {
            "project_manager_id": users["liangjing"].id,
            "date_from": story.today,
            "date_to": story.today + timedelta(days=365),
            "sign_deadline": story.today + timedelta(days=30),
            **values,
        }
    )
    return contract


def _customer_paper(story):
    """Hongyue sends its own paper: what departs from ours is noted clause by clause."""
    contract = _draft(
        story,
        "hongyue",
        "sets",
        12,
        name="Hongyue: complete sets on their paper 宏樾大配套(客户合同文本)",
        type_id=story.ref("kam_contract_type_paper").id,
        paper="customer",
        differences="Retention of 15 % for two years; court at the seat of the buyer. "
        "质保金15%，两年；由买方所在地法院管辖。",
    )
    contract.env["ir.attachment"].create(
        {
            "name": "宏樾采购合同文本.txt",
            "raw": "Hongyue: draft of the customer 宏樾采购合同（客户文本）".encode(),
            "res_model": contract._name,
            "res_id": contract.id,
        }
    )
    contract.clause_ids.filtered(
        lambda clause: clause.code == "disputes"
    ).difference = "Court at the seat of the buyer. 买方所在地法院。"
    contract.clause_ids.filtered(
        lambda clause: clause.code == "service"
    ).difference = "Warranty of thirty-six months. 质保三十六个月。"


def _exemption(story):
    """Beichen orders as last year: nothing was negotiated, Wu Yue is asked to exempt it."""
    _draft(
        story,
        "beichen",
        "sets",
        8,
        name="Beichen: repeat order 北辰复购",
        exemption_reason="Repeat order at last year's prices; nothing was negotiated. "
        "按去年价格复购，未另行谈判。",
    )
