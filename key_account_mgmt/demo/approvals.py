"""How approvals went: the route with its deadline, a journey, a late decision."""

from datetime import datetime, time, timedelta

from odoo import Command


def load(story):
    _deadline(story)
    _journey(story)
    _confirm_thresholds(story)
    return "16 working hours to decide, then a reminder, then the vice president hears of it"


def _deadline(story):
    """What the administrator added to the shipped route, and why (see the policy log)."""
    route = story.ref("kam_approval_route_tier").with_user(story.users["admin"])
    reason = "Decisions took two weeks last year 去年审批曾拖两周"
    step = route._with_policy_reason(reason).step_ids
    step.write(
        {
            "sla_hours": 16.0,
            "escalation_ids": [
                Command.create({"hours": 0.0, "kind": "remind"}),
                Command.create({"hours": 8.0, "kind": "tell", "user_id": story.users["chenli"].id}),
            ],
        }
    )
    # Round by round, only what changed is asked again.
    route._with_policy_reason(reason).carry_over = True


def _confirm_thresholds(story):
    """The policy's own numbers are those the addon ships: setting up is done."""
    story.as_user("admin")["onboarding.onboarding.step"].browse(
        story.ref("kam_onboarding_step_thresholds").id
    ).action_kam_confirm()


def _journey(story):
    """The general manager is away next week; his calendar proposes a delegation."""
    boss = story.users["zhaocheng"]
    monday = story.today + timedelta(days=7 - story.today.weekday())
    story.env["calendar.event"].with_context(no_mail_to_attendees=True).create(
        {
            "name": "Canton Fair 广交会",
            "allday": True,
            "start_date": monday,
            "stop_date": monday + timedelta(days=3),
            "show_as": "busy",
            "user_id": boss.id,
            "partner_ids": [Command.set(boss.partner_id.ids)],
        }
    )


def delegate_last_january(story):
    """On his journey last January the executive decided for him."""
    env = story.as_user("zhaocheng")
    first = story.last_january
    env["kam.approval.delegation"].create(
        {
            "delegate_id": story.users["wuyue"].id,
            "date_from": first,
            "date_to": story.today,
            "note": "Journey to the overseas customers 出访海外客户",
        }
    )


def end_delegation(story):
    """Over since the days after the evaluation of last January."""
    story.env.flush_all()
    story.env.cr.execute(
        "UPDATE kam_approval_delegation SET date_to = %s", [story.last_january + timedelta(days=6)]
    )
    story.env.invalidate_all()


def make_late(story, evaluation):
    """Submitted eight days ago: the reminder and the escalation have happened."""
    moment = datetime.combine(story.ago(8), time(1, 30))
    request = evaluation._approval_request()
    deadline = story.company._kam_add_working_hours(moment, 16.0)
    story.env.flush_all()
    cr = story.env.cr
    cr.execute(
        "UPDATE kam_approval_request SET submitted_on = %s WHERE id = %s", (moment, request.id)
    )
    cr.execute(
        "UPDATE kam_approval_request_step SET pending_since = %s, deadline = %s "
        "WHERE request_id = %s",
        (moment, deadline, request.id),
    )
    story.env.invalidate_all()
    story.env["kam.approval.request.step"]._cron_watch()
