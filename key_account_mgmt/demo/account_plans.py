"""Plans: Lingfeng to be won, a cooperation with Tianheng revised once, the year's marketing;
target accounts, product generations, a campaign, the work of the year."""

from datetime import date, datetime, time, timedelta

from odoo import Command

from .accounts import account

# what, who, due in days, done so many days after that or None
LINGFENG = (
    ("First visit to the head of purchasing 首次拜访采购总监", "zhoumin", -90, 0),
    ("Analyse needs and competitors 需求与竞争对手分析", "zhoumin", -60, 4),
    ("Present the silent door operator 介绍静音门机方案", "tangrui", -30, -2),
    ("Samples on two sites 两个现场送样", "tangrui", -4, None),
    ("Negotiate first supply 谈判首批供货", "zhoumin", 60, None),
)
COOPERATION = (
    ("Agree mutual goals 商定共同目标", "zhoumin", -200, 0),
    ("Start the joint development 启动联合开发", "tangrui", -120, 3),
    ("Review with both managements 双方高层回顾", "zhaocheng", 40, None),
)
MARKETING = (
    ("Agree volume and price of the year 商定年度用量与价格", "zhoumin", -150, 2),
    ("Half-year review 半年回顾", "zhoumin", -60, 0),
    ("Forecast of the next year 次年需求预测", "zhoumin", 21, None),
)
RUISHENG = (
    ("Answer the global sourcing questionnaire 全球采购问卷", "hetao", -100, 0),
    ("Second plant approved 第二工厂认可", "hetao", -10, None),
    ("Trial of the new door operator 新门机试制", "tangrui", 45, None),
)
# customer, name, stage
GENERATIONS = (
    ("tianheng", "Door operator QM3 门机QM3", "cooperating"),
    ("tianheng", "Silent door operator QM4 静音门机QM4", "developing"),
    ("tianheng", "Magnetic door drive 磁悬浮门机", "reserve"),
    ("ruisheng", "Control cabinet KC5 控制柜KC5", "cooperating"),
    ("ruisheng", "Control cabinet with remote service KC6 远程服务控制柜KC6", "developing"),
    # Nothing follows: a warning.
    ("beichen", "Complete set DP2 大配套DP2", "cooperating"),
)
POTENTIALS = (72, 66, 58, 63)
# segment, how many leads, sincerity of each
LEADS = (
    ("soe", "State enterprise 国企", (80, 65)),
    ("chamber", "Chamber of commerce 商会", (70,)),
    ("public", "Public body 机关事业单位", (40, 75, 30)),
    ("office", "Office tower 写字楼企业", (20, 55, 62, 10)),
)


def load(story):
    story.ref("group_kam_area_plan")._kam_switch_on()
    plans = _plans(story)
    targets = _targets(story)
    _generations(story)
    leads = _campaign(story)
    _work(story)
    return f"{plans} plans, {targets} target accounts, a campaign with {leads} leads"


def _plans(story):
    _plan(
        story,
        "lingfeng",
        "zhoumin",
        "development",
        LINGFENG,
        (story.ago(100), story.today + timedelta(days=150)),
        name="Win Lingfeng 凌峰开发计划",
        goal_type="win",
        goal="Second supplier of door operators 成为门机第二供应商",
        need="Quiet doors for villa lifts, samples fast 别墅梯静音门机、快速送样",
        solution="Silent door operator with remote service 静音门机及远程服务",
        cooperation_proposal="Trial on two sites, price held a year 两现场试用，价格一年不变",
        expected_result="800 sets a year from the second year 次年起每年800套",
        first_visit_date=story.ago(90),
    )
    cooperation = _plan(
        story,
        "tianheng",
        "zhoumin",
        "cooperation",
        COOPERATION,
        (story.ago(220), story.today + timedelta(days=500)),
        name="Strategic cooperation with Tianheng 天衡战略合作计划",
        cooperation_mode="strategic",
        goal_type="strategic",
        goal="Core supplier of door systems 成为门系统核心供应商",
        mutual_goals="Noise below 50 dB, delivery in 15 days 噪音50分贝以下，15天交付",
        direction="One development team for the next generation 共建下一代联合开发团队",
        initiative_ids=[
            Command.create(
                {
                    "name": "Silent door operator 静音门机联合开发",
                    "kind": "product",
                    "our_part": "Design and prototypes 设计与样机",
                    "their_part": "Test tower 试验塔",
                    "date_due": story.today + timedelta(days=120),
                }
            ),
            Command.create(
                {
                    "name": "Survey of modernisation 旧梯改造市场调研",
                    "kind": "research",
                    "our_part": "Interviews 访谈",
                    "their_part": "Installed base 存量数据",
                }
            ),
        ],
    )
    _revise(story, cooperation)
    first = date(story.today.year, 1, 1)
    for key, login, steps, goal in (
        ("tianheng", "zhoumin", MARKETING, "7 200 万 in the year 全年7200万"),
        ("ruisheng", "hetao", RUISHENG, "3 500 万, second plant 全年3500万，第二工厂供货"),
    ):
        _plan(
            story,
            key,
            login,
            "marketing",
            steps,
            (first, date(story.today.year, 12, 31)),
            name=f"Marketing plan {story.today.year} 年度营销计划",
            goal_type="grow",
            goal=goal,
            strategy="Volume rebate, joint development, stock on site 按量返利、联合开发、寄售",
        )
    return 4


