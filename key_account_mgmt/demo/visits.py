"""A year of visits: held, reported, forgotten, planned, and one being prepared."""

from datetime import datetime, time, timedelta

import pytz

from odoo import Command

from ..policy.periods import add_months
from .accounts import account
from .team import HANDED_OVER, LEAVER, TAKEN

# customer, who, purpose, how, every so many months, months ago of the last one, hour
SERIES = (
    ("tianheng", "zhoumin", "regular", "onsite", 1, 1, 9),
    ("tianheng", "gaojie", "quality", "onsite", 3, 1, 14),
    ("tianheng", "tangrui", "technical", "onsite", 6, 4, 10),
    ("tianheng", "liangjing", "return", "phone", 3, 1, 15),
    ("ruisheng", "hetao", "regular", "video", 1, 1, 15),
    ("ruisheng", "tangrui", "technical", "video", 6, 3, 16),
    ("ruisheng", "liangjing", "return", "phone", 3, 2, 16),
    ("beichen", "zhoumin", "regular", "onsite", 3, 2, 9),
    ("beichen", "liangjing", "return", "phone", 3, 1, 10),
    ("dingchuan", "zhoumin", "regular", "onsite", 3, 3, 14),
    ("changfeng", "zhoumin", "regular", "onsite", 4, 2, 10),
    ("yuhua", "zhoumin", "business", "onsite", 4, 3, 10),
    ("nanyuan", "hetao", "regular", "onsite", 3, 1, 9),
    ("hongyue", "zhoumin", "regular", "onsite", 4, 2, 14),
    ("hongyue", "liangjing", "return", "phone", 4, 1, 11),
    ("haitang", "zhoumin", "demo", "received", 6, 2, 9),
    ("xinghe", "zhoumin", "regular", "onsite", 6, 4, 9),
    ("lantian", "hetao", "regular", "onsite", 6, 5, 9),
    ("ruifeng", "hetao", "research", "onsite", 6, 3, 14),
    ("donghai", "hetao", "regular", "wechat", 4, 2, 11),
)
MONTHS = 12
REPORTS = (
    "Deliveries on time; asks for a longer warranty 交期正常，希望延长质保",
    "New plant starts in spring, needs samples by then 新厂明年春季投产，届时需要样品",
    "Satisfied with door operators, noise on two sites 对门机满意，两个现场有噪音",
    "Yearly plan discussed; volume plus ten percent 沟通年度计划，用量增加一成",
    "Wants the price list of next year early 希望尽早拿到明年价格表",
    "New project won, wants an offer within the month 中标新项目，希望月内报价",
    "Stock is high, orders slow until next quarter 库存偏高，下季度前订单放缓",
    "Content with deliveries; one invoice was wrong 对交付满意，一张发票有误",
    "Asks for training of its fitters 希望培训安装人员",
    "Compares us with Keruite; quality is ahead 与科锐特对比，质量领先",
    "Thinks about cabinets with remote service 考虑带远程服务的控制柜",
)
LINES = {
    "progress": "Second line runs since last month 二线上月投产",
    "need_change": "More machine-room-less lifts 无机房梯增多",
    "problems": "Two late deliveries, new schedule agreed 两次延迟，已约定新计划",
    "personnel": "New head of purchasing 采购总监换人",
    "competitor": "Keruite offers three percent less 科锐特报价低3%",
}
PROMISE = "Send what was promised 发送承诺资料"
OUTLINE = (
    "1. Frame contract: what is open 框架合同未决事项\n"
    "2. Prices of next year 明年价格\n"
    "3. Joint development of the new door operator 新门机联合开发"
)


# Of what the policy asks for beside the story, so much was done.
KEPT = {
    "visit": 0.84,
    "return_visit": 0.86,
    "executive_meeting": 0.8,
    "technical_exchange": 0.9,
    "quality_exchange": 0.9,
}
TRIES = 20
# kind: purpose, how, hours
MANNER = {
    "visit": ("regular", "onsite", 1.5),
    "return_visit": ("return", "phone", 0.5),
    "executive_meeting": ("executive", "onsite", 3),
    "technical_exchange": ("technical", "video", 2),
    "quality_exchange": ("quality", "onsite", 2),
}
# Not visited in the first quarter; the office waived it.
STOCKTAKING = "beichen_wuxi"


