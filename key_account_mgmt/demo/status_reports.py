"""The status report of the month before last, read by everybody; that of last month with two
accounts still missing."""

from datetime import datetime, time, timedelta

from ..policy.periods import Period, month_end
from .accounts import account

# What the account managers wrote, beside what their visit reports said.
SAID = {
    "ruisheng": {
        "change_1": "New purchasing director since the 1st 新任采购总监1日到任",
        "demand": "A lighter cabinet for home lifts, samples in spring 家用梯轻型控制柜，春季要样",
    },
    "dingchuan": {
        "change_1": "Volume moves to a competitor who delivers sooner 部分订单转向交期更短的对手",
        "competitor": "Offers four weeks instead of six 对手承诺四周交货，我司六周",
        "next_plan": "Visit with the head of production: buffer stock 与生产总监同访，提出备货方案",
    },
    "changfeng": {
        "change_1": "Modernisation programme released, 300 lifts 旧梯更新项目启动，300台",
        "demand": "Door sets for retrofitting 改造用门机套件",
    },
}
SUMMARY = (
    "Sales of the strategic group are on course; one key account gives volume to a competitor. "
    "战略集团销售达到预期；一家重点客户部分份额转向竞争对手。"
)
MISSING = ("yuhua", "nanyuan")


def load(story):
    story.ref("group_kam_area_status")._kam_switch_on()
    story.company.kam_status_leader_ids = story.users["chenli"] | story.users["wuyue"]
    before, last = (_make(story, story.month(index)) for index in (-2, -1))
    _complete(story, before, ())
    _submit(story, before)
    _complete(story, last, MISSING)
    _quiet(story)
    missing = len(last.line_ids.filtered(lambda line: line.status == "open"))
    return f"{before.display_name} acknowledged, {missing} accounts of the next one missing"


def _make(story, first):
    """As the job does on the 1st."""
    reports = story.env["kam.status.report"]
    period = Period(first, month_end(first))
    reports._open_report(story.company, period, period.end + timedelta(days=1))
    report = reports._report_of(story.company, period)._as_engine()
    report.write({"user_id": story.users["linfang"].id})
    facts = report._facts()
    report._keep_lines(facts, facts.account_ids)
    report.write({"filled_on": _day(report.date_to, 1)})
    return report._without_engine()


def _day(day, after, hour=1):
    return datetime.combine(day + timedelta(days=after), time(hour))


def _complete(story, report, missing):
    """By whoever leads the account; a few have something to add."""
    left_out = [account(story, key) for key in missing]
    said = {account(story, key).id: texts for key, texts in SAID.items()}
    for line in report.line_ids:
        if line.account_id in left_out or not line.user_id.active:
            continue
        own = line.with_env(story.as_user(line.user_id.login or "linfang"))
        own.write(said.get(line.account_id.id, {}))
        own.action_complete()
        moment = min(_day(report.date_to, 3, 6), _day(story.today, -1, 6))
        line.sudo()._as_engine().write({"completed_on": moment})


def _submit(story, report):
    """On the 4th, read two days later."""
    office = report.with_env(story.as_user("linfang"))
    office.write({"summary": SUMMARY})
    office.action_submit()
    day = report.date_to
    engine = report._as_engine()
    engine.write({"submitted_on": _day(day, 4, 7), "submitted_late": False})
    for row in report.acknowledgement_ids:
        row.with_env(story.as_user(row.user_id.login)).action_acknowledge()
        row.sudo()._as_engine().write(
            {"date_due": day + timedelta(days=9), "acknowledged_on": _day(day, 6, 2)}
        )
    engine.write({"acknowledged_on": _day(day, 6, 2)})


def _quiet(story):
    """Told and read."""
    notices = story.env["kam.notice"].search(
        [("res_model", "=", "kam.status.report"), ("sent_on", "=", False)]
    )
    notices._as_engine().write({"sent_on": f"{story.ago(1)} 01:00:00"})
