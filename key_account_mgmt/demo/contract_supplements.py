"""A supplementary agreement: Qilan takes more and later, accepted by its order."""

from datetime import timedelta

from odoo import Command

from .contract_rounds import _approve, _review
from .schemes import _pdf
from .story import WAN

AREA = "group_kam_area_contract"


def load(story):
    story.ref(AREA)._kam_switch_on()
    _qilan(story)
    _tianheng(story)
    return "one signed, from nine million on decided by the general manager; one in drafting"


def _supplement(story, contract, text, **values):
    """Feng Kai drafts what changes of a contract in force."""
    mine = contract.with_env(story.as_user("fengkai"))
    supplement = mine.browse(mine.action_supplement()["res_id"])
    users = story.users
    supplement.write(
        {
            "supplement_text": text,
            "technical_user_id": users["tangrui"].id,
            "delivery_user_id": users["liangjing"].id,
            **values,
        }
    )
    return supplement


def _running(story, key, kind="single"):
    """The contract in force with a customer that was signed first."""
    return story.env["kam.contract"].search(
        [
            ("partner_id", "=", story.partners[key].id),
            ("state", "=", "in_force"),
            ("kind", "=", kind),
            ("parent_id", "=", False),
        ],
        order="signed_on, id",
        limit=1,
    )


def _qilan(story):
    """Freight to the new plant and two months more; the whole is nine million."""
    contract = _running(story, "qilan")
    if not contract:
        return
    supplement = _supplement(
        story,
        contract,
        "Delivery to the new plant, freight at our cost of 60,000; the second lot two months "
        "later. 改送新厂，运费六万元另计；第二批交货期顺延两个月。",
        amount_total=6 * WAN,
        date_to=contract.date_to + timedelta(days=60),
    )
    supplement.action_submit()
    _review(
        story, supplement, "low", "Changes date and freight only. 仅变更交期与运费。"
    ).action_pass()
    _approve(story, supplement, "tangrui", "liangjing", "dengwen", "chenli", "wuyue", "zhaocheng")
    _seal_and_sign(story, supplement)


def _seal_and_sign(story, supplement):
    """Zheng Lan seals; Qilan's order is its acceptance."""
    env = story.as_user("fengkai")
    request = env["kam.contract.seal"].create(
        {"contract_id": supplement.id, "seal_id": story.ref("kam_seal_contract").id, "copies": 2}
    )
    request.with_env(story.as_user("zhenglan")).action_affix()
    supplement.invalidate_recordset()
    signing = supplement.signing_id
    scan = env["ir.attachment"].create(
        {
            "name": "Qilan order PO-2207.pdf",
            "raw": _pdf("Qilan Elevator - Purchase Order PO-2207", "We accept the supplement."),
            "res_model": signing._name,
            "res_id": signing.id,
        }
    )
    signing.write(
        {
            "our_name": "Zhao Cheng 赵诚",
            "our_on": story.today,
            "by_order": True,
            "order_reference": "PO-2207",
            "order_on": story.today,
            "scan_ids": [Command.set(scan.ids)],
            "place": "Archive A-3, folder 27 档案室A-3柜27号",
            "originals": 2,
        }
    )
    supplement.action_sign()


def _tianheng(story):
    """Tianheng wants a higher ceiling of its frame contract: being drafted."""
    contract = _running(story, "tianheng", "frame")
    if contract:
        _supplement(
            story,
            contract,
            "Ceiling raised by five million until the end. 框架额度在到期前增加五百万元。",
            amount_total=500 * WAN,
        )
