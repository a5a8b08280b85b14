"""Tenders of Jiangcheng Metro and others: one due, one lost, one cancelled, one won, and
one we leave to others."""

from datetime import datetime, time, timedelta

import pytz

from odoo import Command

from .pipeline import _order_vals
from .story import WAN

CERTIFICATES = (
    # name, kind, number, days it still holds
    ("Business licence 营业执照", "licence", "91330100YT0620", None),
    ("ISO 9001 quality management 质量管理体系认证", "system", "QMS-2023-118", 210),
    ("Special equipment permit 特种设备生产许可证", "permit", "TS2333-YT", 640),
    ("Type test report, door operators 门机型式试验报告", "product", "TX-3310", 1),
    ("Credit rating AAA 资信等级AAA", "credit", "CR-77", 45),
)
REQUIREMENTS = (
    ("3.1", "Door operators for platform doors, IP54 站台门门机，防护等级IP54", "technical", True),
    ("3.2", "One million cycles without overhaul 百万次免大修", "technical", True),
    ("3.3", "Noise below 55 dB(A) 噪声低于55dB(A)", "technical", False),
    ("3.4", "Interface to the signalling system 与信号系统接口", "technical", True),
    ("3.5", "Spare parts for 15 years 备件供应15年", "technical", False),
    ("4.1", "References of three metro lines 三条地铁线业绩", "qualification", True),
    ("4.2", "Special equipment permit 特种设备许可", "qualification", True),
    ("4.3", "Type test report 型式试验报告", "qualification", True),
    ("5.1", "Payment 30/60/10 付款30/60/10", "commercial", False),
    ("5.2", "Warranty of 36 months 质保36个月", "commercial", False),
    ("5.3", "Delay penalty at most 5 % 违约金上限5%", "commercial", False),
    ("6.1", "Bid bond of 800 000 投标保证金80万", "formal", True),
    ("6.2", "Two sealed copies and a medium 正副本及电子版", "formal", True),
    ("6.3", "Power of attorney 授权委托书", "formal", True),
)
MET = 11
TEAM = (
    ("tangrui", "technical", "Technical proposal 技术方案"),
    ("fengkai", "commercial", "Price calculation, commercial terms 报价核算与商务条款"),
    ("liangjing", "service", "What the customer needs 客户需求资料"),
)
# Points for us by criterion; with these weights 3.8 and 2.3 of 5
GOOD = {"customer": 4, "technical": 4, "price": 3, "value": 5, "capacity": 4, "terms": 3}
POOR = {"customer": 2, "technical": 3, "price": 1.5, "value": 2, "capacity": 4, "terms": 2}
PROPOSAL = "Platform door operators with remote diagnosis 带远程诊断的站台门门机"
STRATEGY = "Level with the incumbent, service as the difference 与现供应商持平，以服务取胜"


def load(story):
    story.ref("group_kam_area_bid")._kam_switch_on()
    papers = _certificates(story)
    _line_7(story, papers)
    _line_6(story)
    _depot(story)
    _won(story)
    _no_bid(story)
    return "line 7 due in two days, line 6 lost, depot cancelled, one won, one no-bid"


def lead(story, key, title):
    """The opportunity of a customer whose title holds some words, also a lost one."""
    domain = [("partner_id", "=", story.partners[key].id), ("name", "like", title)]
    return story.env["crm.lead"].with_context(active_test=False).search(domain, limit=1)


def _keruite(story):
    return story.env["res.partner"].search([("name", "like", "Keruite")], limit=1)


def _certificates(story):
    rows = [
        {
            "name": name,
            "kind": kind,
            "number": number,
            "valid_until": story.today + timedelta(days=days) if days is not None else False,
            "user_id": story.users["fengkai"].id,
            "company_id": story.company.id,
        }
        for name, kind, number, days in CERTIFICATES
    ]
    return story.as_user("fengkai")["kam.certificate"].create(rows)


def _file(env, name):
    return env["ir.attachment"].create({"name": name, "raw": name.encode()})


