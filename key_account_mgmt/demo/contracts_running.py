"""Contracts in force: Tianheng's frame that ends in eighty days, Qilan's 30/60/10 with its
retention due in forty."""

from datetime import datetime, time, timedelta

from odoo import Command

from .story import WAN

AREA = "group_kam_area_contract"
TYPES = {"frame": "kam_contract_type_frame", "single": "kam_contract_type_single"}
# quantity, unit price, days ago: 4 100 万 of 6 000 called off
CALL_OFFS = ((400, 25_000, 250), (500, 25_000, 170), (450, 25_000, 95), (290, 25_000, 30))
# name, department, owner, day from today, what is handed over, delivery, done
MILESTONES = (
    ("Drawings approved 图纸会签", "tangrui", -95, "Signed drawings 会签图纸", False, True),
    ("First lot delivered 首批交付", "liangjing", -40, "120 door operators 门机120台", True, True),
    ("Second lot delivered 二批交付", "liangjing", -6, "180 door operators 门机180台", True, False),
    ("Acceptance on site 现场验收", "gaojie", 30, "Acceptance record 验收单", False, False),
)
# kind, percent, days from today, what makes it due
SCHEDULE = (("advance", 30, -110, ""), ("delivery", 60, -5, ""), ("retention", 10, 40, ""))


def load(story):
    story.ref(AREA)._kam_switch_on()
    frame = _frame(story)
    qilan = _qilan(story)
    _planned_late(story)
    jobs = story.env["kam.contract"]
    jobs._cron_contract_watch()
    _written(story, frame | qilan)
    return "a frame contract that ends in 80 days, one with 30/60/10 in force, their checks"


def _in_force(story, key, **values):
    """Signed on paper before the area was switched on: entered by the office as it was."""
    contract = (
        story.env["kam.contract"]
        ._as_engine()
        .create(
            {
                "own_partner_id": story.partners[key].id,
                "company_id": story.company.id,
                "currency_id": story.company.currency_id.id,
                "lang": "zh_CN",
                "type_id": story.ref(TYPES[values["kind"]]).id,
                "user_id": story.users["fengkai"].id,
                "project_manager_id": story.users["liangjing"].id,
                **values,
            }
        )
    )
    contract.action_fill()
    if contract.kind == "frame":
        # Its call-offs are paid by the terms of each order.
        contract.payment_ids.unlink()
    contract._assign_number()
    contract.write({"state": "in_force", "signed_on": values["date_from"]})
    _since(contract)
    return contract._without_engine()


def _since(contract):
    """In force since it was signed, not since it was entered."""
    signed = datetime.combine(contract.signed_on, time(2))
    drafted = signed - timedelta(days=18)
    stages = contract.sudo().stage_ids._as_engine()
    stages.filtered("left_on").write({"entered_on": drafted, "left_on": signed})
    stages.filtered(lambda s: not s.left_on).write({"entered_on": signed})


def _planned_late(story):
    """What came into force without a plan gets its project manager and a milestone."""
    running = story.env["kam.contract"].search(
        [("state", "=", "in_force"), ("milestone_ids", "=", False), ("parent_id", "=", False)]
    )
    for contract in running:
        contract._as_engine().write({"project_manager_id": story.users["liangjing"].id})
        _milestone(
            story, contract, "Cabinets delivered 控制柜交付", "liangjing", 25,
            "Delivery note 送货单", True, False,
        )  # fmt: skip
        _since(contract)


