"""The main journey step by step, whatever client a program uses.

A client offers what `client.Client` does: `call`, `create`, `read`, `search`, `write`.
"""

EVALUATION = "kam.tier.evaluation"
LINE = "kam.tier.evaluation.line"
STEP = "kam.approval.request.step"
OVERRIDE = "kam.tier.override.wizard"
REASON = "Signed for next year"
# What the evaluation of everybody decides, by customer.
DECIDED = {
    "Alpine Lifts": "Key",
    "Borealis Elevators": "Main",
    "Cygnus Towers": "Main",
    "Delta Homes": "General",
    "Everest Group": "Key",
    "Fuji Parts": False,
    "Gobi Rail": "Strategic",
    "Harbour Hoists": "Key",
}


def submit_everybody(office):
    """An evaluation of everybody: computed, one line overridden, submitted by the office."""
    evaluation = office.create(EVALUATION, name="Yearly classification")
    office.call(EVALUATION, "action_compute", evaluation)
    override(office, evaluation, "Harbour Hoists", "key")
    office.call(EVALUATION, "action_submit", evaluation)
    return evaluation


def submit_one(office, customer_id, name="One customer"):
    """A computed evaluation of one customer that waits for approval."""
    evaluation = office.create(EVALUATION, name=name, partner_ids=[[6, 0, [customer_id]]])
    office.call(EVALUATION, "action_compute", evaluation)
    office.call(EVALUATION, "action_submit", evaluation)
    return evaluation


def override(office, evaluation, customer, tier_code):
    """Decide another tier for a customer, in the dialog."""
    [line] = office.search(
        LINE, ("evaluation_id", "=", evaluation), ("partner_id.name", "=", customer)
    )
    context = office.call(LINE, "action_override", line)["context"]
    values = {"tier_id": tier_id(office, tier_code), "reason": REASON}
    wizard = office.create(OVERRIDE, context=context, **values)
    office.call(OVERRIDE, "action_confirm", wizard)


def tier_id(client, code):
    """A level of the scheme in force."""
    [tier] = client.search("kam.tier", ("code", "=", code), ("scheme_id.code", "=", "s3"))
    return tier


def step_of(approver, evaluation):
    """The pending step of an evaluation, as its approver finds it."""
    [step] = approver.search(STEP, ("is_mine", "=", True), ("request_id.res_id", "=", evaluation))
    return step


def approve(approver, evaluation, comment="Agreed"):
    """What is unusual is read, then the step approved; returns the step."""
    step = step_of(approver, evaluation)
    assert REASON in approver.read(STEP, step, "highlights_html")
    approver.call(STEP, "action_approve", step, comment=comment)
    return step


def decided(client, evaluation):
    """{customer: name of the decided tier, or False}"""
    lines = client.call(
        LINE,
        "search_read",
        domain=[("evaluation_id", "=", evaluation)],
        fields=["partner_id", "decided_tier_id"],
    )
    return {
        line["partner_id"][1]: line["decided_tier_id"] and line["decided_tier_id"][1]
        for line in lines
    }


def tiers(client):
    """{customer: name of the tier his account file shows, or False}"""
    accounts = client.call("kam.account", "search_read", domain=[], fields=["name", "tier_id"])
    return {account["name"]: account["tier_id"] and account["tier_id"][1] for account in accounts}
