"""The yearly price round with Tianheng: three rounds, a ledger, a bottom line."""

from datetime import datetime, time, timedelta

from odoo import Command

from .pipeline import OPPORTUNITIES

AREA = "group_kam_area_negotiation"
# Whose negotiation is agreed, without a contract yet.
AGREED = "jiayi"
# kind, name, unit, yearly quantity, opening, target, bottom line, agreed
ITEMS = (
    ("price", "Door operators 门机", "set", 9000, 3680, 3560, 3520, 3570),
    ("price", "Control cabinets 控制柜", "set", 3200, 8900, 8650, 8500, 8600),
    ("payment_days", "Payment after delivery 货到付款天数", "", 0, 60, 75, 90, 80),
    ("warranty", "Warranty 质保期", "", 0, 18, 24, 30, 24),
    ("rebate", "Yearly rebate 年度返利", "", 0, 0, 1, 1.5, 1),
)
# days ago, what was said, agreed, open, steps as (item, to, in return)
ROUNDS = (
    (24, "They ask for 5 % less on everything and 90 days. 对方要求全线降价5%、账期90天。",
     "Volume of next year: 9 000 door operators. 明年门机用量9000台。",
     "Prices, payment, warranty. 价格、账期、质保。",
     ((0, 3640, "Binding volume 锁定用量"),)),
    (13, "A competitor offers door operators at 3 540. 竞争对手门机报价3540。",
     "24 months of warranty. 质保24个月。",
     "Prices, payment. 价格、账期。",
     ((3, 24, "Two plants call off from one frame 两厂纳入同一框架"), (1, 8700, "–"))),
    (3, "Meng Yuhan needs a figure for the board. 孟雨涵需向董事会汇报。",
     "Prices, 80 days, rebate of 1 %. 价格、80天账期、1%返利。",
     "",
     ((0, 3570, "Frame contract of two years 两年框架合同"), (1, 8600, "–"),
      (2, 80, "Invoices by the 5th 每月5日前开票"), (4, 1, "Above 60 million only 超6000万部分"))),
)  # fmt: skip


def load(story):
    story.ref(AREA)._kam_switch_on()
    negotiation = _prepare(story)
    _set_floor(story, negotiation)
    mine = negotiation.with_env(story.as_user("zhoumin"))
    mine.action_start()
    begun = datetime.combine(story.ago(30), time(2))
    negotiation.sudo()._as_engine().write({"started_on": begun, "floor_set_on": begun})
    for row in ROUNDS:
        _hold(story, mine, row)
    for item, row in zip(mine.item_ids, ITEMS, strict=True):
        item.write({"agreed": row[-1], "is_agreed": True})
    mine.action_submit()
    _agreed(story)
    return "1 negotiation in 3 rounds, waiting for Wu Yue; 1 agreed, its contract to be drafted"


def _agreed(story):
    """Jiayi: agreed and confirmed last week, the quotation says it; Feng Kai may draft."""
    title = next(row[1] for row in OPPORTUNITIES if row[0] == AGREED)
    lead = story.env["crm.lead"].search([("name", "=", title)], limit=1)
    lead_login = lead.user_id.login
    env = story.as_user(lead_login)
    item = {"kind": "price", "name": "Control cabinets 控制柜", "unit": "set", "quantity": 600}
    negotiation = env["kam.negotiation"].create(
        {
            "name": "Control cabinets of next year 明年控制柜价格",
            "lead_id": lead.id,
            "member_ids": [Command.set([story.users["fengkai"].id, lead.user_id.id])],
            "executive_ids": [Command.set(story.users["wuyue"].ids)],
            "objective": "Price for volume, signed this year. 以量定价，年内签约。",
            "no_quotes_known": True,
            "strategy": "One price for all plants. 各厂统一价格。",
            "item_ids": [Command.create({**item, "opening": 9200, "target": 9000})],
        }
    )
    papers = story.as_user("wuyue")["kam.negotiation.authorization"]
    papers.create(
        {
            "negotiation_id": negotiation.id,
            "user_id": lead.user_id.id,
            "date_from": story.ago(20),
            "date_to": story.today + timedelta(days=40),
            "scope": "Prices of next year. 明年价格。",
        }
    )
    priced = negotiation.item_ids
    negotiation.with_env(story.as_user("wuyue")).action_set_floor({str(priced.id): 8800})
    negotiation.action_start()
    begun = datetime.combine(story.ago(14), time(2))
    negotiation.sudo()._as_engine().write({"started_on": begun, "floor_set_on": begun})
    meeting = env["kam.negotiation.round"].create(
        {
            "negotiation_id": negotiation.id,
            "date": story.ago(8),
            "place": "Nanjing 南京",
            "participant_ids": [Command.set(lead.user_id.ids)],
            "key_info": "They want one price for all plants. 对方要求各厂统一价格。",
            "agreed_points": "9 000 each for six hundred sets. 六百套，单价9000。",
        }
    )
    meeting.action_close()
    priced.write({"agreed": 9000, "is_agreed": True})
    negotiation.action_submit()
    request = negotiation.sudo()._approval_request()
    request.with_env(story.as_user("wuyue")).action_approve("Agreed 同意")
    line = {"product_id": story.products["cabinets"].id, "product_uom_qty": 600}
    order = story.env["sale.order"].create(
        {
            "partner_id": lead.partner_id.id,
            "user_id": lead.user_id.id,
            "company_id": story.company.id,
            "opportunity_id": lead.id,
            "date_order": datetime.combine(story.ago(5), time(3, 30)),
            "kam_negotiation_id": negotiation.id,
            "order_line": [Command.create({**line, "price_unit": 9000})],
        }
    )
    order.state = "sent"


