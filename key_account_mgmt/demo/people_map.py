"""Who decides at the customers, and what our departments ask of each other."""

from contextlib import contextmanager
from datetime import datetime, time, timedelta

from .accounts import account

SILENT = "key_account_mgmt.silent"
# key: name, function, role, attitude, influence, strength, our owner, reports to, and more
TIANHENG = {
    "gu": ("Gu Chengzhi 顾承志", "Chairman 董事长", "decision_maker", "supporter", "5", "3",
           "zhaocheng", None, {
               "position_type": "executive",
               "criteria": "A supplier who is still there in ten years 十年后仍在的供应商",
               "authority": "5", "organising": "4"}),
    "jiang": ("Jiang Ting 江婷", "Chairman's Office 董事长办公室", "gatekeeper", "supporter",
              "3", "4", "zhoumin", "gu", {"position_type": "office_head"}),
    "meng": ("Meng Yuhan 孟雨涵", "Vice President Procurement 采购副总裁", "decision_maker",
             "neutral", "5", "3", "chenli", "gu", {
                 "position_type": "executive", "authority": "4",
                 "criteria": "Total cost and one frame price for all plants 总成本与统一框架价"}),
    "shen": ("Shen Kaiyuan 沈开元", "Chief Engineer 总工程师", "technical_executive",
             "supporter", "4", "4", "tangrui", "gu", {
                 "department": "Technology Centre 技术中心",
                 "duties": "Releases new types 新型号准入",
                 "criteria": "Noise, safety margin, certificates 噪声、安全裕度、认证"}),
    "tan": ("Tan Guoqiang 谭国强", "Production Director 生产总监", "influencer", "opponent",
            "4", "1", "zhoumin", "gu", {
                "criteria": "Delivery on the hour; two late lots 准时交付；春季两次延误"}),
    "lu": ("Lu Jian 陆健", "Purchasing Director 采购总监", "buyer", "neutral", "3", "4",
           "zhoumin", "meng", {}),
    "xie": ("Xie Min 谢敏", "Purchasing Manager 采购经理", "buyer", "sceptic", "2", "2",
            "zhoumin", "lu", {}),
    "fan": ("Fan Wei 范伟", "R&D Director 研发总监", "champion", "sponsor", "3", "5",
            "zhoumin", "shen", {"department": "Door Systems 门系统"}),
    "peng": ("Peng Zhou 彭舟", "Quality Manager 质量经理", "quality", "neutral", "3", "3",
             "gaojie", "shen", {}),
    "song": ("Song Lin 宋琳", "Maintenance Engineer 维保工程师", "user", "supporter", "1", "3",
             "liangjing", "tan", {}),
}  # fmt: skip
OTHERS = {
    "tianheng_vietnam": {
        "hung": ("Nguyen Van Hung 阮文雄", "Plant Manager 工厂经理", "decision_maker", "neutral",
                 "4", "2", "zhoumin", None, {"criteria": "Delivery to Haiphong 海防交货期"}),
        "lan": ("Tran Thi Lan 陈氏兰", "Purchasing 采购", "buyer", "supporter", "2", "3",
                "zhoumin", "hung", {}),
    },
    # One contact only: warned about, on the file and on its large opportunities.
    "ruisheng": {
        "brandt": ("Klaus Brandt 克劳斯·布兰特", "Head of Global Sourcing 全球采购总监", "buyer",
                   "supporter", "4", "3", "hetao", None, {}),
    },
    "jiangcheng": {
        "wan": ("Wan Zhengguo 万正国", "Deputy General Manager 副总经理", "decision_maker",
                "neutral", "5", "2", "chenli", None, {
                    "position_type": "official",
                    "criteria": "Tender rules and local service 招标规则与本地服务"}),
        "ke": ("Ke Hong 柯红", "Chair of the Union 工会主席", "key_person", "supporter", "3",
               "4", "zhoumin", "wan", {"position_type": "union_chair", "organising": "5"}),
        "yan": ("Yan Bo 严博", "Equipment Department 设备部", "technical", "sceptic", "3", "2",
                "tangrui", "wan", {"department": "Equipment 设备部"}),
    },
}  # fmt: skip


def load(story):
    people = _people(story)
    requests = _requests(story)
    return f"{people} stakeholders, {requests} requests"


def _people(story):
    known = _map(story, "tianheng", "zhoumin", TIANHENG)
    count = len(known)
    for key, people in OTHERS.items():
        login = "hetao" if key == "ruisheng" else "zhoumin"
        count += len(_map(story, key, login, people))
    # The head's procurement decides for the plant abroad, too.
    story.as_user("zhoumin")["kam.stakeholder"].create(
        {
            "account_id": account(story, "tianheng_vietnam").id,
            "partner_id": known["meng"].partner_id.id,
            "role_id": story.ref("kam_stakeholder_role_influencer").id,
            "attitude": "neutral",
            "influence": "4",
        }
    )
    known["fan"].with_env(
        story.as_user("zhoumin")
    ).private_note = "Plays badminton; daughter studies in Hangzhou 喜欢羽毛球；女儿在杭州读书"
    return count + 1


def _map(story, key, login, people):
    """``{key: stakeholder}`` of one account, entered by its manager."""
    contacts = story.env["res.partner"].create(
        [
            {
                "name": name,
                "function": function,
                "parent_id": story.partners[key].id,
                "type": "contact",
            }
            for name, function, *_rest in people.values()
        ]
    )
    stakeholders = story.as_user(login)["kam.stakeholder"].create(
        [
            {
                "account_id": account(story, key).id,
                "partner_id": contact.id,
                "role_id": story.ref(f"kam_stakeholder_role_{role}").id,
                "attitude": attitude,
                "influence": influence,
                "strength": strength,
                "owner_id": story.users[owner].id,
                **more,
            }
            for contact, (_name, _function, role, attitude, influence, strength, owner, _boss, more)
            in zip(contacts, people.values(), strict=True)
        ]
    )  # fmt: skip
    known = dict(zip(people, stakeholders, strict=True))
    for short, person in people.items():
        if person[7]:
            known[short].reports_to_id = known[person[7]]
    return known


