"""What is known of the customers: profiles, insights, service packs, one deviation."""

from datetime import date, timedelta

from odoo import Command

from ..policy.periods import add_months
from .accounts import account

HOTLINE = "400 881 0571"
TIANHENG = {
    "legal_representative": "Shen Guodong 沈国栋",
    "business_scope": "Passenger and freight lifts, escalators 客梯、货梯、扶梯",
    "organisation": "Purchasing centre buys for all plants; each plant has its own quality "
    "department 采购中心统一采购，各工厂自设质量部",
    "decision_process": "Technology tests, purchasing centre compares, board decides above "
    "5 million 技术验证 → 采购比价 → 500万以上报董事会",
    "communication_channel": "Weekly call, WeChat group per plant 周例会、各工厂微信群",
    "business_scale": "3.2 billion a year, 4 100 people, 3 plants 年营收32亿，4100人，三个工厂",
    "main_products": "High-rise lifts, metro escalators 高层电梯、地铁扶梯",
    "market_share": 7.5,
    "background": "State-invested group, listed 国资参股上市集团",
    "positioning": "Largest customer for doors; joint development 门机第一大客户，联合开发",
    "strategy_plan": "Second plant in Vietnam; modernisation business to double in three years "
    "越南二期，三年内改造业务翻番",
    "customer_goals": "Quieter doors, delivery within 15 days 更静音的门机，15天交付",
    "purchase_need": "Door operators, control cabinets, traction machines 门机、控制柜、主机",
    "purchase_frequency": "monthly",
    "purchase_budget": 70_000_000,
    "purchase_criteria": "Quality 50, price 30, delivery 20 质量50、价格30、交期20",
    "delivery_cycle": 18,
    "delivery_method": "By truck to each plant, twice a week 每周两次送货到各工厂",
    "cooperation_history": "Frame contracts since 2019; no stop of a line because of us "
    "自2019年签框架合同，未因我方停线",
}
RUISHENG = {
    "legal_representative": "Dr. Anna Keller",
    "business_scope": "Lifts and components worldwide 全球电梯及部件",
    "organisation": "Sourcing in Stuttgart, engineering in Shanghai 斯图加特采购，上海研发",
    "decision_process": "Engineering approval, then sourcing committee 研发认可后由采购委员会决定",
    "communication_channel": "Video call every second week 双周视频会",
    "business_scale": "EUR 5.1 billion, 30 000 people 年营收51亿欧元",
    "main_products": "Lifts for hotels and hospitals 酒店、医院电梯",
    "market_share": 11.0,
    "strategy_plan": "Second source for every component in Asia 亚洲部件双供应源",
    "customer_goals": "Trial of a new door operator this year 年内试制新门机",
    "purchase_need": "Cabinets, door operators 控制柜、门机",
    "purchase_frequency": "quarterly",
    "purchase_budget": 40_000_000,
    "purchase_criteria": "Certificates, total cost 认证与总成本",
    "delivery_cycle": 35,
    "delivery_method": "Sea freight, CIF Hamburg 海运，CIF汉堡",
    "cooperation_history": "Started with cabinets; first EUR frame two years ago "
    "从控制柜起步，两年前签首份欧元框架",
}
# Begun and left: what Zhou Min knows so far.
PARTLY = {
    "beichen": {"legal_representative": "Fan Li 范立", "purchase_need": "Complete sets 大配套"},
    "dingchuan": {"business_scale": "800 million 8亿", "main_products": "Home lifts 家用梯"},
    "hongyue": {"cooperation_history": "Also through Linhai 部分经临海采购"},
}
CHANNELS = {
    "tianheng": "sales_team",
    "ruisheng": "exhibition",
    "lingfeng": "industry_report",
    "qilan": "referral",
}
REFERRERS = {"qilan": "linhai"}
# customer, months since the profile was last looked at
REVIEWED = {"tianheng": 1, "ruisheng": 3, "beichen": 9, "dingchuan": 8, "hongyue": 2}
# What the lead account managers found out this year: customer, subject, needs, pain points
NEEDS = (
    ("changfeng", "Cabinets for cold regions 寒区控制柜",
     "Starts at 30 degrees below zero 零下30度可启动", "Lifts stop in winter 冬季停梯"),
    ("tianheng_suzhou", "Weekly deliveries to the line 苏州线每周直送",
     "Stock of two weeks at the plant 工厂两周库存", "Space in the warehouse 仓库面积不足"),
    ("dingchuan", "Home lifts: smaller machine 家用梯小型主机",
     "Below 250 mm wide 宽度250毫米以内", "Noise in living rooms 客厅噪音"),
    ("jiangcheng", "Metro: spare parts within a day 地铁备件24小时到货",
     "Store near line 7 七号线附近备件库", "Night shifts wait for parts 夜班等件"),
    ("yuhua", "Complete sets for old houses 旧楼加装成套",
     "One delivery per shaft 每井道一次到货", "Narrow sites, no crane 现场狭窄无吊机"),
    ("tianheng_tianjin", "Doors for freight lifts 货梯门机",
     "Opening width of 2.4 m 开门宽2.4米", "Fork-lifts damage sills 叉车损坏地坎"),
    ("tianheng_chengdu", "Machines for the hospital project 医院项目主机",
     "40 machines by summer 夏季前40台", "Buys a part from Keruite 部分向科锐特采购"),
    ("jiangcheng_equipment", "Escalator sets with certificates 扶梯成套及认证",
     "Type certificates with the offer 报价附型式认证", "Audits take three months 审核需三个月"),
    ("lingfeng", "Second source of doors 门机第二供应源",
     "Trial of 20 sets 试用20套", "One supplier only 单一供应商"),
    ("tianheng_vietnam", "Sea-proof packing 海运包装",
     "Papers in English and Vietnamese 英越双语资料", "Rust after six weeks at sea 海运六周后生锈"),
)  # fmt: skip
MARKET = (
    ("Property market and new lifts 房地产与新梯市场",
     "<p>Starts of housing down 9 %, public buildings stable 住宅新开工降9%，公建平稳</p>"),
    ("Modernisation programme 老旧电梯更新政策",
     "<p>Subsidies renewed in eleven provinces 十一省延续更新补贴</p>"),
    ("Prices of steel and magnets 钢材与磁材价格",
     "<p>Magnets +14 %: machines dearer by 2 % 磁材涨14%，主机成本增2%</p>"),
)  # fmt: skip