def _order(story, contract, quantity, price, ago):
    key_partner = contract.partner_id
    order = story.env["sale.order"].create(
        {
            "partner_id": key_partner.id,
            "user_id": key_partner.user_id.id,
            "company_id": story.company.id,
            "date_order": datetime.combine(story.ago(ago), time(2)),
            "order_line": [
                Command.create(
                    {
                        "product_id": story.products["sets"].id,
                        "product_uom_qty": quantity,
                        "price_unit": price,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }
    )
    order.with_context(**contract._as_engine().env.context).write({"kam_contract_id": contract.id})
    day = order.date_order
    order.action_confirm()
    order.date_order = day
    # What was ordered long ago is there; of the last month a part.
    share = 1.0 if ago > 90 else 0.4
    line = order.order_line.filtered(lambda li: li.qty_delivered_method == "manual")
    line.qty_delivered = round(quantity * share)
    return order


def _billed(story, contract):
    """Their invoices of the time since it began belong to its oldest order."""
    line = contract.order_ids.sorted("date_order").order_line[:1]
    bills = story.env["account.move"].search(
        [
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
            ("company_id", "=", contract.company_id.id),
            ("commercial_partner_id", "=", contract.partner_id.commercial_partner_id.id),
            ("currency_id", "=", contract.currency_id.id),
            ("invoice_date", ">=", contract.date_from),
        ]
    )
    free = bills.invoice_line_ids.filtered(lambda li: li.product_id and not li.sale_line_ids)
    line.invoice_lines = [Command.link(bill.id) for bill in free]


def _frame(story):
    """Tianheng: 6 000 万, 4 100 called off, ends in 80 days unless it goes on."""
    frame = _in_force(
        story,
        "tianheng",
        name="Frame contract door operators and sets 门机与大配套框架合同",
        kind="frame",
        amount_total=6000 * WAN,
        date_from=story.ago(285),
        date_to=story.today + timedelta(days=80),
    )
    for quantity, price, ago in CALL_OFFS:
        _order(story, frame, quantity, price, ago)
    _milestone(
        story, frame, "Volume reviewed with Tianheng 用量复核", "liangjing", 60, "Minutes 纪要",
        False, False,
    )  # fmt: skip
    story.env["kam.contract.term"].create(
        [
            {
                "contract_id": frame.id,
                "kind": "notice",
                "name": "Written notice, else it goes on 书面通知，否则自动顺延",
                "party": "both",
                "basis": "end",
                "number": 2,
                "unit": "month",
                "direction": "before",
                "consequence": "It goes on for twelve months. 自动顺延十二个月。",
            },
            {
                "contract_id": frame.id,
                "kind": "extension",
                "name": "Goes on without notice 自动顺延",
                "party": "both",
                "basis": "end",
                "extend_months": 12,
            },
            {
                "contract_id": frame.id,
                "kind": "exclusivity",
                "name": "No door operators for their rival in Suzhou 苏州同业排他",
                "party": "us",
                "basis": "end",
            },
        ]
    )
    _billed(story, frame)
    people = story.partners["tianheng"].child_ids
    contact = people.filtered(lambda p: p.email and not p.is_company)[:1]
    frame.sudo().write({"coordination_period": "quarter"})
    # The price round that runs is about the contract after this one.
    talks = story.env["kam.negotiation"].search(
        [("account_id", "=", frame.account_id.id), ("state", "!=", "broken_off")], limit=1
    )
    talks._as_engine().write({"renews_contract_id": frame.id})
    members = [{"user_id": story.users["zhoumin"].id, "task": "Prices 价格"}]
    if contact:
        members.append({"partner_id": contact.id, "task": "Call-offs 要货"})
    story.env["kam.contract.coordinator"].create(
        [{"contract_id": frame.id, **values} for values in members]
    )
    return frame


def _qilan(story):
    """Qilan: 30 % in advance, 60 on delivery, 10 kept back; the second lot is late."""
    contract = _in_force(
        story,
        "qilan",
        name="Door operators, new plant 新厂门机供货合同",
        kind="single",
        amount_total=900 * WAN,
        date_from=story.ago(120),
        date_to=story.today + timedelta(days=200),
        payment_ids=[
            Command.create(
                {
                    "sequence": 10 * number,
                    "kind": kind,
                    "percent": percent,
                    "due_on": story.today + timedelta(days=days),
                }
            )
            for number, (kind, percent, days, _event) in enumerate(SCHEDULE, start=1)
        ],
    )
    _order(story, contract, 360, 25_000, 115)
    _billed(story, contract)
    for row in MILESTONES:
        _milestone(story, contract, *row)
    return contract


def _milestone(story, contract, name, login, days, deliverable, is_delivery, is_done):
    user = story.users[login]
    # sudo: the plan as it was on paper.
    department = story.env["kam.department"]._of_user(user, story.company)
    milestone = story.env["kam.contract.milestone"].create(
        {
            "contract_id": contract.id,
            "name": name,
            "user_id": user.id,
            "department_id": department.id or story.env["kam.department"].search([], limit=1).id,
            "date_due": story.today + timedelta(days=days),
            "deliverable": deliverable,
            "is_delivery": is_delivery,
        }
    )
    if is_done:
        done = datetime.combine(story.ago(-days + 1), time(6))
        milestone.action_id._as_engine().write(
            {"state": "done", "done_on": done, "done_by_id": user.id, "is_on_time": True}
        )
        milestone._as_engine().write(
            {
                "conformity": "conform",
                "judged_on": done,
                "judged_by_id": contract.project_manager_id.id,
            }
        )


def _written(story, contracts):
    """Liang Jing wrote all but the last check of each contract."""
    for contract in contracts:
        for check in contract.check_ids.sorted("date_to")[:-1]:
            mine = check.with_env(story.as_user("liangjing"))
            mine.write({"conclusion": "on_track"})
            done = datetime.combine(check.due_on, time(3))
            check._as_engine().write(
                {
                    "state": "done",
                    "done_on": done,
                    "done_by_id": story.users["liangjing"].id,
                    "sent_on": done if check.is_report else False,
                    "sent_by_id": check.is_report and story.users["liangjing"].id,
                }
            )
