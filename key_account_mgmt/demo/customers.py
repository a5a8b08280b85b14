"""The customers of customers.csv, their contacts, and those of the company abroad."""

import csv
from pathlib import Path

INDUSTRIES = {
    "manufacturing": "base.res_partner_industry_C",
    "construction": "base.res_partner_industry_F",
    "trade": "base.res_partner_industry_G",
    "transport": "base.res_partner_industry_H",
    "estate": "base.res_partner_industry_L",
}
ABROAD = {"tianheng_vietnam": "base.vn", "ruisheng": "base.de"}
SURNAMES = "Qian 钱,Shen 沈,Jiang 江,Lu 陆,Gu 顾,Meng 孟,Fan 范,Peng 彭,Tan 谭,Xie 谢,Song 宋"
GIVEN = "Weiming 伟明,Lihua 丽华,Jianguo 建国,Xiaoyan 晓燕,Zhiqiang 志强,Yulan 玉兰,Haibo 海波"
FUNCTIONS = (
    "Purchasing Director 采购总监",
    "Purchasing Manager 采购经理",
    "Chief Engineer 总工程师",
    "Quality Manager 质量经理",
)
# Customers of the company abroad: key, name, country
INTERNATIONAL = (
    ("mekong", "Mekong Lift 湄江电梯", "base.th"),
    ("gulf", "Gulf Vertical 海湾垂直运输", "base.ae"),
)


def read_rows():
    """``{customer key: row}``; amounts are in 万元, for a group's ``rest`` the group's."""
    path = Path(__file__).with_name("customers.csv")
    with path.open(newline="", encoding="utf-8") as handle:
        rows = {row["key"]: row for row in csv.DictReader(handle)}
    for row in rows.values():
        for column in ("now", "january", "before"):
            row[column] = int(row[column])
        row["products"] = row["products"].split()
    return rows


def load(story):
    story.rows = read_rows()
    vals_list = [_partner_vals(story, row, n) for n, row in enumerate(story.rows.values())]
    story.partners = dict(zip(story.rows, story.env["res.partner"].create(vals_list), strict=True))
    for key, name, country in INTERNATIONAL:
        story.partners[key] = story.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "country_id": story.env.ref(country).id,
                "user_id": story.users["hetao"].id,
            }
        )
    contacts = _add_contacts(story)
    # Not a customer: who took a project from us.
    story.env["res.partner"].create(
        {
            "name": "Keruite Elevator Parts 科锐特电梯部件",
            "is_company": True,
            "comment": "Competitor in door operators and control cabinets 竞争对手",
        }
    )
    return f"{len(story.partners)} customers, {contacts} contacts"


def _partner_vals(story, row, number):
    country = story.env.ref(ABROAD.get(row["key"], "base.cn"))
    return {
        "name": row["name"],
        "is_company": True,
        "city": row["city"],
        "country_id": country.id,
        "lang": "en_US" if row["key"] == "ruisheng" else "zh_CN",
        "tz": "Asia/Shanghai",
        "ref": f"C{1001 + number}",
        "company_registry": f"91330500MA2{number:05d}YT" if country.code == "CN" else False,
        "industry_id": story.env.ref(INDUSTRIES[row["industry"]]).id,
        "user_id": story.users[row["manager"]].id,
    }


def _add_contacts(story):
    surnames, given = SURNAMES.split(","), GIVEN.split(",")
    vals_list = []
    for number, (key, partner) in enumerate(story.partners.items()):
        for place in range(2 if number < 26 else 1):
            index = number * 2 + place
            surname, first = surnames[index % len(surnames)], given[index % len(given)]
            latin = f"{surname.split()[0]} {first.split()[0]}"
            chinese = surname.split()[1] + first.split()[1]
            login = latin.replace(" ", ".").lower()
            vals_list.append(
                {
                    "name": f"{latin} {chinese}",
                    "parent_id": partner.id,
                    "type": "contact",
                    "function": FUNCTIONS[index % len(FUNCTIONS)],
                    "email": f"{login}@{key.replace('_', '-')}.example",
                    "user_id": partner.user_id.id,
                }
            )
    return len(story.env["res.partner"].create(vals_list))
