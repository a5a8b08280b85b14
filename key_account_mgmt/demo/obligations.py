"""What was owed since January, night by night caught up; one waiver, one pause."""

from datetime import date

from . import visits
from .accounts import account
from .team import LEAVER

WAIVER = "Closed for a month of stocktaking, visit moved 客户停产盘点一个月，拜访顺延"
GROUP_WAIVER = "One meeting with the head of the group for all members 由集团总部统一会晤"
PAUSE = "Moving its plant 搬厂停产"


def load(story):
    _begin_in_january(story)
    paused = _pause(story)
    story.env["kam.obligation"]._catch_up_begun()
    story.env.invalidate_all()
    _waive_members(story)
    routine = visits.routine(story)
    # What was owed until the hand-over was his; only now he is blocked.
    story.users[LEAVER[0]].active = False
    waived = _waive(story)
    story.env["kam.obligation"]._cron_nightly(story.today)
    story.env.invalidate_all()
    story.env["kam.notice"]._cron_send()
    # The demo company has no mail server; its messages stay in Odoo.
    story.env["mail.mail"].search([]).unlink()
    return (
        f"{routine} visits by routine; {_count(story)}; waived: {waived.name or 'none'}; "
        f"paused: {paused.name}"
    )


def _begin_in_january(story):
    """The company has kept account of what it owes since 1 January."""
    story.env.flush_all()
    first = date(story.last_january.year, 1, 1)
    story.env.cr.execute(
        "UPDATE res_company SET kam_obligation_since = %s, kam_obligation_until = %s "
        "WHERE kam_go_live_date IS NOT NULL AND kam_go_live_date < %s AND parent_id IS NULL",
        (first, first, first),
    )
    story.env.invalidate_all()


def _pause(story):
    """A plant that moved in winter was not visited."""
    env = story.as_user("linfang")
    moving = account(story, "canglan").with_env(env)
    env["kam.account.pause"].create(
        {
            "account_id": moving.id,
            "date_from": story.last_january,
            "date_to": date(story.last_january.year, 3, 31),
            "reason": PAUSE,
        }
    )
    return moving


def _waive(story):
    """The office waives one overdue visit, with its reason."""
    domain = [("state", "=", "overdue"), ("kind_id.code", "=", "visit")]
    overdue = story.as_user("linfang")["kam.obligation"].search(
        [*domain, ("account_id", "=", account(story, visits.STOCKTAKING).id)], limit=1
    )
    if overdue:
        overdue._waive(WAIVER)
    return overdue


def _waive_members(story):
    """Executives meet the head of the Tianheng group, for all its members."""
    rows = story.as_user("linfang")["kam.obligation"].search(
        [
            ("state", "in", ("open", "overdue")),
            ("kind_id.code", "=", "executive_meeting"),
            ("account_id.parent_id", "=", account(story, "tianheng").id),
            ("date_from", "<=", story.today),
        ]
    )
    if rows:
        rows._waive(GROUP_WAIVER)


def _count(story):
    groups = story.env["kam.obligation"]._read_group(
        [("date_from", "<=", story.today)], ["state"], ["__count"]
    )
    return ", ".join(f"{count} {state}" for state, count in groups)
