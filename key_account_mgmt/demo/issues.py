"""Issues: door operators that hum at Tianheng, an order that is late, a night nobody
answered, and a few that were settled."""

from datetime import datetime, time, timedelta

import pytz

from .accounts import account

# customer, kind, severity, days ago, who raised it, text, who answered, answer, cause, view
SETTLED = (
    ("beichen", "service", "1", 21, "zhoumin",
     "Training for the new control cabinet is missing 新控制柜缺少培训",
     "liangjing", "Two days on site, twelve fitters trained 现场两天，培训12名安装工",
     "Training was not part of the order 订单未含培训", "5"),
    ("dingchuan", "complaint", "2", 40, "zhoumin",
     "Invoices arrive two weeks late and with old prices 发票晚到两周且仍为旧价",
     "liangjing", "Corrected, and the price list linked to the contract 已更正，价格表与合同关联",
     "The price change was entered by hand 调价由人工录入", "4"),
)  # fmt: skip
NOISE = (
    "Door operators hum at 62 dB in the new towers, 55 were agreed; tenants complain "
    "新楼门机噪声62分贝，约定为55，住户投诉"
)
CAUSE = (
    "Belt tension set for the old motor: resonance at low speed 皮带张力沿用旧电机参数，低速时共振"
)
# measure, what, who, days after hearing of it, done, verified by
MEASURES = (
    ("containment", "Lower the speed by 10 % on site 现场降速10%", "liangjing", 2, True, None),
    ("corrective", "New belt tension for 140 operators 140台更换张力参数", "tangrui", 12, True,
     "gaojie"),
    ("preventive", "Noise test at final inspection, every tenth piece 出厂检验加噪声测试，抽检1/10",
     "gaojie", 18, True, None),
)  # fmt: skip


def load(story):
    story.ref("group_kam_area_issue")._kam_switch_on()
    noise = _noise(story)
    night = _night(story)
    for row in SETTLED:
        _settled(story, row)
    late = _late_order(story)
    _quiet(story)
    return f"{noise.number} with three measures, {night.number} escalated, {late} late order"


def _moment(story, days, hour, minute=0):
    """A moment of the company's clock, in UTC."""
    zone = pytz.timezone("Asia/Shanghai")
    local = zone.localize(datetime.combine(story.ago(days), time(hour, minute)))
    return local.astimezone(pytz.utc).replace(tzinfo=None)


def _raise(story, login, key, kind, severity, text, heard, product=None):
    return story.as_user(login)["kam.issue"].create(
        {
            "account_id": account(story, key).id,
            "kind_id": story.ref(f"kam_issue_kind_{kind}").id,
            "severity": severity,
            "description": text,
            "reported_on": heard,
            "product_id": story.products[product].id if product else False,
        }
    )


def _dated(issue, **facts):
    """As it was then: the buttons know only today."""
    issue.sudo()._as_engine().write(facts)


def _in_time(issue, moment, deadline):
    return not deadline or moment <= deadline


def _respond(story, issue, login, moment):
    issue.with_env(story.as_user(login)).action_respond()
    on_time = _in_time(issue, moment, issue.sudo().response_deadline)
    _dated(issue, responded_on=moment, response_on_time=on_time)


def _reply(story, issue, login, moment, text, cause):
    issue.with_env(story.as_user(login))._reply(text, cause)
    on_time = _in_time(issue, moment, issue.sudo().resolve_deadline)
    _dated(issue, replied_on=moment, reply_on_time=on_time)


def _noise(story):
    """8D: contained and corrected; the preventive action waits for somebody to verify it."""
    issue = _raise(
        story, "zhoumin", "tianheng", "quality", "2", NOISE, _moment(story, 26, 10), "doors"
    )
    _dated(issue, user_id=story.users["gaojie"].id, state="assigned")
    _respond(story, issue, "gaojie", _moment(story, 26, 11, 10))
    for measure in MEASURES:
        _measure(story, issue, *measure)
    _reply(
        story, issue, "gaojie", _moment(story, 13, 16),
        "New tension in all three towers, 53 dB measured 三栋楼已调整，实测53分贝", CAUSE,
    )  # fmt: skip
    issue.with_env(story.as_user("zhoumin"))._verify("4", "Tenants are content 住户满意", True)
    _dated(issue, verified_on=_moment(story, 8, 9), customer_view_on=story.ago(8))
    return issue


