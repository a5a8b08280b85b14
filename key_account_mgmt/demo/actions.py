"""What was promised to the customers: kept, kept late, overdue, due this week."""

from datetime import datetime, time, timedelta

from .accounts import account

# customer, owner, due in days, done so many days after that or None, what, what came of it
PROMISES = (
    ("tianheng", "zhoumin", -40, -1, "Send the call-off overview 发送框架合同下单汇总",
     "Sent; 4 100 of 6 000 called off 已发送，已下单4100万"),
    ("tianheng", "tangrui", -33, 0, "Test report of the silent door operator 静音门机测试报告",
     "52 dB, accepted 52分贝，客户认可"),
    ("tianheng_suzhou", "sunqian", -26, 2, "Agree delivery windows for line 3 确定三号线交货时段",
     "Tuesday and Friday mornings 每周二、周五上午"),
    ("beichen", "zhoumin", -21, 0, "Show the complete-set price structure 提供大配套价格构成",
     "Taken to their purchasing meeting 已提交客户采购会"),
    ("dingchuan", "gaojie", -18, 5, "Send the 8D report on guide rail scratches 发送导轨划伤8D报告",
     "Accepted after a second round 二次提交后通过"),
    ("hongyue", "zhoumin", -12, -2, "Invite to the plant in spring 邀请春季来厂参观",
     "Four people will come 四人来访"),
    ("ruisheng", "hetao", -15, 0, "Answer the sourcing questionnaire 回复全球采购问卷",
     "All 64 questions 64项全部答复"),
    ("ruisheng", "tangrui", -9, 1, "Drawings of the EN 81 door set 提供EN 81门套图纸",
     "Version B 第B版"),
    ("nanyuan", "hetao", -7, 0, "Quote escalator cabinets for 2 projects 报两个项目的扶梯控制柜",
     "Quoted; decision in a month 已报价，一个月内定"),
    ("shengyuan", "hetao", -8, None, "Agree a plan to pay 1.8 million 商定180万还款计划",
     None),
    ("dingchuan", "zhoumin", -3, None, "Explain the price of rails for next year 说明明年导轨价格",
     None),
    ("tianheng_tianjin", "sunqian", -2, None, "Count the consignment stock 盘点寄售库存", None),
    ("tianheng", "zhoumin", 0, None, "Confirm the date of the executive meeting 确认高层会晤日期",
     None),
    ("beichen", "zhoumin", 1, None, "Send names for the technical exchange 提供技术交流名单",
     None),
    ("ruisheng", "hetao", 2, None, "Book the visit of the quality manager 安排质量经理来访", None),
    ("changfeng", "gaojie", 3, None, "Bring samples of the new seal 带上新密封件样品", None),
    ("lingfeng", "zhoumin", 9, None, "Find out who decides on doors 了解门机采购决策人", None),
    ("nanyuan", "hetao", 16, None, "Visit the site with the installer 与安装单位踏勘现场", None),
)  # fmt: skip
# customer, owner, by whom, due in days, what
ASKED = (
    ("tianheng", "tangrui", "zhoumin", 4, "Noise values for their design office 提供噪音数据"),
    ("yuhua", "liangjing", "zhoumin", 5, "Check the spare parts on site 现场清点备件"),
    ("nanyuan", "tangrui", "hetao", 8, "Compare both cabinet designs 比较两种控制柜方案"),
)


def load(story):
    actions = [_promise(story, *promise) for promise in PROMISES]
    actions += [_ask(story, *asked) for asked in ASKED]
    _postpone(story)
    return f"{len(actions)} promises"


def _promise(story, key, login, due, done, name, result):
    action = _create(story, key, login, login, due, name)
    if done is not None:
        action.result = result
        action.action_done()
        _date_back(story, action, story.today + timedelta(days=due + done))
    return action


def _ask(story, key, login, by, due, name):
    return _create(story, key, login, by, due, name)


def _create(story, key, login, by, due, name):
    return story.as_user(by)["kam.action"].create(
        {
            "name": name,
            "account_id": account(story, key).id,
            "user_id": story.users[login].id,
            "date_due": story.today + timedelta(days=due),
        }
    )


def _date_back(story, action, day):
    """As if it had been ticked off then, in the afternoon."""
    moment = min(datetime.combine(day, time(7, 30)), datetime.now())
    action.sudo()._as_engine().write({"done_on": moment, "is_on_time": day <= action.date_due})


def _postpone(story):
    """He moved the day when it had passed already: everybody sees it."""
    late = _create(story, "shengyuan", "hetao", "hetao", -20, "Ask for the bank guarantee 索取保函")
    late.date_due = story.today + timedelta(days=6)