def load(story):
    held = _series(story)
    held += _executive_meetings(story)
    held += _common_visit(story)
    _reported(story, held)
    _forgotten(story)
    _waiting(story)
    planned = _planned(story)
    _being_prepared(story)
    _just_reported(story)
    return f"{len(held)} visits held and reported, {planned + 2} planned"


def moment(story, day, hour):
    """An hour in Shanghai on a working day, that day or the last one before it, as UTC."""
    working = story.company._kam_working_time()
    while not working.is_worked(day):
        day -= timedelta(days=1)
    zone = pytz.timezone("Asia/Shanghai")
    local = zone.localize(datetime.combine(day, time(hour)))
    return local.astimezone(pytz.utc).replace(tzinfo=None)


def coming(story, days):
    """A working day so many days ahead, or the next one after it."""
    working, day = story.company._kam_working_time(), story.today + timedelta(days=days)
    while not working.is_worked(day):
        day += timedelta(days=1)
    return day


def vals(story, key, login, purpose, mode, start, hours=1.5, **more):
    """One visit; ``people`` beside whoever organises it."""
    people = [story.users[name].id for name in (login, *more.pop("people", ()))]
    contacts = story.partners[key].child_ids.filtered(lambda p: p.type == "contact")[:2]
    return {
        "account_id": account(story, key).id,
        "purpose_id": story.ref(f"kam_visit_purpose_{purpose}").id,
        "mode_id": story.ref(f"kam_visit_mode_{mode}").id,
        "start": start,
        "stop": start + timedelta(hours=hours),
        "user_id": story.users[login].id,
        "participant_ids": [Command.set(people)],
        "contact_ids": [Command.set(contacts.ids)],
        "location": story.partners[key].city,
        **more,
    }


def answers(story, number, purpose):
    """What a report says; one block has news now and then."""
    block = list(LINES)[number % len(LINES)]
    texts = {block: LINES[block]} if number % 3 == 0 else {}
    return {
        "report": REPORTS[number % len(REPORTS)],
        "next_action": PROMISE,
        "nothing_else": True,
        "satisfaction": story.random.choice("3445") if purpose == "return" else False,
        "tag_ids": [Command.set(story.ref("kam_visit_tag_product").ids)] if number % 4 == 0 else [],
        **texts,
    }


def _series(story):
    """What happened regularly; each person enters his own."""
    by_login = {}
    for key, login, purpose, mode, every, last, hour in SERIES:
        for ago in range(last, MONTHS, every):
            day = add_months(story.today, -ago) - timedelta(days=2)
            start = moment(story, day, hour)
            who = _who_led(story, key, login, day)
            row = vals(story, key, who, purpose, mode, start)
            if purpose == "regular" and key == "tianheng" and ago % 4 == 0:
                row = vals(story, key, who, purpose, mode, start, people=("sunqian",))
            done = answers(story, len(by_login.get(who, ())), purpose)
            row |= {**done, "next_action_date": day + timedelta(days=14)}
            by_login.setdefault(who, []).append(row)
    return _create(story, by_login)


def _who_led(story, key, login, day):
    """Before the hand-over it was Qian Wei."""
    before = login == "hetao" and key in TAKEN and day < story.ago(HANDED_OVER)
    return LEAVER[0] if before else login


def _create(story, by_login):
    """Each person enters his own; the office those of who has left."""
    visits = []
    for login, rows in by_login.items():
        by = "linfang" if login == LEAVER[0] else login
        visits += story.as_user(by)["kam.visit"].create(rows)
    return visits


def _executive_meetings(story):
    """The last one at Tianheng is more than a year ago, at Ruisheng five months."""
    rows = []
    for key, login, manager, ago in (
        ("tianheng", "zhaocheng", "zhoumin", 13),
        ("ruisheng", "wuyue", "hetao", 5),
    ):
        day = add_months(story.today, -ago)
        start = moment(story, day, 10)
        row = vals(story, key, login, "executive", "onsite", start, hours=3, people=(manager,))
        rows.append(
            row | answers(story, ago, "executive") | {"next_action_date": day + timedelta(days=20)}
        )
    return [*story.as_user("zhaocheng")["kam.visit"].create(rows)]