def _bid(story, login, deal, day, **values):
    """A tender as somebody enters it: files and deadline, the rest is known."""
    env = story.as_user(login)
    if keruite := _keruite(story):
        deal.kam_competitor_ids |= keruite
    return env["kam.bid"].create(
        {
            "lead_id": deal.id,
            "deadline_date": day,
            "deadline_time": 10.0,
            "deadline_tz": "Asia/Shanghai",
            "issued_on": day - timedelta(days=21),
            "tender_file_ids": [Command.set(_file(env, "Tender documents 招标文件.txt").ids)],
            "member_ids": [
                Command.create(
                    {
                        "user_id": story.users[name].id,
                        "role": role,
                        "duties": duties,
                        "date_from": min(day - timedelta(days=21), story.today),
                    }
                )
                for name, role, duties in TEAM
            ],
            **values,
        }
    )


def _score(bid, points):
    bid.action_score()
    for line in bid.score_ids.filtered(lambda line: not line.partner_id):
        line.score = points[line.criterion_id.code]
    for line in bid.score_ids.filtered("partner_id"):
        line.score = 3.5


def _begin(story, bid):
    _score(bid, GOOD)
    bid.action_go()
    bid.action_prepare()
    return bid


def _offer(story, bid, amount):
    """What we offer, by its leader."""
    mine = bid.with_env(story.as_user(bid.user_id.login))
    mine.write({"proposal": PROPOSAL, "price_strategy": STRATEGY, "amount": amount * WAN})


def _finish(story, bid, amount, quotation_of, ago):
    """Everything until the review, each by his own hand; reviewed by the office."""
    key, product, quantity = quotation_of
    order = story.env["sale.order"].create(
        {**_order_vals(story, key, product, quantity, ago), "opportunity_id": bid.lead_id.id}
    )
    bid.write({"quotation_id": order.id, "requirement_ids": _requirements(len(REQUIREMENTS))})
    _offer(story, bid, amount)
    for task in bid.with_env(story.env).task_ids:
        task.with_env(story.as_user(task.user_id.login)).action_done()
    bid.with_env(story.as_user("linfang")).action_review()


def _requirements(met):
    return [
        Command.create(
            {
                "sequence": number,
                "clause": clause,
                "name": name,
                "kind": kind,
                "is_mandatory": must,
                "status": "met" if number < met else "open",
            }
        )
        for number, (clause, name, kind, must) in enumerate(REQUIREMENTS)
    ]


def _hand_in(story, bid):
    """A day before the deadline; the office enters it from paper."""
    env = story.as_user("linfang")
    zone = pytz.timezone("Asia/Shanghai")
    local = zone.localize(datetime.combine(bid.deadline_date - timedelta(days=1), time(15)))
    moment = local.astimezone(pytz.utc).replace(tzinfo=None)
    bid.with_env(env)._submit(moment, _file(env, "Receipt 回执.txt"), story.users["zhoumin"])


def _open(story, bid, ours, theirs, we_won):
    """The opening record, written by who follows the tender."""
    mine = bid.with_env(story.as_user("zhoumin"))
    mine.write(
        {
            "opening_ids": [
                Command.create({"is_us": True, "price": ours * WAN, "is_winner": we_won}),
                Command.create(
                    {
                        "partner_id": _keruite(story).id,
                        "price": theirs * WAN,
                        "is_winner": not we_won,
                    }
                ),
            ]
        }
    )
    return mine


def _line_7(story, papers):
    """Due in two days: 11 of 14 requirements, bond paid, a paper that expires too early."""
    deal = lead(story, "jiangcheng", "地铁7号线")
    bid = _bid(
        story,
        "zhoumin",
        deal,
        story.today + timedelta(days=2),
        tender_no="JC-L7-2026-03",
        platform="Jiangcheng public resources exchange 江城公共资源交易平台",
        platform_account="yunting-ca (Feng Kai 冯凯)",
        is_two_envelope=True,
        questions_until=story.today + timedelta(days=1),
    )
    _begin(story, bid)
    bid.write(
        {
            "requirement_ids": _requirements(MET),
            "certificate_ids": [Command.set(papers.ids)],
        }
    )
    _offer(story, bid, 2580)
    first = bid.with_env(story.env).task_ids.filtered(lambda task: task.bid_task == "need")
    first.with_env(story.as_user(first.user_id.login)).action_done()
    bid.write(
        {
            "clarification_ids": [
                Command.create(
                    {
                        "question": "Is the interface protocol in scope? 接口协议是否在范围内？",
                        "direction": "by_us",
                        "received_on": story.ago(8),
                        "due_on": story.ago(5),
                        "answer": "Yes, annex C. 是，见附件C。",
                        "answered_on": story.ago(6),
                    }
                ),
                Command.create(
                    {
                        "question": "Prove a million cycles 请提供百万次寿命试验报告",
                        "received_on": story.ago(1),
                        "due_on": story.today + timedelta(days=1),
                        "user_id": story.users["tangrui"].id,
                    }
                ),
            ]
        }
    )
    _bond(story, bid, 80, story.ago(6), story.today + timedelta(days=40))


