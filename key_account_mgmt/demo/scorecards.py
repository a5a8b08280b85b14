"""Cards of the people: the quarter before last closed, one after an objection; a credit note
since then makes a figure differ; last quarter and last month wait for Chen Li."""

from datetime import datetime, time, timedelta

from odoo import Command

from ..models.kpi.subject import period_of, previous_period

REVIEWER = "chenli"
FEEDBACK = {
    "zhoumin": (
        "The price round at Tianheng was led with a clear head. 天衡价格谈判思路清晰。",
        "Quality exchanges were planned too late. 质量交流安排偏晚。",
        "Two exchanges in the first month of the quarter. 季度首月安排两次质量交流。",
    ),
    "hetao": (
        "Five accounts taken over without a complaint. 平稳接手五家客户，无一投诉。",
        "Reports came late after journeys. 出差后拜访报告偏晚。",
        "Reports on the day of return. 返程当日提交报告。",
    ),
}


def load(story):
    _departments(story)
    cards = story.env["kam.scorecard"].with_context(lang="zh_CN")
    quarter = period_of(story.company, "quarter", story.today)
    last = previous_period(story.company, "quarter", quarter)
    before = previous_period(story.company, "quarter", last)
    month = previous_period(story.company, "month", period_of(story.company, "month", story.today))
    for number, period in enumerate((before, last)):
        for code in ("am_quarter", "team_quarter", "programme_quarter", "quality_quarter"):
            made = cards._make_cards(story.company, story.ref(f"kam_kpi_set_{code}"), period)
            assert made >= 0, (number, code)
    cards._make_cards(story.company, story.ref("kam_kpi_set_am_month"), month)
    old = cards.search([("date_from", "=", before.start), ("period_kind", "=", "quarter")])
    _close(story, old, before)
    _credit_note(story, before)
    waiting = cards.search([("state", "=", "computed"), ("date_to", "<", story.today)])
    waiting._send_to_review()
    _times(story, waiting, month)
    return f"{len(cards.search([]))} cards, {len(old)} closed"


def _departments(story):
    """The people are Chen Li's."""
    people = [story.users[login].id for login in FEEDBACK]
    departments = story.env["kam.department"]
    if not departments.search([("manager_id", "=", story.users[REVIEWER].id)]):
        departments.create(
            {
                "name": "Key Account Sales",
                "company_id": story.company.id,
                "manager_id": story.users[REVIEWER].id,
                "member_ids": [Command.set(people)],
            }
        )


def _close(story, cards, period):
    """Reviewed within the week; Zhou Min objected once and was right."""
    cards._send_to_review()
    for card in cards.filtered("reviewer_id"):
        reviewer = card.with_user(card.reviewer_id)
        texts = FEEDBACK.get(card.user_id.login, FEEDBACK["hetao"])
        reviewer.write(dict(zip(("feedback", "lessons", "adjustments"), texts, strict=True)))
        if reviewer.manual_count:
            reviewer.manual_score = 88.0
        reviewer.action_review()
        if card.user_id == story.users["zhoumin"]:
            _objection(card)
        if card.state == "acknowledge":
            card.with_user(card.subject_user_id).action_acknowledge()
    _times(story, cards, period)


def _objection(card):
    mine = card.with_user(card.subject_user_id)
    line = mine.line_ids.filtered(lambda li: li.kpi_code == "K10") or mine.line_ids[:1]
    mine._object(
        "Tianheng signed in time; the scan was filed a day later. 天衡按期签约，扫描件次日归档。",
        line,
    )
    reviewer = card.with_user(card.reviewer_id)
    reviewer._rule("upheld", "The signature decides, not the filing. 以签署日为准。")
    reviewer.action_review()


def _credit_note(story, period):
    """Of an invoice of the closed quarter, dated back into it."""
    users = story.users["zhoumin"]
    invoices = story.env["account.move"].search(
        [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("invoice_date", ">=", period.start),
            ("invoice_date", "<=", period.end),
            ("company_id", "=", story.company.id),
            ("partner_id.commercial_partner_id.kam_account_id.user_id", "=", users.id),
        ],
        order="id",
        limit=1,
    )
    if invoices:
        note = invoices._reverse_moves(
            [{"date": period.end, "invoice_date": period.end, "ref": "Price agreed later 价格调整"}]
        )
        note.action_post()


def _times(story, cards, period):
    """What happened then, in days of the story."""
    day = min(period.end + timedelta(days=6), story.today)
    moment = datetime.combine(day, time(2))
    engine = cards._as_engine()
    engine.write({"computed_on": moment, "sent_on": moment})
    closed = engine.filtered(lambda card: card.state == "closed")
    closed.write(
        {
            "reviewed_on": moment + timedelta(days=2),
            "acknowledged_on": moment + timedelta(days=3),
            "closed_on": moment + timedelta(days=3),
        }
    )
    for row in closed.objection_ids._as_engine():
        row.write({"raised_on": moment + timedelta(days=2), "ruled_on": moment + timedelta(days=3)})
