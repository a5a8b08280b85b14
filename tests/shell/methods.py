# ruff: noqa: F821, T201 (`env` is there, what is printed is the answer)
"""What a client may call by name, read off the registry; runs in Odoo's shell.

ARGUMENTS: `logins`. Answers, for every model of ours and every model of Odoo's that we
add a method to: our public methods, ids of records, a field to write; the tables of each
model; and which models each login may create or write by his rights.
"""

import inspect
import json
from datetime import datetime, timedelta

from odoo import Command
from odoo.models import BaseModel

OURS = "odoo.addons.key_account_mgmt."
OPERATIONS = ("create", "write", "unlink")
VALUES = {"char": "x", "text": "x", "html": "x", "integer": 1, "float": 1.0, "boolean": True}


def add_people(account, office):
    """A stakeholder of an account, and a request about it."""
    contact = env["res.partner"].create({"name": "Buyer", "parent_id": account.partner_id.id})
    role = env.ref("key_account_mgmt.kam_stakeholder_role_buyer")
    values = {"account_id": account.id, "partner_id": contact.id, "role_id": role.id}
    env["kam.stakeholder"].create(values)
    kind = env.ref("key_account_mgmt.kam_request_kind_feedback")
    values = {"name": "Tell us", "kind_id": kind.id, "account_id": account.id}
    env["kam.request"].with_user(office).create({**values, "user_id": office.id})


def add_missing_records():
    """Records of the kinds the world has none of."""
    boss, office = (env["res.users"].search([("login", "=", x)]) for x in ("boss", "office"))
    today = env.company._kam_today()
    env["kam.approval.delegation"].with_user(boss).create(
        {
            "user_id": boss.id,
            "delegate_id": office.id,
            "date_from": today,
            "date_to": today + timedelta(days=3),
        }
    )
    env["kam.calendar.day"].create({"name": "Closed", "date": today})
    env["kam.department"].create({"name": "Sales"})
    partner = env["kam.account"].search([], limit=1).partner_id
    add_people(env["kam.account"].search([], limit=1), office)
    env["kam.expected.sales"].create({"partner_id": partner.id, "amount": 1.0, "basis": "contract"})
    env["kam.opening.figure"].create({"partner_id": partner.id, "month": today})
    env["kam.export.log"]._add("kam.account", 1, ["name"])
    env["kam.notice"]._queue(boss, "Something", ["to hear"])
    env["kam.action"].create({"name": "Promised", "date_due": today, "user_id": boss.id})
    step = env.ref("key_account_mgmt.kam_approval_step_tier_gm")
    env["kam.approval.escalation"].create({"step_id": step.id, "kind": "remind"})
    values = {"name": "Decided", "partner_ids": [Command.set(partner.ids)]}
    evaluation = env["kam.tier.evaluation"].with_user(office).create(values)
    evaluation.action_compute()
    evaluation.action_submit()
    evaluation.sudo()._approval_request().with_user(boss).sudo(False).action_approve("Agreed")
    add_handover(office, boss, today)
    add_profile_records()
    add_visit(boss)
    add_negotiation(boss, office)
    add_pursuit(office)
    add_bid(office)
    add_review_and_leads(office, boss)
    add_plans(office)
    add_contract(office)
    add_orders_under_control()
    add_issue_and_prices()
    add_targets(office)
    add_scorecard(office, boss)
    add_status_report(boss)


def add_status_report(boss):
    """A submitted status report with an account, a fact, and who acknowledges it."""
    belongs = {"company_id": env.company.id}
    month = {"month": "2026-10-01", "date_due": "2026-11-05"}
    report = env["kam.status.report"]._as_engine()
    report = report.create({**month, **belongs, "date_to": "2026-10-31", "state": "submitted"})
    account = env["kam.account"].search([], limit=1)
    line = env["kam.status.report.line"]._as_engine()
    about = {"report_id": report.id, "account_id": account.id, "report_state": "submitted"}
    line = line.create({**about, **month, **belongs, "status": "missing"})
    source = {"res_model": "kam.account", "res_id": account.id, "text": "Seen"}
    fact = env["kam.status.fact"]._as_engine()
    fact.create({"line_id": line.id, "block": "demand", **source, **belongs})
    row = env["kam.status.acknowledgement"]._as_engine()
    row.create({"report_id": report.id, "user_id": boss.id, "date_due": "2026-11-10", **belongs})


