"""The policy in force, what was known from paper, and what is known about customers."""

from odoo import Command

from ..policy.periods import add_months
from .company import months_before
from .story import WAN

# Known from paper: customer: since when
CUSTOMER_SINCE = {"tianheng": "2008-05-12", "changfeng": "2011-03-01"}
# Qualifications in force: customer: codes
FLAGS = {
    "tianheng": ("famous_brand", "strategic_significance", "benchmark"),
    "ruisheng": ("famous_brand", "strategic_significance", "global_sourcing", "multinational"),
    "beichen": ("famous_brand", "strategic_significance"),
    "huarong": ("famous_brand", "strategic_significance", "competitor"),
    "jiangcheng": ("public_body",),
    "jiangcheng_equipment": ("value_chain",),
    "jiangcheng_operation": ("value_chain",),
    "tianheng_service": ("value_chain",),
    "lingfeng": ("breakthrough",),
    "minjiang": ("strategic_partner",),
    "yuhua": ("industry_leader",),
}
INTERNATIONAL_STANDINGS = {"pacific": "leading", "mekong": "medium", "gulf": "medium"}


def load(story):
    _activate(story)
    rows = _opening_classification(story)
    figures = _opening_figures(story)
    declared = _standings(story) + _flags(story) + _expected_sales(story)
    return f"3 schemes, {rows} opening classifications, {figures} figures, {declared} declarations"


def _activate(story):
    s3, s0, s1n = (story.ref(f"kam_tier_scheme_{code}") for code in ("s3", "s0", "s1n"))
    why = "What Linhai buys for Hongyue counts for Hongyue 临海为宏樾的采购计入宏樾"
    schemes = (s3 | s0).with_env(story.as_user("admin"))
    schemes._with_policy_reason(why).write({"party": "end_customer"})
    s3.action_make_primary()
    (s0 | s1n).write({"active": True})
    story.tiers = {tier.code: tier for tier in s3.tier_ids}
    abroad = s3.copy({"company_id": story.international.id})
    abroad.write(
        {
            "code": "s3_international",
            "name": "Strategic / Key / Main / General (USD)",
            "fallback_tier_id": abroad.tier_ids.filtered(lambda t: t.code == "general").id,
        }
    )
    abroad.with_context(lang="zh_CN").name = "战略 / 重点 / 主要 / 一般（美元）"
    for code, threshold in (("main", "70万"), ("key", "280万")):
        tier = abroad.tier_ids.filtered(lambda t, c=code: t.code == c)
        tier.criterion_ids.filtered("threshold").threshold = threshold
    abroad.tier_ids.write({"min_customers": 0, "max_customers": 0})
    abroad.action_make_primary()
    # In force since go-live, not since the demo was loaded.
    (s3 | s0 | s1n | abroad).write({"activated_on": story.go_live})
    story.schemes = {"s3": s3, "s0": s0, "s1n": s1n, "abroad": abroad}


def _opening_classification(story):
    """What the paper list said at go-live, applied by the administrator."""
    vals_list = [
        {
            "company_id": story.company.id,
            "partner_id": story.partners[key].id,
            "tier_id": story.tiers[row["opening"]].id,
            "date_from": story.go_live,
            "customer_since": CUSTOMER_SINCE.get(key),
            "user_id": story.users[row["manager"]].id,
            "note": "Paper list of key accounts 纸质大客户名册",
        }
        for key, row in story.rows.items()
        if row["opening"]
    ]
    rows = story.as_user("admin")["kam.opening.classification"].create(vals_list)
    rows.action_apply()
    return len(rows)


def _opening_figures(story):
    """Two customers older than the database: a year of months from the old system."""
    months = months_before(story)
    vals_list = []
    for key in CUSTOMER_SINCE:
        monthly = story.rows[key]["before"] * WAN / 12 * 0.9
        for month in months:
            amount = round(monthly * story.random.uniform(0.85, 1.1), -2)
            vals_list.append(
                {
                    "company_id": story.company.id,
                    "partner_id": story.partners[key].id,
                    "month": month,
                    "amount_untaxed": amount,
                    "amount_total": amount * 1.13,
                    "order_count": story.random.randrange(2, 6),
                    "source": "Old system, general ledger 旧系统总账",
                }
            )
    return len(story.env["kam.opening.figure"].create(vals_list))