def _measure(story, issue, kind, name, login, days, done, verifier):
    due = story.ago(26 - days)
    action = story.as_user("gaojie")["kam.action"].create(
        {
            "issue_id": issue.id,
            "issue_measure": kind,
            "name": name,
            "user_id": story.users[login].id,
            # Not so soon that its owner is told at once; set back below.
            "date_due": story.today + timedelta(days=5),
        }
    )
    if done:
        action.with_env(story.as_user(login)).action_done()
        moment = datetime.combine(due, time(6))
        action.sudo()._as_engine().write({"done_on": moment, "is_on_time": True})
    if verifier:
        action.with_env(story.as_user(verifier))._verify_measure(
            True, "53 dB in three towers 三栋楼实测53分贝"
        )
    action.sudo()._as_engine().write({"date_due": due, "date_due_first": due})
    action.sudo()._as_engine().write({"postponed_count": 0, "is_postponed_late": False})


def _night(story):
    """7 × 24: heard at ten past midnight, nobody answered until ten past two."""
    heard = _moment(story, 3, 0, 10)
    issue = _raise(
        story, "sunqian", "tianheng_suzhou", "technical", "3",
        "Line 4 stands still: door controllers do not start 4号线停线：门控制器无法启动",
        heard, "doors",
    )  # fmt: skip
    deadline = issue.sudo().response_deadline or heard + timedelta(hours=2)
    story.env["kam.issue"]._as_engine()._escalate(story.company, deadline + timedelta(minutes=20))
    if not issue.sudo().escalated_on:
        _dated(issue, escalated_on=deadline + timedelta(minutes=20), response_level=1)
    _respond(story, issue, "liangjing", heard + timedelta(hours=7))
    return issue


def _settled(story, row):
    key, kind, severity, days, login, text, who, answer, cause, view = row
    heard = _moment(story, days, 9, 30)
    issue = _raise(story, login, key, kind, severity, text, heard)
    _dated(issue, user_id=story.users[who].id, state="assigned")
    _respond(story, issue, who, heard + timedelta(hours=1))
    _reply(story, issue, who, heard + timedelta(hours=26), answer, cause)
    issue.with_env(story.as_user(login))._verify(view, False, True)
    issue.with_env(story.as_user(who)).action_close()
    closed = heard + timedelta(days=4)
    _dated(
        issue, verified_on=closed, closed_on=closed, customer_view_on=closed.date()
    )  # fmt: skip


def _late_order(story):
    """An order promised for last week, of which a part is still to be delivered."""
    partner = story.partners["changfeng"]
    order = story.env["sale.order"].search(
        [("partner_id", "=", partner.id), ("state", "=", "sale")], order="id desc", limit=1
    )
    if not order:
        return 0
    order.commitment_date = datetime.combine(story.ago(4), time(8))
    order.order_line[:1].qty_delivered = round(order.order_line[:1].product_uom_qty * 0.6)
    issues = story.env["kam.issue"]._as_engine()
    return issues._raise_delivery_delays(story.company, story.today)


def _quiet(story):
    """Told and read."""
    notices = story.env["kam.notice"].search(
        [("res_model", "in", ("kam.issue", "kam.action")), ("sent_on", "=", False)]
    )
    actions = story.env["kam.action"].search([("issue_id", "!=", False)])
    mine = notices.filtered(lambda n: n.res_model == "kam.issue" or n.res_id in actions.ids)
    mine._as_engine().write({"sent_on": f"{story.ago(1)} 01:00:00"})