def add_handover(giver, receiver, today):
    """A proposed hand-over of an account the office leads."""
    account = env["kam.account"].search([], order="id desc", limit=1)
    account.user_id = giver
    vals = {
        "from_user_id": giver.id,
        "to_user_id": receiver.id,
        "date_from": today,
        "note": "Moves",
    }
    vals["account_ids"] = [Command.set(account.ids)]
    vals["all_roles"] = True
    role = env.ref("key_account_mgmt.kam_team_role_expert")
    member = {"account_id": account.id, "user_id": giver.id, "role_id": role.id}
    env["kam.team.member"].create(member)
    env["kam.handover"].with_user(giver).create(vals).action_propose()
    # Whoever holds the level lacks a service member: a gap.
    level = env.ref("key_account_mgmt.kam_tier_s3_main")
    env["kam.tier.team.rule"].create({"tier_id": level.id, "who": "service"})


def add_profile_records():
    """Insights, confirmed so that nobody changes them, and a deviation."""
    analysis = env["kam.insight"].create(
        {
            "name": "Lesson",
            "kind_id": env.ref("key_account_mgmt.kam_insight_kind_lesson").id,
            "comparison_ids": [
                Command.create({"aspect_id": env["kam.insight.aspect"].search([], limit=1).id})
            ],
        }
    )
    analysis.action_confirm()
    account = env["kam.account"].search([], limit=1)
    env["kam.service.deviation"].create(
        {"account_id": account.id, "name": "Faster", "reason": "Agreed"}
    )


def add_visit(organiser):
    """Planned for tomorrow, with its concession limit."""
    values = {
        "account_id": env["kam.account"].search([], limit=1).id,
        "start": datetime.now() + timedelta(days=1),
        "user_id": organiser.id,
        "concession_limit": "5 %",
    }
    env["kam.visit"].with_user(organiser).create(values)
    pause = {"account_id": values["account_id"], "reason": "Moves"}
    pause["date_from"] = env.company._kam_today() + timedelta(days=900)
    env["kam.account.pause"].with_user(organiser).create(pause)


def add_negotiation(boss, office):
    """Under way, its bottom line set and read, with one of each of its parts."""
    account = env["kam.account"].search([], limit=1)
    author = env["kam.negotiation"].with_user(boss)
    negotiation = author.create(
        {
            "name": "Price round",
            "partner_id": account.partner_id.id,
            "objective": "More",
            "strategy": "Slowly",
            "no_quotes_known": True,
            "executive_ids": [Command.set(boss.ids)],
            "item_ids": [Command.create({"name": "Price", "opening": 10.0, "quantity": 1.0})],
        }
    )
    item = negotiation.item_ids
    negotiation.action_set_floor({str(item.id): 8.0})
    negotiation.action_start()
    negotiation.action_reveal()
    belongs = {"negotiation_id": negotiation.id}
    meeting = author.env["kam.negotiation.round"].create({**belongs, "key_info": "x"})
    step = {**belongs, "item_id": item.id, "round_id": meeting.id, "to_value": 9.0}
    author.env["kam.negotiation.concession"].create(step)
    quote = {**belongs, "competitor_id": account.partner_id.id, "amount": 1.0, "source": "x"}
    author.env["kam.negotiation.quote"].create(quote)
    paper = {**belongs, "user_id": office.id, "scope": "Prices"}
    author.env["kam.negotiation.authorization"].create(paper)