def load(story):
    _hotlines(story)
    profiles = _profiles(story)
    insights = _insights(story)
    _service(story)
    return f"{profiles} profiles, {insights} insights, a deviation from a service pack"


def _hotlines(story):
    packs = story.as_user("admin")["kam.service.pack"].search([])
    packs._with_policy_reason("Hotline of after-sales 售后热线").write({"hotline": HOTLINE})
    keruite = story.env["res.partner"].search([("name", "like", "Keruite")], limit=1)
    keruite.category_id = [Command.link(story.ref("kam_partner_category_competitor").id)]
    story.partners["keruite"] = keruite


def _own(story, key):
    """The file as its lead account manager reaches it."""
    file = account(story, key)
    return file.with_env(story.env(user=file.user_id, su=False))


def _profiles(story):
    profiles = {"tianheng": TIANHENG, "ruisheng": RUISHENG, **PARTLY}
    for key, values in profiles.items():
        _own(story, key).write(values)
    for key, code in CHANNELS.items():
        _own(story, key).source_channel_id = story.ref(f"kam_source_channel_{code}")
    for key, referrer in REFERRERS.items():
        _own(story, key).referrer_id = story.partners[referrer]
    # Files are as old as the story, not as its loading.
    files = story.env["kam.account"].search([])._as_engine()
    files.write({"opened_on": story.go_live})
    never = account(story, "nanyuan")
    dated = {file: 4 for file in files - never if file.is_key_account}
    dated.update({account(story, key): months for key, months in REVIEWED.items()})
    for file, months in dated.items():
        file._as_engine().write(
            {
                "profile_reviewed_on": add_months(story.today, -months),
                "profile_reviewed_by_id": file.user_id.id,
            }
        )
    return len(profiles)


def _insights(story):
    keruite = story.partners["keruite"].id
    rows = (
        ("needs", "zhoumin", "tianheng", 40, "Quieter doors for hospitals 医院用静音门机",
         {"needs": "Below 45 dB 低于45分贝", "pain_points": "Night-time complaints 夜间投诉"}),
        ("competitor", "zhoumin", "tianheng", 60, "Keruite supplies Chengdu 科锐特供成都厂",
         {"competitor_id": keruite, "product": "Door operators 门机", "share": 30.0,
          "opinion": "Cheaper by 6 %, twice the failures 便宜6%，故障率两倍"}),
        ("competitor", "hetao", "ruisheng", 90, "Keruite offered a trial 科锐特已送样",
         {"competitor_id": keruite, "product": "Door operators 门机", "share": 10.0,
          "opinion": "Certificates missing 缺认证"}),
        ("rd_input", "zhoumin", "tianheng", 25, "Door operator without oil 免润滑门机",
         {"description": "<p>Wanted by all three plants 三个工厂均有需求</p>"}),
        ("intelligence", "zhoumin", "lingfeng", 15, "Keruite out in spring 科锐特合同明春到期",
         {"description": "<p>Heard from purchasing 采购透露</p>"}),
        ("success", "zhoumin", None, 120, "How Hongyue became a key account 宏樾晋级案例",
         {"description": "<p>Samples within a week, engineer on site 一周送样，工程师驻场</p>"}),
        ("lesson", "hetao", None, 200, "Taiyue: lost on price 泰岳：价格丢单教训",
         {"description": "<p>We heard of the price round too late 得知招标过晚</p>"}),
        ("market", "linfang", None, 20, "Lift market this quarter 本季度电梯市场调研",
         {"description": "<p>Modernisation +18 %, new lifts down 7 % 改造增18%，新梯降7%</p>"}),
    )  # fmt: skip
    count = 0
    for kind, login, key, ago, name, values in rows:
        _insight(story, kind, login, key, ago, name, values).action_confirm()
        count += 1
    count += _needs_of_the_year(story) + _market_of_the_year(story)
    _analysis(story, keruite)
    _insight(
        story, "needs", "hetao", "ruisheng", 5, "Documents in three languages 三语文件",
        {"needs": "Manuals in German and English 德英文手册"},
    )  # fmt: skip
    return count + 2


