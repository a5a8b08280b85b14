# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""A company that works with the addon and made its policy its own; runs in Odoo's shell.

Routes with steps and escalations, exception kinds, working days, jobs, setting up; files
with messages, files, activities; one evaluation decided, one waiting; the jobs have run.
"""

from datetime import timedelta

from odoo import Command

ADDON = "key_account_mgmt."
today = env.company._kam_today()


def own_policy(boss, office, admin):
    env.ref(f"{ADDON}kam_tier_scheme_s0").action_make_primary()
    levels = [{"hours": 0, "kind": "remind"}, {"hours": 8, "kind": "tell", "user_id": office.id}]
    ours = [
        {"name": "Office", "group_id": env.ref(f"{ADDON}group_kam_officer").id},
        {"name": "Person", "approver_type": "user", "user_id": boss.id, "parallel": True},
    ]
    env.ref(f"{ADDON}kam_approval_step_tier_gm").write(
        {"sla_hours": 4, "escalation_ids": [Command.create(values) for values in levels]}
    )
    env["kam.approval.route"].create(
        {
            "name": "Large",
            "res_model": "kam.tier.evaluation",
            "sequence": 99,
            "step_ids": [Command.create(values) for values in ours],
        }
    )
    kinds = env["kam.exception.kind"].search([], limit=2)
    kinds[0].write({"name": "Ours", "domain": "[]", "sequence": 77})
    kinds[1].active = False
    kinds[0].copy({"code": "ours", "name": "Another"})
    env["kam.calendar.day"].create(
        [
            {"name": "Closed", "date": today + timedelta(days=40)},
            {"name": "Open", "date": today, "kind": "workday", "weekday": "0"},
        ]
    )
    job = env.ref(f"{ADDON}kam_job_nightly")
    job.write({"name": "Night", "description": "Ours", "sequence": 5})
    job.cron_id.write({"interval_number": 2})
    steps = env.ref(f"{ADDON}kam_onboarding").step_ids.with_user(admin)
    steps.filtered("kam_confirm_text")[:1].action_kam_confirm()
    env["kam.team.role"].search([], limit=1).name = "Our role"


def files(office):
    partners = env["res.partner"].search([("name", "like", "Customer ")], limit=3)
    for partner in partners:
        partner.with_user(office).action_kam_open_account()
    accounts = env["kam.account"].search([])
    for account in accounts:
        account.message_post(body="Called")
        account.activity_schedule("mail.mail_activity_data_todo", user_id=office.id)
        account.message_subscribe(office.partner_id.ids)
    proof = env["ir.attachment"].create(
        {"name": "proof.txt", "raw": b"seen", "res_model": "kam.account", "res_id": accounts[0].id}
    )
    env["kam.industry.standing"].create(
        {
            "partner_id": accounts[0].partner_id.id,
            "standing": "leading",
            "date": today,
            "attachment_ids": [Command.set(proof.ids)],
        }
    )
    env["kam.opening.classification"].create(
        {
            "partner_id": accounts[0].partner_id.id,
            "tier_id": env.ref(f"{ADDON}kam_tier_scheme_s0").tier_ids.sorted("rank")[0].id,
            "date_from": today - timedelta(days=800),
            "user_id": office.id,
        }
    ).action_apply()
    return accounts


def decide(boss, office, accounts):
    evaluations = env["kam.tier.evaluation"].with_user(office)
    for name in ("Decided", "Waits"):
        evaluation = evaluations.create(
            {"name": name, "partner_ids": [Command.set(accounts.partner_id.ids)]}
        )
        evaluation.action_compute()
        evaluation.action_submit()
        if name == "Decided":
            step = evaluation.sudo()._approval_request().step_ids.with_user(boss).sudo(False)
            step.action_approve("Agreed")
            assert evaluation.state == "applied", evaluation.state
    env["kam.approval.delegation"].with_user(boss).create(
        {
            "user_id": boss.id,
            "delegate_id": office.id,
            "date_from": today,
            "date_to": today + timedelta(days=3),
        }
    )


boss, office, admin = (
    new_user(login, [f"{ADDON}group_kam_{group}"])
    for login, group in (("b", "gm"), ("o", "officer"), ("a", "admin"))
)
env.company.kam_go_live_date = today - timedelta(days=700)
own_policy(boss, office, admin)
decide(boss, office, files(office))
env.cr.commit()
env["kam.tier.evaluation"]._cron_nightly()
env["kam.approval.request.step"]._cron_watch()
env["kam.notice"]._cron_send()
env.cr.commit()
print("RESULT {}")