def _requests(story):
    with _silence(story):
        return len(
            _trial(story)
            | _overdue_promise(story)
            | _overdue_wish(story)
            | _emergency(story)
            | _to_confirm(story)
        )


@contextmanager
def _silence(story):
    """What happened long ago is told to nobody today."""
    parameters = story.env["ir.config_parameter"]
    before = parameters.get_param(SILENT)
    parameters.set_param(SILENT, "True")
    yield
    waiting = story.env["kam.notice"]._as_engine().search([("res_model", "=", "kam.request")])
    for own in waiting.filtered(lambda one: not one.sent_on).grouped("user_id").values():
        own._send()
    parameters.set_param(SILENT, before)


def _ask(story, login, kind, customer, name, **values):
    return story.as_user(login)["kam.request"].create(
        {
            "name": name,
            "kind_id": story.ref(f"kam_request_kind_{kind}").id,
            "account_id": account(story, customer).id,
            **values,
        }
    )


def _by(story, request, login):
    return request.with_env(story.as_user(login))


def _department(story, english):
    return story.env["kam.department"].search([("name", "=", english)], limit=1).id


def _happened(story, request, **ago):
    """Days on which it happened, as so many days before today; a minus: to come."""
    story.env.flush_all()
    values = {}
    for name, days in ago.items():
        day = story.ago(days)
        is_day = request._fields[name].type == "date"
        values[name] = day if is_day else datetime.combine(day, time(2, 15))
    columns = ", ".join(f"{name} = %s" for name in values)
    story.env.cr.execute(
        f"UPDATE kam_request SET {columns} WHERE id = %s",
        [*values.values(), request.id],
    )
    story.env.invalidate_all()


def _trial(story):
    """A new door operator for Ruisheng: failed once, passed, verified on site, closed."""
    lead = story.env["crm.lead"].search([("name", "like", "Trial production%")], limit=1)
    request = _ask(
        story, "hetao", "trial", "ruisheng",
        "Trial production of the new door operator 新门机试制",
        lead_id=lead.id,
        user_id=story.users["tangrui"].id,
        quality_user_id=story.users["gaojie"].id,
        product="Door operator YT-D9 门机 YT-D9",
        quantity=6,
        description="Six pieces for the test tower in Stuttgart 6台，用于斯图加特试验塔",
    )  # fmt: skip
    today = story.today
    _by(story, request, "tangrui")._accept(today + timedelta(days=20))
    quality = _by(story, request, "gaojie")
    quality._pass_gate("failed", today, "Closing force 8 % above the limit 关门力超限8%")
    quality._pass_gate("passed", today, "All 26 points within tolerance 26项全部合格")
    _by(story, request, "tangrui")._answer(
        "Six pieces left the works with test sheets 6台已附检测报告发出"
    )
    mine = _by(story, request, "hetao")
    mine._verify_on_site(
        "passed", today, "120 000 cycles in the test tower without a fault 试验塔12万次无故障"
    )
    mine.action_confirm()
    _happened(
        story, request, create_date=84, date_wanted=55, date_promised=58, date_due=58,
        accepted_on=83, gate_date=64, answered_on=60, answered_day=60, site_date=25,
        closed_on=24,
    )  # fmt: skip
    story.env.cr.execute("UPDATE kam_request SET response_days = 24 WHERE id = %s", [request.id])
    return request.sudo()


def _overdue_promise(story):
    """Promised, and a week late."""
    request = _ask(
        story, "zhoumin", "solution", "tianheng_suzhou",
        "Noise calculation for the doors of plant 2 二厂门机噪声计算",
        user_id=story.users["tangrui"].id,
    )  # fmt: skip
    _by(story, request, "tangrui")._accept(story.today)
    _happened(
        story, request, create_date=19, date_wanted=9, accepted_on=18, date_promised=7, date_due=7
    )
    return request.sudo()


def _overdue_wish(story):
    """Nobody of the department has taken it."""
    request = _ask(
        story, "liangjing", "feedback", "hongyue",
        "Spare-part list of the coastal towers is missing 滨海大厦备件清单缺失",
        department_id=_department(story, "Commercial"),
    )  # fmt: skip
    _happened(story, request, create_date=10, date_wanted=4, date_due=4)
    return request.sudo()


def _emergency(story):
    request = _ask(
        story, "sunqian", "emergency", "tianheng",
        "Line stopped: 40 door operators blocked 产线停线：40台门机锁定",
        department_id=_department(story, "Quality"),
        date_wanted=story.today,
    )  # fmt: skip
    _by(story, request, "gaojie")._accept(story.today)
    return request.sudo()


def _to_confirm(story):
    """Answered yesterday; whoever asked has not confirmed yet."""
    request = _ask(
        story, "zhoumin", "resource", "jiangcheng",
        "Certificates and two engineers for the line 7 tender 7号线资质文件与两名工程师",
        user_id=story.users["fengkai"].id,
    )  # fmt: skip
    commercial = _by(story, request, "fengkai")
    commercial._accept(story.today)
    commercial._answer("Certificates in the tender folder; Tang Rui and one more on Monday")
    _happened(
        story, request, create_date=6, date_wanted=1, accepted_on=5, date_promised=1, date_due=1,
        answered_on=1, answered_day=1,
    )  # fmt: skip
    story.env.cr.execute("UPDATE kam_request SET response_days = 5 WHERE id = %s", [request.id])
    return request.sudo()
