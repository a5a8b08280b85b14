"""Last quarter's programme review closed with two decisions, the price review planned, an
audit with a finding whose correction is open, a work summary."""

from datetime import timedelta

# Topic: what was said, decision, owner, days from today
PROGRAMME = {
    "results": ("Strategic accounts grow faster than the others 战略客户增速高于其他客户",
                None, None, 0),
    "shortcomings": ("Two executive meetings were not held 两次高层会晤未按期举行",
                     "Fix all executive meetings of the year 排定全年高层会晤", "linfang", 12),
    "customers": ("They ask for drawings sooner 客户希望更快提供图纸", None, None, 0),
    "staff": ("Reports take too long on the phone 手机填报耗时", None, None, 0),
    "improvement": ("Shorten the visit report 精简拜访报告",
                    "Propose a shorter report for phone calls 提出电话回访简表方案", "chenli", 20),
}  # fmt: skip
AUDIT = {
    "scope": ("Level decisions and waivers of the year 全年分级决定与豁免", None, None, 0),
    "findings": ("One override without a second document 一次人工调整缺少第二份依据",
                 None, None, 0),
    "corrective": ("", "File the missing document 补齐缺失依据", "linfang", 15),
}  # fmt: skip


def load(story):
    story.ref("group_kam_area_programme")._kam_switch_on()
    Review = story.env["kam.review"]
    made = []
    for code in ("programme_quarter", "programme_year", "price", "service_quality", "audit",
                 "work_summary"):  # fmt: skip
        kind = story.ref(f"kam_review_kind_{code}")
        Review._keep_review(story.company, kind, story.today)
        mine = [("company_id", "=", story.company.id), ("kind_id", "=", kind.id)]
        made.append(Review.search(mine, limit=1))
    _hold(story, made[0], "linfang", PROGRAMME)
    _hold(story, made[4], "xuyan", AUDIT)
    _quiet(story)
    return f"{len([review for review in made if review])} reviews"


def _hold(story, review, login, said):
    """Start, write and close it as whoever runs it."""
    if not review:
        return
    mine = review.with_env(story.as_user(login))
    mine.chair_id = story.users["chenli"]
    mine.action_start()
    for line in mine.line_ids:
        note, decision, owner, days = said.get(line.topic, ("", None, None, 0))
        vals = {"note": note} if note else {}
        if decision:
            vals |= {
                "decision": decision,
                "decision_user_id": story.users[owner].id,
                "decision_date": story.today + timedelta(days=days),
            }
        if vals:
            line.write(vals)
    mine.action_close()


def _quiet(story):
    """Told and read."""
    notices = story.env["kam.notice"].search(
        [("res_model", "in", ("kam.review", "kam.action")), ("sent_on", "=", False)]
    )
    mine = notices.filtered(
        lambda notice: (
            notice.res_model == "kam.review"
            or story.env["kam.action"].browse(notice.res_id).exists().review_id
        )
    )
    mine._as_engine().write({"sent_on": f"{story.ago(1)} 01:00:00"})
