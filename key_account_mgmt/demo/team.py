"""Who led since when, who serves, a leaver's accounts handed over, what teams still lack."""

from datetime import datetime, time

from odoo import Command

from ..policy.periods import add_months
from .accounts import account
from .people import KAM, SELLER

LEAVER = ("qianwei", "Qian Wei 钱伟", "Account Manager 客户经理")
# What He Tao took over from him
TAKEN = ("nanyuan", "lantian", "ruifeng", "donghai", "canglan")
NOTE = (
    "Leaves for family reasons. Canglan resumes orders after the move; Nanyuan asks for cabinets "
    "for the airport. 因家庭原因离职。沧岚搬厂后恢复下单；南苑有机场控制柜需求。"
)
# Promises that were open then: customer, what, days after today
PROMISES = (
    ("nanyuan", "Offer for the airport cabinets 机场控制柜报价", 6),
    ("canglan", "Delivery plan after the move 搬厂后供货计划", 12),
)
# Files younger than the go-live: months ago
YOUNG = {"qilan": 4, "lingfeng": 6}
DEDICATED = {
    "tianheng": ("resident", "service"),
    "ruisheng": ("technical",),
    "beichen": ("service",),
    "dingchuan": ("quality",),
    "changfeng": ("quality",),
    "yuhua": ("service",),
    "jiayi": ("expert",),
    "nanyuan": ("technical",),
}
# Nobody of after-sales knows the prospect yet: a gap.
UNSERVED = ("lingfeng",)
SERVED_MONTHS = 15
HANDED_OVER = 63  # days ago
# Nobody has looked at this profile since the file was opened.
NEVER_REVIEWED = "nanyuan"
HEADCOUNT = {"manager": 3, "technical": 2, "quality": 2, "service": 2, "resident": 1}


def load(story):
    _finish_old_actions(story)
    _date_leads(story)
    handover = _hand_over(story)
    _serve(story)
    _dedicate(story)
    _review(story)
    _plan_headcount(story)
    story.env.cr.commit()
    story.env["kam.tier.team.rule"]._cron_team_gaps()
    # The demo company has no mail server; its messages stay in Odoo.
    story.env["mail.mail"].search([]).unlink()
    gaps = story.env["kam.team.gap"].search_count([])
    return f"“{handover.name}” {handover.state}, {gaps} team gaps"


def _finish_old_actions(story):
    """The strategies of last January were adjusted long ago."""
    story.env["kam.action"].search([("state", "=", "open")]).action_done()


def _date_leads(story):
    """The paper list said who led; young files are led since they were opened."""
    rows = story.env["kam.team.member"].search([("is_lead", "=", True)])
    rows._as_engine().write({"date_from": story.go_live})
    for key, months in YOUNG.items():
        lead = account(story, key).member_ids.filtered("is_lead")
        lead._as_engine().write({"date_from": add_months(story.today, -months)})


def _hand_over(story):
    """Proposed by the office nine weeks ago, accepted by He Tao, in effect since."""
    login, name, title = LEAVER
    leaver = story.env["res.users"].create(
        {
            "name": name,
            "login": login,
            "lang": "zh_CN",
            "tz": "Asia/Shanghai",
            "company_id": story.company.id,
            "company_ids": [Command.set(story.company.ids)],
            "group_ids": [
                Command.set(
                    [story.env.ref(x).id for x in ("base.group_user", f"{KAM}user", SELLER)]
                )
            ],
            "notification_type": "inbox",
        }
    )
    leaver.partner_id.function = title
    story.users[login] = leaver
    accounts = story.env["kam.account"].union(*(account(story, key) for key in TAKEN))
    rows = accounts.member_ids.filtered("is_lead")._as_engine()
    rows.write({"user_id": leaver.id})
    accounts._as_engine().with_context(kam_lead_day=story.go_live).write({"user_id": leaver.id})
    story.env["kam.action"].create(
        [
            {
                "name": what,
                "user_id": leaver.id,
                "date_due": story.ago(-days),
                "account_id": account(story, key).id,
                "company_id": story.company.id,
            }
            for key, what, days in PROMISES
        ]
    )
    # He is blocked when the year has been told.
    return _proposed(story, leaver, accounts)


def _proposed(story, leaver, accounts):
    day = story.ago(HANDED_OVER)
    env = story.as_user("linfang")
    handover = env["kam.handover"].create(
        {
            "company_id": story.company.id,
            "from_user_id": leaver.id,
            "to_user_id": story.users["hetao"].id,
            "account_ids": [Command.set(accounts.ids)],
            "date_from": day,
            "note": NOTE,
        }
    )
    handover._engine_self()._propose(day)
    taken = handover.with_env(story.as_user("hetao"))
    taken._engine_self()._accept(day)
    story.env.flush_all()
    story.env.cr.execute(
        "UPDATE kam_handover SET proposed_on = %s, answered_on = %s WHERE id = %s",
        (datetime.combine(day, time(1)), datetime.combine(day, time(6)), handover.id),
    )
    # Told and read nine weeks ago.
    notices = story.env["kam.notice"].search([("topic", "=", "handover")])
    notices._as_engine().write({"sent_on": datetime.combine(day, time(6))})
    story.env.invalidate_all()
    return handover


def _serve(story):
    """Liang Jing calls whoever has a service pack, and serves whom the rules name."""
    service = story.ref("kam_team_role_service")
    story.env.flush_all()
    gaps = story.env["kam.team.gap"].search(
        [("rule_id.who", "=", "service"), ("company_id", "=", story.company.id)]
    )
    files = story.env["kam.account"].search(
        [("company_id", "=", story.company.id), ("service_pack_id", "!=", False)]
    )
    files |= gaps.account_id
    files -= story.env["kam.account"].union(*(account(story, key) for key in UNSERVED))
    served = files.filtered(lambda file: service not in file.member_ids.role_id)
    story.as_user("linfang")["kam.team.member"].create(
        [
            {
                "account_id": file.id,
                "role_id": service.id,
                "user_id": story.users["liangjing"].id,
                "date_from": add_months(story.today, -SERVED_MONTHS),
            }
            for file in served
        ]
    )


def _review(story):
    """Files that became key accounts later were looked at lately, too."""
    files = story.env["kam.account"].search([("profile_reviewed_on", "=", False)])
    files -= account(story, NEVER_REVIEWED)
    for file in files.filtered("is_key_account")._as_engine():
        file.write(
            {
                "profile_reviewed_on": add_months(story.today, -2),
                "profile_reviewed_by_id": file.user_id.id,
            }
        )


def _dedicate(story):
    office = story.as_user("linfang")
    for key, roles in DEDICATED.items():
        rows = account(story, key).member_ids.filtered(lambda m, r=roles: m.role_id.code in r)
        rows.with_env(office).write({"is_dedicated": True})


def _plan_headcount(story):
    reason = "Staffing plan of the year 年度人员编制"
    roles = story.as_user("admin")["kam.team.role"]._with_policy_reason(reason)
    for role in roles.search([("code", "in", list(HEADCOUNT))]):
        role.headcount_target = HEADCOUNT[role.code]