def _bond(story, bid, amount, paid, due_back, **values):
    """Asked for by the leader, paid by finance."""
    bond = (
        bid.with_env(story.as_user("zhoumin"))
        .env["kam.bid.bond"]
        .create(
            {
                "bid_id": bid.id,
                "amount": amount * WAN,
                "currency_id": story.company.currency_id.id,
                "due_back": due_back,
                "reference": f"BB-{bid.id:04d}",
                **values,
            }
        )
    )
    if paid:
        bond.with_env(story.as_user("dengwen"))._enter("paid", paid)
    return bond


def _line_6(story):
    """Lost by 2.1 %: opening record and lesson."""
    deal = lead(story, "jiangcheng", "地铁6号线")
    bid = _bid(story, "linfang", deal, story.ago(75), tender_no="JC-L6-2026-01")
    _begin(story, bid)
    _finish(story, bid, 2140, ("jiangcheng", "sets", 75), 80)
    _hand_in(story, bid)
    bond = _bond(story, bid, 60, story.ago(80), story.ago(40))
    bond.with_env(story.as_user("dengwen"))._enter("returned", story.ago(45), bond.amount)
    mine = _open(story, bid, 2140, 2096, we_won=False)
    mine._end(
        "lost",
        story.ago(68),
        "Price 2.1 % above the winner 高于中标价2.1%",
        lesson="Ask for the price of the guide rails anew before the review, not after it. "
        "评审前就重新询导轨价格，而不是之后。",
    )


def _depot(story):
    """Cancelled by the customer; the bond is still there, twelve days late."""
    deal = lead(story, "jiangcheng_operation", "车辆段改造")
    bid = _bid(story, "linfang", deal, story.ago(50), tender_no="JC-DP-2026-02", kind="invited")
    _begin(story, bid)
    _bond(story, bid, 10, story.ago(55), story.ago(12))
    bid._end("cancelled", story.ago(42), "The customer's budget was cut 客户预算削减，流标")


def _won(story):
    """Award notice nine days ago: the deadline for signing runs."""
    deal = story.env["crm.lead"].create(
        {
            "name": "Escalator sets for six stations 六站扶梯成套",
            "type": "opportunity",
            "partner_id": story.partners["jiangcheng_equipment"].id,
            "user_id": story.partners["jiangcheng_equipment"].user_id.id,
            "expected_revenue": 610 * WAN,
            "company_id": story.company.id,
        }
    )
    bid = _bid(story, "linfang", deal, story.ago(30), tender_no="JCE-26-114")
    _begin(story, bid)
    _finish(story, bid, 598, ("jiangcheng_equipment", "sets", 20), 35)
    _hand_in(story, bid)
    mine = _open(story, bid, 598, 612, we_won=True)
    env = mine.env
    mine._end("won", story.ago(9), award_on=story.ago(9), files=_file(env, "Award notice.txt"))
    deal.action_set_won()
    _bond(
        story,
        bid,
        30,
        False,
        story.today + timedelta(days=365),
        kind="performance",
        form="guarantee",
    )


def _no_bid(story):
    """Scored 2.3: left to others."""
    deal = lead(story, "nanyuan", "机场扶梯控制柜")
    bid = _bid(story, "linfang", deal, story.today + timedelta(days=18), tender_no="AP-77")
    _score(bid, POOR)
    bid._end(
        "no_bid",
        story.ago(3),
        "Price far below ours, no reference at the airport 价格差距大，无机场业绩",
    )
