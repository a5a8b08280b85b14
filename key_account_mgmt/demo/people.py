"""The persons of Yunting: everybody's password is his login."""

from odoo import Command

KAM = "key_account_mgmt.group_kam_"
SELLER = "sales_team.group_sale_salesman"
ALL_SALES = "sales_team.group_sale_salesman_all_leads"
INVOICES = "account.group_account_readonly"

# login: name, title, groups of ours, groups of Odoo, in both companies
PEOPLE = {
    "zhoumin": ("Zhou Min 周敏", "Account Manager 客户经理", "user", (SELLER,), False),
    "hetao": ("He Tao 何涛", "Account Manager 客户经理", "user", (SELLER,), False),
    "sunqian": ("Sun Qian 孙倩", "Resident Representative 驻厂代表", "user", (SELLER,), False),
    "tangrui": ("Tang Rui 唐锐", "Technical Owner 技术负责人", "member", (), False),
    "gaojie": ("Gao Jie 高洁", "Quality Engineer 质量工程师", "member", (), False),
    "liangjing": ("Liang Jing 梁静", "After-Sales 售后", "member service", (), False),
    "linfang": (
        "Lin Fang 林芳", "KAM Office 大客户管理办公室", "officer export",
        (ALL_SALES, INVOICES), True,
    ),
    "fengkai": ("Feng Kai 冯凯", "Commercial 商务", "member commercial", (ALL_SALES,), False),
    "zhenglan": ("Zheng Lan 郑岚", "Legal 法务", "member legal", (), False),
    "dengwen": (
        "Deng Wen 邓文", "Finance 财务", "member finance cost",
        ("account.group_account_invoice",), True,
    ),
    "chenli": (
        "Chen Li 陈立", "Director, VP Marketing 营销副总", "director cost export",
        ("sales_team.group_sale_manager", INVOICES), True,
    ),
    "wuyue": (
        "Wu Yue 吴越", "Executive, Deputy GM 分管副总", "executive cost",
        (ALL_SALES, INVOICES), True,
    ),
    "zhaocheng": (
        "Zhao Cheng 赵诚", "General Manager 总经理", "gm cost", (ALL_SALES, INVOICES), True,
    ),
    "xuyan": ("Xu Yan 许严", "Auditor 审计", "auditor", (INVOICES,), True),
}  # fmt: skip
# key: English, Chinese, manager, members, above
DEPARTMENTS = {
    "management": ("General Management", "总经办", "zhaocheng", "wuyue", None),
    "marketing": ("Marketing Centre", "营销中心", "chenli", "hetao zhoumin", "management"),
    "office": ("KAM Office", "大客户管理办公室", "linfang", "linfang sunqian", "marketing"),
    "commercial": ("Commercial", "商务部", "fengkai", "fengkai", "marketing"),
    "technology": ("Technology", "技术中心", "tangrui", "tangrui", "management"),
    "quality": ("Quality", "质量部", "gaojie", "gaojie", "management"),
    "service": ("After-Sales Service", "售后服务部", "liangjing", "liangjing", "management"),
    "legal": ("Legal", "法务部", "zhenglan", "zhenglan", "management"),
    "finance": ("Finance", "财务部", "dengwen", "dengwen", "management"),
    "audit": ("Internal Audit", "审计部", "xuyan", "xuyan", "management"),
}


def load(story):
    users = story.env["res.users"].create(
        [_user_vals(story, login, *person) for login, person in PEOPLE.items()]
    )
    for user, (_name, title, *_groups) in zip(users, PEOPLE.values(), strict=True):
        user.partner_id.write({"function": title, "tz": "Asia/Shanghai"})
    story.users = dict(zip(PEOPLE, users, strict=True))
    admin = story.env.ref("base.user_admin")
    admin.write({"tz": "Asia/Shanghai", "email": "admin@yunting.example"})
    story.users["admin"] = admin
    if "odoobot_state" in admin._fields:
        # A chat window would cover the first screen of a phone.
        (users | admin).write({"odoobot_state": "disabled"})
    departments = {}
    for key, (english, chinese, manager, members, above) in DEPARTMENTS.items():
        departments[key] = story.env["kam.department"].create(
            {
                "name": english,
                "company_id": story.company.id,
                "manager_id": story.users[manager].id,
                "member_ids": [Command.set([story.users[m].id for m in members.split()])],
                "parent_id": departments[above].id if above else False,
            }
        )
        departments[key].with_context(lang="zh_CN").name = chinese
    return f"{len(PEOPLE)} persons, {len(DEPARTMENTS)} departments"


def _user_vals(story, login, name, _title, own, odoo, both):
    companies = story.company | story.international if both else story.company
    groups = ["base.group_user", *(f"{KAM}{group}" for group in own.split()), *odoo]
    return {
        "name": name,
        "login": login,
        "password": login,
        "email": f"{login}@yunting.example",
        "lang": "zh_CN",
        "tz": "Asia/Shanghai",
        "company_id": story.company.id,
        "company_ids": [Command.set(companies.ids)],
        "group_ids": [Command.set([story.env.ref(group).id for group in groups])],
        "notification_type": "inbox",
    }