def _common_visit(story):
    """Two members of a group in one visit."""
    day = add_months(story.today, -2) + timedelta(days=4)
    also = account(story, "beichen_foshan")
    row = vals(
        story,
        "beichen_wuxi",
        "zhoumin",
        "business",
        "onsite",
        moment(story, day, 9),
        also_account_ids=[Command.set(also.ids)],
    )
    row |= answers(story, 3, "business") | {"next_action_date": day + timedelta(days=10)}
    return [*story.as_user("zhoumin")["kam.visit"].create(row)]


def _reported(story, visits):
    """Handed in on the next day; one in twenty only after its deadline."""
    for number, visit in enumerate(visits):
        late = number % 20 == 7 and visit.report_due
        day = visit.report_due + timedelta(days=2) if late else visit.day + timedelta(days=1)
        visit.sudo()._as_engine().write(
            {
                "state": "reported",
                "reported_on": datetime.combine(min(day, story.today), time(1)),
                "reported_by_id": visit.user_id.id,
                "entered_late": bool(late),
            }
        )


def _forgotten(story):
    """Planned and never reported: the night called it missed."""
    start = moment(story, story.ago(40), 9)
    visit = story.as_user("hetao")["kam.visit"].create(
        vals(story, "lantian", "hetao", "regular", "onsite", start)
    )
    visit.sudo()._as_engine().write({"state": "missed", "reason": visit._missed_reason(10)})


def _waiting(story):
    """Held last week, the report is still to come."""
    day = max(story.ago(5), story.today.replace(day=1))
    start = moment(story, min(day, story.ago(1)), 9)
    story.as_user("zhoumin")["kam.visit"].create(
        vals(story, "tianheng", "zhoumin", "regular", "onsite", start, people=("tangrui",))
    )


def _planned(story):
    """This week and the next; two plants in one trip."""
    rows = (
        ("zhoumin", "tianheng_suzhou", "regular", "onsite", 2, 9),
        ("zhoumin", "tianheng_tianjin", "regular", "onsite", 3, 14),
        ("zhoumin", "dingchuan", "regular", "onsite", 5, 10),
        ("hetao", "ruisheng", "regular", "video", 3, 15),
        ("hetao", "nanyuan", "regular", "onsite", 8, 9),
        ("gaojie", "tianheng", "quality", "onsite", 7, 14),
        ("liangjing", "hongyue", "return", "phone", 4, 11),
    )
    for login, key, purpose, mode, days, hour in rows:
        start = moment(story, coming(story, days), hour)
        story.as_user(login)["kam.visit"].create(vals(story, key, login, purpose, mode, start))
    return len(rows)


def _being_prepared(story):
    """The executive meeting: outline and limit are there, materials are missing."""
    start = moment(story, coming(story, 10), 10)
    visit = story.as_user("zhoumin")["kam.visit"].create(
        vals(
            story, "tianheng", "zhoumin", "executive", "onsite", start, hours=3,
            people=("wuyue", "zhaocheng"), outline=OUTLINE, background_done=True,
            questions="Why not three years of warranty? 为什么不能质保三年？",
            disputed_points="Noise at two sites, who pays 两个现场噪音由谁承担",
        )
    )  # fmt: skip
    visit.concession_limit = "Warranty 30 months at most 质保最多30个月"


def _just_reported(story):
    """Yesterday at Hongyue, reported in the dialog, with the next visit."""
    start = moment(story, story.ago(1), 14)
    visit = story.as_user("zhoumin")["kam.visit"].create(
        vals(story, "hongyue", "zhoumin", "business", "onsite", start)
        | answers(story, 0, "business")
        | {"next_action_date": coming(story, 9), "next_is_visit": True}
    )
    visit.action_report()


# Routine ---------------------------------------------------------------------------------


def routine(story):
    """What the policy asks for beside the story: most of it was done, most of it in time.

    Called when what is owed is known; returns the number of visits.
    """
    rows = story.env["kam.obligation"].search(
        [
            ("company_id", "=", story.company.id),
            ("state", "in", ("open", "overdue")),
            ("date_from", "<=", story.today),
            ("kind_id.code", "in", list(KEPT)),
            ("planned", "=", 0),
        ],
        order="account_id, kind_id, date_from",
    )
    rows = rows.filtered(lambda row: not _is_told(story, row))
    pauses = story.env["kam.account.pause"].search([]).grouped("account_id")
    by_login, accounts = {}, rows.account_id
    left_out = dict.fromkeys(KEPT, 0.5)
    for together in _together(rows):
        for day in _days(story, together[0], pauses, left_out):
            login, vals_of_visit = _kept(story, together, day)
            if login:
                vals_of_visit |= {
                    **answers(story, story.random.randrange(60), vals_of_visit.pop("purpose")),
                    "next_action_date": day + timedelta(days=14),
                }
                by_login.setdefault(login, []).append(vals_of_visit)
    held = _create(story, by_login)
    _reported(story, held)
    story.env.flush_all()
    days = [visit.day for visit in held]
    story.env["kam.obligation"]._refresh_accounts(accounts, days)
    story.env.invalidate_all()
    return len(held)