# Declarations ------------------------------------------------------------------------


def _standings(story):
    """Industry standing of everybody but three, assessed before the last evaluation."""
    day = add_months(story.last_january, -1)
    count = 0
    for key, row in story.rows.items():
        if row["standing"]:
            vals = {"standing": row["standing"], "date": day}
            _declare(story, "kam.industry.standing", key, vals, "Industry ranking")
            count += 1
    for key, standing in INTERNATIONAL_STANDINGS.items():
        vals = {"standing": standing, "date": day}
        company = story.international
        _declare(story, "kam.industry.standing", key, vals, "Industry ranking", company)
    return count + len(INTERNATIONAL_STANDINGS)


def _flags(story):
    day = add_months(story.last_january, -1)
    for key, codes in FLAGS.items():
        for code in codes:
            flag = story.ref(f"kam_tier_flag_{code}")
            vals = {"flag_id": flag.id, "date": day}
            _declare(story, "kam.qualification", key, vals, flag.name)
    # Beichen made doors itself until it sold that business some days ago.
    competitor = story.ref("kam_tier_flag_competitor")
    vals = {
        "flag_id": competitor.id,
        "date": day,
        "note": "Makes door operators for itself 自制门机",
    }
    record = _declare(story, "kam.qualification", "beichen", vals, competitor.name)
    record._as_engine().write({"ended_on": story.ago(9)})
    # Expired, and never proven: both are work, neither counts.
    benchmark = story.ref("kam_tier_flag_benchmark")
    vals = {"flag_id": benchmark.id, "date": add_months(story.today, -30)}
    _declare(story, "kam.qualification", "lantian", vals, benchmark.name)
    story.as_user("linfang")["kam.qualification"].create(
        {
            "partner_id": story.partners["ruifeng"].id,
            "company_id": story.company.id,
            "flag_id": story.ref("kam_tier_flag_famous_brand").id,
            "note": "Claimed on the trade fair; proof asked for 展会上自称，待提供证明",
        }
    )
    return sum(map(len, FLAGS.values())) + 3


def _expected_sales(story):
    vals = {
        "amount": 1500 * WAN,
        "basis": "Signed frame contract 已签框架合同 YT-QL-001",
        "date": story.ago(100),
    }
    _declare(story, "kam.expected.sales", "qilan", vals, "Frame contract YT-QL-001")
    return 1


def _declare(story, model, key, vals, title, company=None):
    """A declaration by the KAM office, with its proof."""
    env = story.as_user("linfang", company or story.company)
    partner = story.partners[key]
    latin = partner.name.encode("ascii", "ignore").decode().strip()
    proof = env["ir.attachment"].create(
        {
            "name": f"{title} - {latin}.pdf",
            "raw": _pdf(title, latin, f"Assessed on {vals['date']}"),
            "mimetype": "application/pdf",
        }
    )
    record = env[model].create(
        {
            **vals,
            "partner_id": partner.id,
            "company_id": (company or story.company).id,
            "attachment_ids": [Command.set(proof.ids)],
        }
    )
    # A file that belongs to no record can be read by nobody but its author.
    proof.write({"res_model": model, "res_id": record.id})
    return record


def _pdf(*texts):
    """A page of plain text as PDF."""
    plain = [text.replace("(", "[").replace(")", "]") for text in texts]
    lines = "".join(f"({text}) Tj 0 -28 Td " for text in plain)
    stream = f"BT /F1 18 Tf 72 760 Td {lines}ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        "/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body, offsets = "%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj{text}endobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    start = body.index("xref")
    body += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    return body.encode("latin-1", "replace")
