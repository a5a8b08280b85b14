"""Deals registered and pursued: Lingfeng protected, a collision, one released, one with
a partner."""

from datetime import timedelta

from odoo import Command

from ..policy.periods import add_months

SCOPES = {
    "doors": ("Door Operators", "门机"),
    "cabinets": ("Control Cabinets", "控制柜"),
    "machines": ("Traction Machines", "曳引机"),
    "rails": ("Guide Rails", "导轨"),
    "sets": ("Complete Sets", "大配套"),
}
# Opportunity by customer and part of its title: project, scopes
DEALS = (
    ("lingfeng", "门机首批供货", "Door operators, new series 新系列门机", "doors"),
    ("anju", "安居花园", "Anju Gardens, 24 lifts 安居花园24台", "sets"),
    ("haitang", "别墅梯门机", "Villa lifts 别墅梯", "doors"),
    ("jiangcheng", "地铁7号线", "Metro line 7 地铁7号线", "sets"),
    ("tianheng_vietnam", "海防三号线", "Haiphong line 3 海防三号线", "doors"),
)
# Steps: what, who, planned in days, done in days or None
LINGFENG = (
    ("Meet the head of purchasing 拜访采购总监", "zhoumin", -110, -112),
    ("Noise test at their laboratory 在客户实验室做噪音测试", "tangrui", -60, -58),
    ("Send 20 samples 送样20台", "zhoumin", -9, -9),
    ("Answer the price questionnaire 回复询价问卷", "zhoumin", -4, None),
    ("Factory audit by their quality 客户质量来厂审核", "gaojie", 21, None),
)


def load(story):
    story.ref("group_kam_area_pursuit")._kam_switch_on()
    _scopes(story)
    _deals(story)
    lingfeng = _lingfeng(story)
    _collision(story)
    _lapsed(story)
    _cooperative(story)
    _quiet(story)
    return f"{lingfeng.number} protected until {lingfeng.protected_until}, a collision, one lapsed"


def _scopes(story):
    model = story.as_user("admin")["kam.product.scope"]
    model = model._with_policy_reason("What we sell, as our people say it 产品范围")
    story.scopes = {}
    for number, (key, (english, chinese)) in enumerate(SCOPES.items(), start=1):
        scope = model.create({"name": english, "sequence": number, "color": number})
        scope.with_context(lang="zh_CN").name = chinese
        story.scopes[key] = scope.with_env(story.env)


def lead(story, key, title):
    """The opportunity of a customer whose title holds some words."""
    domain = [("partner_id", "=", story.partners[key].id), ("name", "like", title)]
    return story.env["crm.lead"].search(domain, limit=1)


def _deals(story):
    keruite = story.env["res.partner"].search([("name", "like", "Keruite")], limit=1)
    for key, title, project, scope in DEALS:
        deal = lead(story, key, title)
        deal.write(
            {"kam_project": project, "kam_scope_ids": [Command.set(story.scopes[scope].ids)]}
        )
        if key == "lingfeng" and keruite:
            deal.kam_competitor_ids = keruite


def _apply(story, login, deal, objective, step):
    pursuit = story.as_user(login)["kam.pursuit"].create(
        {"lead_id": deal.id, "objective": objective, "first_step": step}
    )
    pursuit.action_apply()
    return pursuit


def _register(story, pursuit):
    pursuit.with_env(story.as_user("linfang")).action_register()


def _plan(story, pursuit, login, **values):
    pursuit.with_env(story.as_user(login)).write(
        {
            "kind": "breakthrough",
            "mode": "own",
            "budget": 120_000,
            "indicator_ids": [
                Command.create({"name": "Share of their purchases 采购份额", "target": "30 %"}),
                Command.create({"name": "Sales in the first year 首年销售额", "target": "800 万"}),
            ],
            "member_ids": [
                Command.create(
                    {"user_id": story.users["tangrui"].id, "role": "Technical proposal 技术方案"}
                ),
                Command.create({"user_id": story.users["gaojie"].id, "role": "Quality 质量"}),
            ],
            **values,
        }
    )


def _approve(story, pursuit, login, word):
    story.env.flush_all()
    request = pursuit.sudo()._approval_request()
    request.with_env(story.as_user(login)).action_approve(word)
    story.env.invalidate_all()