def _is_told(story, row):
    """The months and executive meetings of Tianheng, and the stocktaking."""
    code = row.kind_id.code
    if row.account_id.group_root_id == account(story, "tianheng"):
        return code in ("visit", "executive_meeting")
    first = row.date_from.month == 1 and code == "visit"
    return first and row.account_id == account(story, STOCKTAKING)


def _together(rows):
    """Executives meet a group once; everything else is done for each account."""
    found = {}
    for row in rows:
        key = row.id
        if row.kind_id.code == "executive_meeting":
            key = (row.account_id.group_root_id.id, row.date_from)
        found[key] = found.get(key, row.browse()) | row
    return list(found.values())


def _days(story, row, pauses, left_out):
    """When it was done: a day in each share of the window, but for every so many.

    :param left_out: ``{kind: what was not done so far}``; a whole one is left out
    """
    code = row.kind_id.code
    start = max(row.date_from, row.date_join or row.date_from)
    length = (row.date_to - start).days + 1
    for number in range(row.done + row.awaiting, row.required):
        first = start + timedelta(days=length * number // row.required)
        last = start + timedelta(days=length * (number + 1) // row.required - 1)
        if last < story.today:
            left_out[code] += 1 - KEPT[code]
            is_kept = left_out[code] < 1
            left_out[code] %= 1
        else:
            over = (story.today - first).days / ((last - first).days + 1)
            is_kept = story.random.random() < KEPT[code] * over
        if is_kept and (day := _worked_day(story, first, last, pauses.get(row.account_id, ()))):
            yield day


def _worked_day(story, first, last, pauses):
    """Some working day between two days, neither in a pause nor just now."""
    working = story.company._kam_working_time()
    length = (min(last, story.ago(3)) - first).days + 1
    for _try in range(TRIES if length > 0 else 0):
        day = first + timedelta(days=story.random.randrange(length))
        paused = any(pause.date_from <= day <= (pause.date_to or day) for pause in pauses)
        if working.is_worked(day) and not paused:
            return day
    return None


def _kept(story, rows, day):
    """``(login, values)`` of a visit that meets the first row, for the others as well."""
    row, file = rows[0], rows[0].account_id
    purpose, mode, hours = MANNER[row.kind_id.code]
    lead = _member(file, day, lambda member: member.is_lead) or file.user_id
    people = lead
    if row.performer == "role":
        lead = people = _member(file, day, lambda member: member.role_id == row.role_id)
    elif row.performer == "executive":
        people |= file.executive_sponsor_id or story.users["wuyue"]
    if not lead:
        return None, {}
    if mode == "onsite" and purpose == "regular" and story.random.random() < 0.25:
        mode = "video"
    start = moment(story, day, story.random.choice((9, 10, 14, 15)))
    contacts = file.partner_id.child_ids.filtered(lambda p: p.type == "contact")[:1]
    return lead.login, {
        "account_id": file.id,
        "also_account_ids": [Command.set((rows.account_id - file).ids)],
        "purpose": purpose,
        "purpose_id": story.ref(f"kam_visit_purpose_{purpose}").id,
        "mode_id": story.ref(f"kam_visit_mode_{mode}").id,
        "start": start,
        "stop": start + timedelta(hours=hours),
        "user_id": lead.id,
        "participant_ids": [Command.set(people.ids)],
        "contact_ids": [Command.set(contacts.ids)],
        "location": file.partner_id.city if mode == "onsite" else False,
    }


def _member(file, day, matching):
    """Who of the team it was on a day."""
    return file.member_ids.filtered(
        lambda member: (
            matching(member)
            and member.date_from <= day
            and (not member.date_to or member.date_to >= day)
        )
    )[:1].user_id