def add_pursuit(office):
    """A registered pursuit with its parts, and who works on its opportunity."""
    scope = env["kam.product.scope"].create({"name": "Doors"})
    lead = {
        "name": "New line",
        "type": "opportunity",
        "partner_id": env["kam.account"].search([], limit=1).partner_id.id,
        "user_id": office.id,
        "expected_revenue": 1000.0,
        "kam_project": "New line",
        "kam_scope_ids": [Command.set(scope.ids)],
    }
    values = {
        "lead_id": env["crm.lead"].create(lead).id,
        "user_id": office.id,
        "objective": "Supply all doors",
        "first_step": "See their engineers",
        "indicator_ids": [Command.create({"name": "Share", "target": "50 %"})],
        "member_ids": [Command.create({"user_id": office.id})],
    }
    pursuit = env["kam.pursuit"].create(values)
    pursuit.with_user(office).sudo().action_apply()
    pursuit.with_user(office).sudo().action_register()
    env["kam.pursuit.report"].create({"pursuit_id": pursuit.id})
    entry = {"pursuit_id": pursuit.id, "name": "How far are you?"}
    env["kam.pursuit.tracking"].with_user(office).sudo().create(entry)


def add_bid(office):
    """A bid that is scored, with one of each of its parts, and a certificate."""
    partner = env["kam.account"].search([], limit=1).partner_id
    lead = {"name": "Tender", "type": "opportunity", "partner_id": partner.id}
    paper = {"name": "ISO 9001", "valid_until": env.company._kam_today() + timedelta(days=900)}
    certificate = env["kam.certificate"].create(paper)
    # What is offered is said by the team.
    bid = env["kam.bid"].with_user(office).sudo()
    bid = bid.create(
        {
            "lead_id": env["crm.lead"].create({**lead, "user_id": office.id}).id,
            "user_id": office.id,
            "deadline": datetime.now().replace(microsecond=0) + timedelta(days=30),
            "proposal": "Quiet doors",
            "amount": 1.0,
            "certificate_ids": [Command.set(certificate.ids)],
            "member_ids": [Command.create({"user_id": office.id})],
            "requirement_ids": [Command.create({"name": "IP54"})],
            "clarification_ids": [Command.create({"question": "Which motor?"})],
            "bond_ids": [Command.create({"amount": 1.0})],
            "opening_ids": [Command.create({"is_us": True, "price": 1.0})],
        }
    )
    bid.action_score()


def add_review_and_leads(office, boss):
    """A meeting with a subject; an opportunity that was referred and is handed over."""
    review = env["kam.review"].with_user(office)
    review = review.create({"name": "Meeting", "date": env.company._kam_today()})
    env["kam.review.line"].with_user(office).create({"review_id": review.id, "name": "Subject"})
    kpi = env.ref("key_account_mgmt.kam_kpi_k01")
    env["kam.review.figure"]._as_engine().create(
        {"review_id": review.id, "kpi_id": kpi.id, "metric_id": kpi.metric_id.id}
    )
    partner = env["kam.account"].search([], limit=1).partner_id
    lead = env["crm.lead"].create(
        {
            "name": "Referred",
            "type": "opportunity",
            "partner_id": partner.id,
            "company_id": env.company.id,
            "user_id": office.id,
        }
    )
    env["kam.referral"].create({"lead_id": lead.id, "referrer_id": partner.id})
    stage = env["crm.stage"].search([("id", "!=", lead.stage_id.id)], limit=1)
    owner = {"lead_id": lead.id, "stage_id": stage.id, "user_id": boss.id}
    env["kam.stage.owner"].create(owner)
    env.company.kam_stage_owners = True
    lead._kam_hand_over(stage, "Take it")


