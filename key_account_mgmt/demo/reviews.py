"""Last month's filing meeting with one decision overdue, this month's prepared; who
brought whom, and how promising the prospects are."""

from datetime import timedelta

from ..policy.obligations import window
from .pursuits import lead

# Pursuit by a part of its project: judgement, what was said, decision, owner, days after
# the meeting, done
LAST = (
    ("新系列门机", "at_risk",
     "Samples are on their way; the price questionnaire waits for the rebate table "
     "样品已安排；询价问卷等返利表",
     "Decide the rebate for the first year 确定首年返利方案", "hetao", 10, False),
    ("别墅梯", "late",
     "Nothing since it was registered 备案后无进展",
     "Say whether we go on with villa lifts 明确别墅梯项目是否继续", "zhoumin", 7, True),
)  # fmt: skip
# Opportunity by customer and part of its title: purchase power, sincerity
SCORES = (
    ("lingfeng", "门机首批供货", 85, 60),
    ("nanyuan", "机场扶梯控制柜", 70, 45),
    ("shunda", "乡镇旧梯改造", 30, 80),
    ("jiayi", "明年控制柜", 75, 70),
)


def load(story):
    for area in ("pursuit", "plan"):
        story.ref(f"group_kam_area_{area}")._kam_switch_on()
    kind = story.ref("kam_review_kind_filing_month")
    last = _last_meeting(story, kind)
    story.env["kam.review"]._keep_review(story.company, kind, story.today)
    _scores(story)
    _referral(story)
    _quiet(story)
    return f"{last.name} with {last.open_action_count} decision open, this month's prepared"


def _last_meeting(story, kind):
    """As it was then: two pursuits were registered."""
    first = story.month(-1)
    period = window(kind.period, first)
    review = story.env["kam.review"]._as_engine()
    review = review.create(review._prepare_review(story.company, kind, period, first))
    day = review.date
    review.write({"state": "held", "held_on": day})
    review._invite(review._refresh_agenda(_entries(story, period, day)))
    office = review._without_engine().with_env(story.as_user("linfang"))
    for line, row in _rows(office):
        _project, judgement, said, decision, login, _days, _done = row
        line.write(
            {
                "judgement": judgement,
                "note": said,
                "decision": decision,
                "decision_user_id": story.users[login].id,
                # Not so soon that its owner is told at once; set back below.
                "decision_date": story.today + timedelta(days=5),
            }
        )
    office.action_close()
    for line, row in _rows(office):
        _date_back(story, line, day, *row[4:])
    review.write({"closed_on": f"{day} 08:30:00"})
    review._follow_decisions()
    return review._without_engine()


def _rows(review):
    """Each line with what was said about it."""
    return [
        (line, row)
        for line in review.line_ids
        for row in LAST
        if row[0] in (line.pursuit_id.sudo().project or "")
    ]


def _entries(story, period, day):
    """The agenda of that day, of what was registered by then."""
    entries = []
    for pursuit in story.env["kam.pursuit"].search([("registered_on", "<=", day)]):
        if not any(row[0] in (pursuit.project or "") for row in LAST):
            continue
        done = pursuit.progress_ids.filtered(
            lambda step: step.done_on and period.contains(step.done_on.date())
        )
        entries.append(
            {
                "subject": {"pursuit_id": pursuit.id},
                "runs": True,
                "name": pursuit.display_name,
                "account_id": pursuit.account_id.id,
                "owner_id": pursuit.user_id.id,
                "facts": {
                    "progress": [
                        {
                            "day": step.done_on.date().isoformat(),
                            "text": step.name,
                            "who": step.user_id.name,
                        }
                        for step in done
                    ],
                    "late": [],
                },
            }
        )
    return entries


def _date_back(story, line, day, login, days, done):
    action = line.action_ids
    due = min(day + timedelta(days=days), story.ago(2))
    if done:
        action.with_env(story.as_user(login)).action_done()
        action.sudo()._as_engine().write({"done_on": f"{due} 03:00:00", "is_on_time": True})
    action.sudo()._as_engine().write({"date_due": due, "date_due_first": due})
    action.sudo()._as_engine().write({"postponed_count": 0, "is_postponed_late": False})
    line.sudo()._as_engine().write({"decision_date": due})


def _scores(story):
    for key, title, power, sincerity in SCORES:
        lead(story, key, title).write({"kam_purchase_power": power, "kam_sincerity": sincerity})


def _referral(story):
    """Hongyue brought Nanyuan: a discount is meant, once the airport is won."""
    deal = lead(story, "nanyuan", "机场扶梯控制柜")
    story.as_user(deal.user_id.login)["kam.referral"].create(
        {
            "lead_id": deal.id,
            "referrer_id": story.partners["hongyue"].id,
            "date": story.ago(40),
            "benefit_type": "discount",
            "benefit": "1 % off the next call-off 下次要货优惠1%",
            "amount": 24_000,
            "note": "Their project director introduced us 由宏樾项目总监引荐",
        }
    )


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
