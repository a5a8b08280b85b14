"""Yunting and its trading company abroad: money, taxes, products."""

from odoo import Command

NAME = "Yunting Elevator Components Co., Ltd. 云亭电梯部件有限公司"
INTERNATIONAL = "Yunting International Ltd."
# CNY for one unit of the foreign currency: base, and how far the months sway.
RATES = {"USD": (7.12, 0.11), "EUR": (7.74, 0.16)}
# code: English, Chinese, unit, price in CNY, cost
PRODUCTS = {
    "doors": ("Door Operator DO-200", "DO-200 门机", "product_uom_unit", 2350, 1640),
    "cabinets": ("Control Cabinet CC-8", "CC-8 控制柜", "product_uom_unit", 8600, 6150),
    "machines": ("Traction Machine TM-1000", "TM-1000 曳引机", "product_uom_unit", 13800, 10400),
    "rails": ("Guide Rail T89/B", "T89/B 导轨", "product_uom_ton", 8600, 7350),
    "sets": ("Complete Set CS-5", "CS-5 大配套", "product_uom_unit", 52000, 39500),
    "spares": ("Spare Parts and Freight", "备件及运费", "product_uom_unit", 100, 82),
}


def load(story):
    _set_up_main(story)
    _set_up_international(story)
    _load_rates(story)
    story.tax = _new_tax(story)
    story.products = _new_products(story)
    return f"2 companies, {len(PRODUCTS)} products"


def _set_up_main(story):
    env, company = story.env, story.company
    (env.ref("base.CNY") | env.ref("base.USD") | env.ref("base.EUR")).active = True
    env["ir.config_parameter"].set_param("crm.iap.lead.enrich.setting", "manual")
    for code in ("en_US", "zh_CN"):
        env["res.lang"]._activate_lang(code)
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    company.write(
        {
            "name": NAME,
            "street": "88 Yunting Road 云亭路88号",
            "city": "Huzhou",
            "zip": "313000",
            "currency_id": env.ref("base.CNY").id,
            "email": "info@yunting.example",
            "website": "https://yunting.example",
            "fiscalyear_last_day": 31,
            "fiscalyear_last_month": "12",
            "kam_amount_unit": "10000",
            "kam_go_live_date": story.go_live,
        }
    )
    # Made with the database, when the company still had another currency.
    pricelists = env["product.pricelist"].search([("company_id", "in", (company.id, False))])
    pricelists.currency_id = company.currency_id
    _set_country(company, "base.cn")
    company.partner_id.tz = "Asia/Shanghai"


def _set_up_international(story):
    env = story.env
    company = env["res.company"].create(
        {
            "name": INTERNATIONAL,
            "city": "Hong Kong",
            "currency_id": env.ref("base.USD").id,
            "email": "office@yunting-intl.example",
            # Odoo would ask a service on the Internet about the company.
            "iap_enrich_auto_done": True,
        }
    )
    env.user.company_ids |= company
    env.ref("base.user_admin").company_ids |= company
    env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
    _set_country(company, "base.hk")
    company.currency_id = env.ref("base.USD")
    company.write({"kam_go_live_date": story.go_live, "kam_amount_unit": "10000"})
    company.partner_id.tz = "Asia/Shanghai"
    story.international = company


def _set_country(company, country):
    """By its contact: a country on the company would install a localisation."""
    company.partner_id.country_id = company.env.ref(country)
    company.account_fiscal_country_id = company.country_id


def _load_rates(story):
    """A rate for the first of each month, to four places: 100 USD are whole cents."""
    story.rates = {}
    vals_list = []
    for code, (base, sway) in RATES.items():
        currency = story.env.ref(f"base.{code}")
        for index in range(-37, 1):
            cny = round(base + sway * story.random.uniform(-1, 1), 4)
            story.rates[code, index] = cny
            vals_list.append(_rate(story.company, currency, story.month(index), 1 / cny))
            if code == "USD":
                cny_currency = story.env.ref("base.CNY")
                vals_list.append(_rate(story.international, cny_currency, story.month(index), cny))
    story.env["res.currency.rate"].create(vals_list)


def _rate(company, currency, day, rate):
    return {"company_id": company.id, "currency_id": currency.id, "name": day, "rate": rate}


def _new_tax(story):
    env, company = story.env, story.company
    country = company.account_fiscal_country_id
    group = env["account.tax.group"].create(
        {"name": "VAT 13% 增值税", "company_id": company.id, "country_id": country.id}
    )
    tax = env["account.tax"].create(
        {
            "name": "VAT 13%",
            "amount": 13,
            "type_tax_use": "sale",
            "company_id": company.id,
            "country_id": country.id,
            "tax_group_id": group.id,
        }
    )
    company.account_sale_tax_id = tax
    return tax


def _new_products(story):
    products = {}
    for code, (english, chinese, unit, price, cost) in PRODUCTS.items():
        product = story.env["product.product"].create(
            {
                "name": english,
                "default_code": code.upper(),
                "type": "service" if code == "spares" else "consu",
                "uom_id": story.env.ref(f"uom.{unit}").id,
                "list_price": price,
                "standard_price": cost,
                "taxes_id": [Command.set(story.tax.ids)],
                "sale_ok": True,
            }
        )
        product.with_context(lang="zh_CN").name = chinese
        # Each company knows its own cost, in its own currency.
        cost_abroad = round(cost / story.rates["USD", 0], 2)
        product.with_company(story.international).standard_price = cost_abroad
        products[code] = product
    return products


def months_before(story):
    """First days of the twelve months before the first invoice."""
    return [story.month(index) for index in range(-48, -36)]