def _plan(story, key, login, kind, steps, days, **texts):
    """A plan confirmed on its first day, its steps done as told."""
    plan = story.as_user(login)["kam.plan"].create(
        {
            "kind": kind,
            "account_id": account(story, key).id,
            "date_from": days[0],
            "date_to": days[1],
            "action_ids": [
                Command.create(
                    {
                        "name": name,
                        "user_id": story.users[who].id,
                        "date_due": story.today + timedelta(days=max(due, 0)),
                    }
                )
                for name, who, due, _done in steps
            ],
            **texts,
        }
    )
    plan.action_confirm()
    moment = datetime.combine(min(days[0], story.today), time(2))
    plan.sudo()._as_engine().confirmed_on = moment
    made = plan.sudo().action_ids.sorted("id")
    for action, (_name, _who, due, done) in zip(made, steps, strict=True):
        if due < 0:
            _date_back(story, action, due, done)
    return plan


def _date_back(story, action, due, done):
    """As if it had been promised for that day, and kept then."""
    day = story.today + timedelta(days=due)
    values = {"date_due": day, "date_due_first": day}
    if done is not None:
        moment = datetime.combine(day + timedelta(days=done), time(7, 30))
        values |= {
            "state": "done",
            "done_on": min(moment, datetime.now()),
            "done_by_id": action.user_id.id,
            "is_on_time": done <= 0,
        }
    action._as_engine().write(values)


def _revise(story, plan):
    """They want the motor in the scope as well; the version before is kept."""
    plan._revise("The motor joins the joint development 电机纳入联合开发")
    plan.write({"direction": "Door and motor from one team 门机与电机一体化联合团队"})
    plan.action_confirm()
    plan.initiative_ids[:1].write({"state": "running", "result": "Prototype 2 样机二"})
    kept = plan.sudo().revision_ids[:1]._as_engine()
    kept.revised_on = datetime.combine(story.ago(70), time(3))


def _targets(story):
    """Analyses of accounts of a low level; the office makes the list of the year."""
    domain = [
        ("company_id", "=", story.company.id),
        ("is_key_account", "=", False),
        ("state", "not in", ("paused", "lost", "blacklisted")),
        ("user_id.login", "in", ("zhoumin", "hetao")),
    ]
    lingfeng = account(story, "lingfeng")
    low = story.env["kam.account"].search(domain) - lingfeng
    _analyse(story, lingfeng, 84)
    for one, potential in zip(low, POTENTIALS, strict=False):
        _analyse(story, one, potential)
    office = story.as_user("linfang")
    targets = office["kam.target.list"].create(
        {
            "year": story.today.year,
            "note": "Potential of the analyses, at least 60 按分析潜力分，60分以上",
        }
    )
    targets.action_propose()
    for line in targets.line_ids:
        line.goal = (
            "First order this year 年内首单"
            if line.account_id == lingfeng.with_env(office)
            else "Key account in two years 两年内成为重点客户"
        )
    targets.action_confirm()
    return len(targets.line_ids)


def _analyse(story, one, potential):
    login = one.user_id.login
    analysis = story.as_user(login)["kam.insight"].create(
        {
            "kind_id": story.ref("kam_insight_kind_analysis").id,
            "account_id": one.id,
            "name": "Potential of the customer 客户潜力分析",
            "date": story.ago(40),
            "leader_id": one.user_id.id,
            "value_score": 55,
            "potential_score": potential,
            "needs": "Door operators and cabinets from one hand 门机与控制柜一站式供应",
        }
    )
    analysis.action_confirm()


def _generations(story):
    for key, name, stage in GENERATIONS:
        file = account(story, key)
        story.as_user(file.user_id.login)["kam.product.generation"].create(
            {"account_id": file.id, "name": name, "stage": stage}
        )


def _campaign(story):
    office = story.as_user("linfang")
    utm = office["utm.campaign"].create({"title": "Lift fair autumn 秋季电梯展"})
    campaign = office["kam.campaign"].create(
        {
            "campaign_id": utm.id,
            "user_id": story.users["hetao"].id,
            "date_from": story.ago(45),
            "date_to": story.today + timedelta(days=45),
            "note": "Small product presentations 小型产品推介会",
        }
    )
    vals_list = [
        {
            "name": f"{label} {number}",
            "type": "lead",
            "partner_name": f"{label} {number}",
            "campaign_id": utm.id,
            "user_id": story.users["hetao"].id,
            "kam_segment_id": story.ref(f"kam_campaign_segment_{code}").id,
            "kam_sincerity": sincerity,
            "kam_purchase_power": 50,
        }
        for code, label, scores in LEADS
        for number, sincerity in enumerate(scores, start=1)
    ]
    story.env["crm.lead"].create(vals_list)
    return campaign.lead_count


def _work(story):
    """The calendar of the year; what nothing measures was ticked in its quarter."""
    plans = story.env["kam.plan"]
    plans._make_calendars(story.company, story.today)
    calendar = story.env["kam.work.calendar"].search(
        [("company_id", "=", story.company.id), ("year", "=", story.today.year)]
    )
    manual = calendar.line_ids.filtered(lambda line: line.measure == "manual")
    manual.user_id = story.users["linfang"]
    done = manual.filtered(lambda line: line.date_due < story.today)
    done.with_env(story.as_user("linfang")).action_done()
    plans._keep_quarters(story.company, story.today)
    plans._draft_next_year(story.company, story.today)
