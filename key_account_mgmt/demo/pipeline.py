"""What is going on: opportunities, quotations, confirmed orders."""

from datetime import datetime, time, timedelta

from odoo import Command

from .story import WAN

# customer, title, amount in 万元, stage (0 new … 3 won), probability, due in days
OPPORTUNITIES = (
    ("tianheng", "Yearly price round and frame contract 年度价格谈判与框架合同", 6000, 2, 80, 20),
    ("tianheng_suzhou", "Door operators for plant 2 二厂门机", 420, 1, 50, 45),
    ("tianheng_vietnam", "Haiphong line 3 海防三号线", 380, 1, 40, 75),
    ("ruisheng", "Global sourcing: control cabinets 全球采购：控制柜", 1800, 2, 60, 60),
    ("ruisheng", "Trial production of a new door operator 新门机试制", 260, 1, 50, 90),
    ("beichen", "Complete sets for three stations 三个站点大配套", 900, 2, 60, 30),
    ("dingchuan", "Win back traction machines 曳引机份额恢复", 640, 1, 40, 50),
    ("hongyue", "Coastal towers, phase 2 滨海大厦二期", 310, 2, 70, 25),
    ("lingfeng", "First supply of door operators 门机首批供货", 800, 1, 30, 120),
    ("qilan", "Frame contract, second call-off 框架合同第二次要货", 450, 2, 80, 15),
    ("jiangcheng", "Metro line 7 地铁7号线", 2600, 2, 50, 2),
    ("jiangcheng_operation", "Depot modernisation 车辆段改造", 180, 0, 20, 100),
    ("anju", "Anju Gardens with an installer 安居花园（与安装商合作）", 350, 1, 40, 70),
    ("jiayi", "Control cabinets, next year 明年控制柜", 700, 1, 50, 40),
    ("changfeng", "Traction machines, new series 新系列曳引机", 950, 2, 60, 35),
    ("haitang", "Door operators for villas 别墅梯门机", 220, 1, 50, 55),
    ("nanyuan", "Escalator cabinets for airport 机场扶梯控制柜", 520, 0, 20, 110),
    ("shunda", "Village modernisation 乡镇旧梯改造", 60, 0, 20, 80),
    ("pacific", "Distribution agreement 经销协议", 300, 1, 40, 65),
)
LOST = ("jiangcheng", "Metro line 6 地铁6号线", 2100)
# customer, product, quantity, sent
QUOTATIONS = (
    ("tianheng", "sets", 40, True),
    ("tianheng_suzhou", "doors", 600, False),
    ("ruisheng", "cabinets", 350, True),
    ("beichen", "sets", 55, False),
    ("hongyue", "doors", 420, True),
    ("qilan", "doors", 500, True),
    ("anju", "sets", 24, False),
    ("shunda", "doors", 80, True),
    ("jiangcheng", "sets", 90, False),
)
ORDERED_MONTHS = 4


def load(story):
    leads = _opportunities(story)
    quotations = _quotations(story)
    orders = _orders(story)
    return f"{leads} opportunities, {quotations} quotations, {orders} orders"


def _opportunities(story):
    stages = story.env["crm.stage"].search([], order="sequence")
    vals_list = [
        {
            "name": title,
            "type": "opportunity",
            "partner_id": story.partners[key].id,
            "user_id": story.partners[key].user_id.id,
            "expected_revenue": amount * WAN,
            "stage_id": stages[min(stage, len(stages) - 2)].id,
            "date_deadline": story.today + timedelta(days=due),
            "company_id": story.company.id,
        }
        for key, title, amount, stage, _probability, due in OPPORTUNITIES
    ]
    leads = story.env["crm.lead"].create(vals_list)
    for lead, row in zip(leads, OPPORTUNITIES, strict=True):
        lead.probability = row[4]
    key, title, amount = LOST
    lost = story.env["crm.lead"].create(
        {
            "name": title,
            "type": "opportunity",
            "partner_id": story.partners[key].id,
            "user_id": story.partners[key].user_id.id,
            "expected_revenue": amount * WAN,
            "company_id": story.company.id,
        }
    )
    reason = story.env["crm.lost.reason"].create(
        {"name": "Price 2.1 % above the winner 高于中标价2.1%"}
    )
    lost.action_set_lost(lost_reason_id=reason.id)
    return len(leads) + 1


def _quotations(story):
    orders = story.env["sale.order"].create(
        [
            _order_vals(story, key, product, quantity, story.random.randrange(1, 12))
            for key, product, quantity, _sent in QUOTATIONS
        ]
    )
    for order, (*_rest, sent) in zip(orders, QUOTATIONS, strict=True):
        order.state = "sent" if sent else "draft"
    return len(orders)


def _orders(story):
    """A confirmed order a month of those who buy much."""
    vals_list = []
    buyers = [k for k, row in story.rows.items() if row["now"] >= 450 and row["series"] != "rest"]
    for key in buyers:
        row = story.rows[key]
        for month in range(ORDERED_MONTHS):
            code = row["products"][month % len(row["products"])]
            price = story.products[code].list_price
            units = max(1, round(row["now"] * WAN / 12 / price * story.random.uniform(0.7, 1.0)))
            ago = 30 * month + story.random.randrange(3, 27)
            vals_list.append(_order_vals(story, key, code, units, ago))
    orders = story.env["sale.order"].create(vals_list)
    orders.action_confirm()
    for order, vals in zip(orders, vals_list, strict=True):
        # Confirming dates an order today.
        order.date_order = vals["date_order"]
    return len(orders)


def _order_vals(story, key, product, quantity, ago):
    partner = story.partners[key]
    return {
        "partner_id": partner.id,
        "user_id": partner.user_id.id,
        "company_id": story.company.id,
        "date_order": datetime.combine(story.ago(ago), time(story.random.randrange(1, 9), 30)),
        "order_line": [
            Command.create({"product_id": story.products[product].id, "product_uom_qty": quantity})
        ],
    }