def _lingfeng(story):
    """Registered so that its protection ends in 45 days; approved; one step overdue."""
    deal = lead(story, "lingfeng", "门机首批供货")
    pursuit = _apply(
        story,
        "zhoumin",
        deal,
        "Become second source of door operators by spring 明春成为门机第二供应商",
        "Meet the head of purchasing 拜访采购总监",
    )
    _register(story, pursuit)
    _plan(
        story,
        pursuit,
        "zhoumin",
        background="Served by Keruite, whose contract ends in spring; their engineers want less "
        "noise 现由科锐特供货，合同明春到期；技术部门希望降低噪音",
    )
    own = pursuit.with_env(story.as_user("zhoumin"))
    own.action_submit()
    _approve(story, pursuit, "wuyue", "Go on, samples first 同意，先送样")
    _steps(story, own)
    own.write(
        {
            "problem_ids": [
                Command.create(
                    {
                        "problem": "Their controller speaks another protocol 客户控制器协议不同",
                        "name": "Adapter board from Technology 由技术中心做转接板",
                        "user_id": story.users["tangrui"].id,
                        "date_due": story.today + timedelta(days=12),
                        "pursuit_kind": "solution",
                    }
                )
            ]
        }
    )
    _reports(story, pursuit)
    until = story.today + timedelta(days=45)
    since = add_months(until, -6)
    pursuit.sudo()._as_engine().write(
        {
            "applied_on": since - timedelta(days=1),
            "registered_on": since,
            "protected_from": since,
            "protected_until": until,
            "last_progress_on": story.ago(9),
        }
    )
    entry = story.as_user("linfang")["kam.pursuit.tracking"].create(
        {"pursuit_id": pursuit.id, "name": "Where is the price questionnaire? 询价问卷进展？"}
    )
    entry.with_env(
        story.as_user("zhoumin")
    ).feedback = "Waits for the rebate table from Commercial 等商务部的返利表"
    return pursuit


def _steps(story, pursuit):
    pursuit.progress_ids.sudo()._as_engine().unlink()
    for name, login, due, done in LINGFENG:
        # By the engine: what was planned long ago is nobody's news today.
        step = (
            story.env["kam.action"]
            ._as_engine()
            .create(
                {
                    "name": name,
                    "pursuit_id": pursuit.id,
                    "user_id": story.users[login].id,
                    "date_due": story.ago(-due),
                }
            )
        )
        if done is not None:
            step.with_env(story.as_user(login)).action_done()
            day = story.ago(-done)
            step.sudo()._as_engine().write(
                {"done_on": f"{day} 06:00:00", "is_on_time": done <= due}
            )


def _reports(story, pursuit):
    """Every step that is over was reported on, but the last one."""
    engine = story.env["kam.pursuit"]._as_engine()
    engine._ask_reports(story.company, story.today)
    for report in pursuit.sudo().report_ids.sorted("date_due"):
        if report.action_id.state != "done" or report.date_due > story.today:
            continue
        own = report.with_env(story.as_user(report.user_id.login))
        own.text = "Reached as planned; they ask for the next step 按计划完成，客户要求下一步"
        own.action_report()
        report._as_engine().write(
            {"reported_on": report.date_due - timedelta(days=2), "is_reported_late": False}
        )


def _collision(story):
    """He Tao met Lingfeng at a fair and applies, too: the office will see why not."""
    deal = story.as_user("hetao")["crm.lead"].create(
        {
            "name": "Lingfeng door operators, fair contact 凌峰门机（展会）",
            "type": "opportunity",
            "partner_id": story.partners["lingfeng"].id,
            "user_id": story.users["hetao"].id,
            "company_id": story.company.id,
            "expected_revenue": 5_000_000,
            "kam_project": "Door operators 新系列门机",
            "kam_scope_ids": [Command.set(story.scopes["doors"].ids)],
        }
    )
    _apply(
        story,
        "hetao",
        deal,
        "First order of 300 door operators 首单300台门机",
        "Visit their purchasing 拜访采购部",
    )


def _lapsed(story):
    """Registered 75 days ago, silent ever since."""
    deal = lead(story, "haitang", "别墅梯门机")
    login = deal.user_id.login
    pursuit = _apply(
        story,
        login,
        deal,
        "Small door operators for villas 别墅梯小门机",
        "Show the prototype 展示样机",
    )
    _register(story, pursuit)
    day = story.ago(75)
    pursuit.sudo()._as_engine().write(
        {
            "applied_on": day,
            "registered_on": day,
            "protected_from": day,
            "protected_until": add_months(day, 6),
            "last_progress_on": day,
            "warned_on": story.ago(45),
        }
    )
    story.env["kam.pursuit"]._as_engine()._release_silent(story.company, story.today)


def _cooperative(story):
    """With an installer: the executive agreed, the general manager is asked."""
    installer = story.env["res.partner"].create(
        {"name": "Wanjia Installation 皖嘉安装", "is_company": True, "city": "Hefei"}
    )
    deal = lead(story, "anju", "安居花园")
    login = deal.user_id.login
    pursuit = _apply(
        story,
        login,
        deal,
        "Deliver and install in one contract 供货安装一体",
        "Agree the split of work 商定分工",
    )
    _register(story, pursuit)
    _plan(
        story,
        pursuit,
        login,
        kind="business",
        mode="cooperative",
        cooperation_partner_ids=[Command.set(installer.ids)],
        budget=30_000,
        background="Anju wants one contract partner; we do not install 客户只签一家，我方不做安装",
    )
    pursuit.with_env(story.as_user(login)).action_submit()
    _approve(story, pursuit, "wuyue", "Good partner 合作方可靠")


def _quiet(story):
    """Told and read."""
    notices = story.env["kam.notice"].search(
        [("topic", "in", ("pursuit", "pursuit_tracking")), ("sent_on", "=", False)]
    )
    notices._as_engine().write({"sent_on": f"{story.ago(1)} 01:00:00"})