def _prepare(story):
    """Opportunity, team, items; Wu Yue is its executive and authorised Zhou Min."""
    title = next(row[1] for row in OPPORTUNITIES if row[0] == "tianheng")
    lead = story.env["crm.lead"].search([("name", "=", title)], limit=1)
    users = story.users
    negotiation = story.as_user("zhoumin")["kam.negotiation"].create(
        {
            "name": "Yearly price round 年度价格谈判",
            "lead_id": lead.id,
            "member_ids": [Command.set([users[u].id for u in ("zhoumin", "tangrui", "fengkai")])],
            "executive_ids": [Command.set(users["wuyue"].ids)],
            "objective": "Keep 60 million a year at Tianheng for two more years. "
            "未来两年保持天衡每年6000万销售额。",
            "strategy": "Give price only for volume and term. 以量和年限换价格。",
            "yearly_sales_typed": 60_000_000,
            "item_ids": [
                Command.create(
                    {
                        "kind": kind,
                        "name": name,
                        "unit": unit,
                        "quantity": quantity,
                        "opening": opening,
                        "target": target,
                        "unit_cost": 15_000 if kind == "warranty" else 0,
                    }
                )
                for kind, name, unit, quantity, opening, target, _floor, _agreed in ITEMS
            ],
        }
    )
    negotiation.quote_ids = [
        Command.create(
            {
                "competitor_id": _competitor(story).id,
                "item_id": negotiation.item_ids[0].id,
                "amount": 3540,
                "date": story.ago(14),
                "source": "Lu Jian, purchasing 陆健（采购）",
            }
        )
    ]
    story.as_user("wuyue")["kam.negotiation.authorization"].create(
        {
            "negotiation_id": negotiation.id,
            "user_id": users["zhoumin"].id,
            "date_from": story.ago(35),
            "date_to": story.today + timedelta(days=45),
            "scope": "Prices, payment, warranty and rebate of next year; an agreement waits for "
            "confirmation. 明年价格、账期、质保与返利；协议须经确认。",
        }
    )
    return negotiation


def _competitor(story):
    """Some competitor of the story, or one of our own."""
    category = story.ref("kam_partner_category_competitor")
    Partner = story.env["res.partner"]
    known = Partner.search([("category_id", "in", category.ids)], limit=1)
    return known or Partner.create(
        {
            "name": "Huarui Door Systems 华瑞门系统",
            "is_company": True,
            "category_id": [Command.set(category.ids)],
        }
    )


def _set_floor(story, negotiation):
    figures = {str(item.id): row[-2] for item, row in zip(negotiation.item_ids, ITEMS, strict=True)}
    negotiation.with_env(story.as_user("wuyue")).action_set_floor(figures)


def _hold(story, mine, row):
    days, said, agreed, still_open, steps = row
    meeting = mine.env["kam.negotiation.round"].create(
        {
            "negotiation_id": mine.id,
            "date": story.ago(days),
            "place": "Suzhou 苏州",
            "participant_ids": [Command.set([story.users[u].id for u in ("zhoumin", "tangrui")])],
            "key_info": said,
            "agreed_points": agreed,
            "open_points": still_open,
        }
    )
    for number, value, in_return in steps:
        mine.env["kam.negotiation.concession"].create(
            {
                "negotiation_id": mine.id,
                "round_id": meeting.id,
                "item_id": mine.item_ids[number].id,
                "to_value": value,
                "in_return": in_return,
            }
        )
    meeting.action_close()
