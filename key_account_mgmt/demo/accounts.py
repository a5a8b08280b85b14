"""Account files: groups of companies, teams with their days, sponsors, life cycle."""

from ..policy.periods import add_months

# Files opened for customers without a tier, by whom
PROSPECTS = {"lingfeng": "zhoumin", "qilan": "zhoumin"}
SPONSORS = {
    "tianheng": "zhaocheng",
    "tianheng_suzhou": "zhaocheng",
    "tianheng_tianjin": "zhaocheng",
    "tianheng_chengdu": "zhaocheng",
    "tianheng_service": "zhaocheng",
    "tianheng_vietnam": "zhaocheng",
    "ruisheng": "wuyue",
    "beichen": "chenli",
    "beichen_wuxi": "chenli",
    "beichen_foshan": "chenli",
    "beichen_service": "chenli",
    "jiayi": "wuyue",
    "dingchuan": "chenli",
    "changfeng": "chenli",
    "yuhua": "chenli",
    "nanyuan": "chenli",
}
# customer: (role, person, months ago from, months ago until or None)
TEAM = {
    "tianheng": (
        ("resident", "sunqian", 24, None),
        ("technical", "tangrui", 33, None),
        ("quality", "gaojie", 30, None),
        ("service", "liangjing", 33, None),
        ("expert", "fengkai", 12, None),
    ),
    "tianheng_suzhou": (("resident", "sunqian", 24, None), ("quality", "gaojie", 20, None)),
    "tianheng_tianjin": (("resident", "sunqian", 18, None),),
    # Nobody for quality: a gap.
    "ruisheng": (
        ("technical", "tangrui", 26, None),
        ("service", "liangjing", 20, None),
        ("expert", "zhenglan", 10, None),
    ),
    "beichen": (("technical", "tangrui", 20, None), ("service", "liangjing", 15, None)),
    "dingchuan": (("technical", "tangrui", 30, 8), ("quality", "gaojie", 14, None)),
    "changfeng": (("technical", "tangrui", 22, None), ("quality", "gaojie", 22, None)),
    "yuhua": (("technical", "tangrui", 16, None), ("service", "liangjing", 16, None)),
    "nanyuan": (("technical", "tangrui", 12, None),),
    "hongyue": (("service", "liangjing", 9, None),),
    "jiayi": (("expert", "fengkai", 13, None),),
    "jiangcheng": (("expert", "fengkai", 11, None),),
}


def load(story):
    opened = _open_files(story)
    _link_groups(story)
    members = _build_teams(story)
    _set_life_cycle(story)
    return f"{len(opened)} files more, {members} team members"


def account(story, key, company=None):
    company = company or story.company
    return story.partners[key].with_company(company).kam_account_id


def _open_files(story):
    """Prospects by their account manager, group members by the KAM office."""
    for key, login in PROSPECTS.items():
        env = story.as_user(login)
        story.partners[key].with_env(env).action_kam_open_account()
    members = [row["key"] for row in story.rows.values() if row["parent"] == "jiangcheng"]
    partners = story.env["res.partner"].union(
        *(story.partners[key] for key in ("jiangcheng", *members))
    )
    env = story.as_user("linfang")
    env["kam.account"]._open_for(partners.with_env(env), story.company.with_env(env))
    story.env.invalidate_all()
    return [*PROSPECTS, "jiangcheng", *members]


def _link_groups(story):
    env = story.as_user("linfang")
    for key, row in story.rows.items():
        if row["parent"]:
            account(story, key).with_env(env).parent_id = account(story, row["parent"]).id
    for key, login in SPONSORS.items():
        account(story, key).with_env(env).executive_sponsor_id = story.users[login].id


def _build_teams(story):
    vals_list = [
        {
            "account_id": account(story, key).id,
            "role_id": story.ref(f"kam_team_role_{role}").id,
            "user_id": story.users[login].id,
            "date_from": add_months(story.today, -since),
            "date_to": add_months(story.today, -until) if until else False,
        }
        for key, team in TEAM.items()
        for role, login, since, until in team
    ]
    return len(story.as_user("linfang")["kam.team.member"].create(vals_list))


def _set_life_cycle(story):
    env = story.as_user("linfang")
    account(story, "taiyue").with_env(env)._set_life_cycle(
        "lost", "Lost to Keruite on price; no order for 13 months 因价格丢失给科锐特，13个月无订单"
    )
    account(story, "shengyuan").with_env(env)._set_life_cycle(
        "paused", "1.8 million overdue for more than 90 days 逾期180万超过90天"
    )