def _needs_of_the_year(story):
    """Asked by the lead account manager, spread over the year until now."""
    days = (story.today - date(story.today.year, 1, 1)).days
    for number, (key, name, needs, pain_points) in enumerate(NEEDS):
        ago = days * (len(NEEDS) - number) // (len(NEEDS) + 1)
        values = {"needs": needs, "pain_points": pain_points}
        login = account(story, key).user_id.login
        _insight(story, "needs", login, key, ago, name, values).action_confirm()
    return len(NEEDS)


def _market_of_the_year(story):
    """By the office, once for each quarter that is over, for both companies."""
    count = 0
    start = date(story.last_january.year, 1, 1)
    while add_months(start, 3) <= story.today:
        name, text = MARKET[count % len(MARKET)]
        ago = (story.today - add_months(start, 2)).days - 10
        for company in (story.company, story.international):
            _insight(
                story, "market", "linfang", None, ago, name, {"description": text}, company
            ).action_confirm()
        count += 1
        start = add_months(start, 3)
    return 2 * count


def _insight(story, kind, login, key, ago, name, values, company=None):
    return story.as_user(login, company)["kam.insight"].create(
        {
            "name": name,
            "kind_id": story.ref(f"kam_insight_kind_{kind}").id,
            "account_id": account(story, key).id if key else False,
            "date": story.today - timedelta(days=ago),
            **values,
        }
    )


def _analysis(story, keruite):
    texts = {
        "product": (
            "Simple door operator 简易门机",
            "Quiet, no oil 静音免油",
            "Prototype ready 样机就绪",
        ),
        "quality": ("0.8 % failures 故障率0.8%", "Below 0.3 % 低于0.3%", "0.25 %"),
        "price": (
            "6 % cheaper 低6%",
            "Price round each year 年度议价",
            "Rebate by volume 按量返利",
        ),
        "delivery": ("25 days 25天", "15 days 15天", "18 days 18天"),
    }
    rows = [
        Command.create(
            {
                "aspect_id": story.ref(f"kam_insight_aspect_{code}").id,
                "competitor": competitor,
                "customer": customer,
                "us": us,
            }
        )
        for code, (competitor, customer, us) in texts.items()
    ]
    analysis = _insight(
        story, "analysis", "zhoumin", "tianheng", 30, "Tianheng: where we stand 天衡：我方位置",
        {
            "leader_id": story.users["zhoumin"].id,
            "participant_ids": [
                Command.set([story.users[x].id for x in ("tangrui", "gaojie", "fengkai")])
            ],
            "needs": "Quiet doors, short delivery 静音、短交期",
            "behaviour": "Yearly price round, monthly call-offs 年度议价、月度下单",
            "market_demand": "Modernisation grows 旧梯改造增长",
            "strengths": "Resident representative 驻厂代表",
            "weaknesses": "Delivery from one plant only 单一工厂供货",
            "competitor_id": keruite,
            "share": 30.0,
            "value_score": 92,
            "potential_score": 78,
            "strategy": "Joint development of the quiet door operator 联合开发静音门机",
            "service_plan": "Stock at the Suzhou plant 苏州工厂寄售库存",
            "comparison_ids": rows,
        },
    )  # fmt: skip
    analysis.action_confirm()


def _service(story):
    """Key accounts without a pack of their level get the one agreed with them."""
    office = story.as_user("linfang")
    packs = {"key": "l2", "main": "l3"}
    files = office["kam.account"].search([("service_pack_id", "=", False)])
    for code, pack in packs.items():
        held = files.filtered(lambda a, c=code: a.tier_id.code == c and a.state != "lost")
        held.write({"service_pack_id": story.ref(f"kam_service_pack_{pack}").id})
    tianheng = _own(story, "tianheng")
    tianheng.service_plan = (
        "Stock at the Suzhou plant, inspection twice a year 苏州寄售库存，半年巡检"
    )
    story.as_user("zhoumin")["kam.service.deviation"].create(
        {
            "account_id": tianheng.id,
            "item_id": tianheng.service_pack_id.item_ids.filtered(
                lambda i: i.kind == "maintenance"
            )[:1].id,
            "name": "Inspection twice a year 每半年巡检一次",
            "reason": "Agreed in the frame contract 框架合同约定",
            "date_from": add_months(story.today, -10),
        }
    )