def add_plans(office):
    """A plan revised once, a generation, target accounts, a campaign, the work of a year."""
    account = env["kam.account"].search([], limit=1)
    own = {"account_id": account.id, "name": "Plan", "user_id": office.id}
    together = [Command.create({"name": "Together"})]
    plan = env["kam.plan"].create({**own, "kind": "cooperation", "initiative_ids": together})
    env["kam.plan.revision"]._keep(plan, "They want more")
    env["kam.product.generation"].create({"account_id": account.id, "name": "First"})
    line = [Command.create({"account_id": account.id, "user_id": office.id})]
    env["kam.target.list"].create({"line_ids": line})
    utm = env["utm.campaign"].create({"title": "Autumn", "user_id": office.id})
    env["kam.campaign"].create({"campaign_id": utm.id, "user_id": office.id})
    env["kam.work.calendar"].create({})


def add_contract(office):
    """A contract with its clauses and payments, one round of review, seals and signatures,
    and what its execution leaves behind."""
    partner = env["kam.account"].search([], limit=1).partner_id
    today = env.company._kam_today()
    values = {"name": "Doors", "own_partner_id": partner.id, "amount_total": 100.0}
    contract = env["kam.contract"].create({**values, "user_id": office.id})
    contract.action_fill()
    mine = {"contract_id": contract.id}
    request = env["kam.approval.request"].search([], limit=1)
    asked = {**mine, "request_id": request.id, "round": 1}
    review = env["kam.contract.legal.review"]._as_engine()
    step = {"step_id": request.step_ids[0].id, "cycle": 1, "reviewer_id": office.id}
    review = review.create({**asked, **step, "state": "draft"})
    condition = {"review_id": review.id, "name": "Letter of authority"}
    env["kam.contract.condition"]._as_engine().create(condition)
    version = {**asked, "submitted_on": datetime.now(), "submitted_by_id": office.id}
    env["kam.contract.version"]._as_engine().create({**version, "content": {}})
    file = env["ir.attachment"].create({"name": "x", "raw": b"x"})
    env["kam.contract.file"]._as_engine().create(
        {
            **mine,
            "attachment_id": file.id,
            "name": "x",
            "added_by_id": office.id,
            "added_on": datetime.now(),
            "verdict": "new",
        }
    )
    signing = {**mine, "request_id": request.id, "is_current": True}
    env["kam.contract.signing"]._as_engine().create(signing)
    seal = env["kam.seal"].create({"name": "Seal", "company_id": env.company.id})
    env["kam.contract.seal"]._as_engine().create({**mine, "seal_id": seal.id})
    owner = {"user_id": office.id, "date_due": today}
    env["kam.contract.milestone"].create({**mine, **owner, "name": "First"})
    env["kam.contract.term"].create({**mine, "name": "Notice", "fixed_on": today})
    env["kam.contract.coordinator"].create({**mine, "user_id": office.id})
    env["kam.contract.check"]._make(contract, "one", today, today, today, is_check=True)


def add_orders_under_control():
    """Two orders that look split; a third one with a ruling, and with an early release."""
    company, today = env.company, env.company._kam_today()
    account = env["kam.account"].search([("tier_id", "!=", False)], limit=1)
    company.write(
        {
            "kam_guard_from": today - timedelta(days=900),
            "kam_guard_tier_ids": [Command.set(account.tier_id.ids)],
            "kam_guard_amount": 100.0,
        }
    )
    product = env["product.product"].create({"name": "Door", "type": "service"})
    line = {"product_id": product.id, "price_unit": 60.0, "tax_ids": [Command.clear()]}
    values = {"partner_id": account.partner_id.id, "order_line": [Command.create(line)]}
    orders = env["sale.order"].create([values for _number in range(3)])
    orders[:2].action_confirm()
    env["kam.order.ruling"]._rule(orders[2], "renewed", "Taken up again")
    release = {"order_id": orders[2].id, "reason": "Urgent"}
    env["kam.early.release"].create({**release, "sign_by": today + timedelta(days=30)})


def add_targets(office):
    """A target, spread over its months, and a band of a KPI; a member of a sales team."""
    target = env["kam.target"].create({"user_id": office.id, "amount": 120.0})
    target._spread()
    line = env.ref("key_account_mgmt.kam_kpi_set_line_am_quarter_k09")
    band = Command.create({"value_from": 0.0, "score": 60.0})
    line.write({"method": "banded", "band_ids": [band]})
    env["crm.team"].create({"name": "North", "member_ids": [Command.set(office.ids)]})


def add_scorecard(office, boss):
    """A card of last month to be reviewed, objected to once."""
    kpi_set = env.ref("key_account_mgmt.kam_kpi_set_am_month")
    first = (env.company._kam_today().replace(day=1) - timedelta(days=1)).replace(day=1)
    card = env["kam.scorecard"]._as_engine()
    card = card.create(
        {
            "company_id": env.company.id,
            "set_id": kpi_set.id,
            "subject_kind": "user",
            "user_id": office.id,
            "subject_user_id": office.id,
            "reviewer_id": boss.id,
            "period_kind": "month",
            "date_from": first,
            "date_to": env.company._kam_today().replace(day=1) - timedelta(days=1),
            "state": "computed",
        }
    )
    card._compute_figures()
    card.write({"state": "acknowledge"})
    own = card._without_engine().with_user(office)
    own._object("Not so", own.line_ids.browse())


def add_issue_and_prices():
    """An issue, a price to be approved, a step of a campaign."""
    account = env["kam.account"].search([], limit=1)
    kind = env.ref("key_account_mgmt.kam_issue_kind_complaint")
    issue = {"account_id": account.id, "kind_id": kind.id, "description": "Noise"}
    env["kam.issue"].create(issue)
    order = env["sale.order"].create({"partner_id": account.partner_id.id})
    env["kam.price.approval"].create({"order_id": order.id, "reason": "New line"})
    campaign = env["kam.campaign"].search([], limit=1)
    step = {"kam_campaign_id": campaign.id, "quantity_from": 1.0, "discount": 1.0}
    env["kam.price.step"].create(step)


def our_methods(model):
    """{name: (is called without ids, its parameters, those required)}"""
    found = {}
    for name in dir(model):
        definitions = [vars(cls)[name] for cls in model.__mro__ if name in vars(cls)]
        functions = [f for f in definitions if inspect.isfunction(f)]
        if name.startswith("_") or hasattr(BaseModel, name) or not functions:
            continue
        if not any(function.__module__.startswith(OURS) for function in functions):
            continue
        parameters = list(inspect.signature(functions[0]).parameters.values())[1:]
        names = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        is_model = any(getattr(function, "_api_model", False) for function in functions)
        found[name] = is_model, names
    return found


def field_to_write(model):
    """The first plain stored field, with a value for it."""
    for field in model._fields.values():
        if field.store and not field.related and field.type in VALUES and field.name != "id":
            return field.name, VALUES[field.type]
    return None


def describe(name):
    model = env[name]
    answer = {"methods": our_methods(type(model)), "abstract": model._abstract, "ids": []}
    answer["transient"] = model._transient
    answer["is_policy"] = model._kam_is_policy()
    if not model._abstract:
        found = model.sudo().with_context(active_test=False).search([], order="id")
        answer["ids"] = sorted({*found.ids[:1], *found.ids[-1:]})
        answer["field"] = field_to_write(model)
        answer["archives"] = "active" in model._fields
        answer["has_names"] = model._fields[model._rec_name or "id"].type == "char"
        stored = [field for field in model._fields.values() if field.type == "many2many"]
        answer["tables"] = [model._table, *{field.relation for field in stored if field.store}]
    return answer


def may_change(login):
    user = env["res.users"].search([("login", "=", login)])
    return [
        name
        for name in models
        if not env[name]._abstract
        and any(env[name].with_user(user).has_access(operation) for operation in OPERATIONS)
    ]


add_missing_records()
env.cr.commit()
models = {
    name: describe(name)
    for name, model in sorted(env.registry.items())
    if name.startswith("kam.") or our_methods(model)
}
answer = {
    "models": models,
    "may_change": {login: may_change(login) for login in ARGUMENTS["logins"]},
}
print(f"RESULT {json.dumps(answer)}")
