"""Prices of a level: what accounts take with it, a discount that was approved, a payment term
that waits for the director, and what a quantity earns in a campaign."""

from datetime import timedelta

from odoo import Command

from .guard import _quotation
from .story import WAN

# level, percent off the list, days of payment, discount nobody is asked for
LEVELS = (
    ("strategic", "Strategic customers 战略客户价格", 6, 60, 12),
    ("key", "Key customers 重点客户价格", 3, 45, 8),
)
# stage, from quantity, percent
STEPS = (("1", 300, 3.0), ("1", 600, 5.0), ("2", 600, 2.0))
LONGEST = 90


def load(story):
    story.ref("group_kam_area_price")._kam_switch_on()
    terms = {days: _term(story, days) for days in (45, 60, LONGEST)}
    for level in LEVELS:
        _level(story, terms, *level)
    _long_term(story)
    _take(story, "dingchuan")
    _approved(story)
    _waiting(story, terms[LONGEST])
    _steps(story)
    _quiet(story)
    return "prices of two levels, one discount approved, one payment term waits"


def _term(story, days):
    return story.env["account.payment.term"].create(
        {
            "name": f"{days} Days 月结{days}天",
            "company_id": story.company.id,
            "line_ids": [
                Command.create({"value": "percent", "value_amount": 100, "nb_days": days})
            ],
        }
    )


def _pricelist(story, name, percent, **values):
    rule = {"applied_on": "3_global", "compute_price": "percentage", "percent_price": percent}
    return story.env["product.pricelist"].create(
        {
            "name": name,
            "company_id": story.company.id,
            "currency_id": story.company.currency_id.id,
            "item_ids": [Command.create(rule)],
            **values,
        }
    )


def _level(story, terms, code, name, percent, days, ceiling):
    tier = story.ref(f"kam_tier_s3_{code}").with_user(story.users["admin"])
    tier._with_policy_reason("Price policy of this year 本年度价格政策").write(
        {
            "pricelist_id": _pricelist(story, name, percent).id,
            "payment_term_id": terms[days].id,
            "max_discount": ceiling,
        }
    )


def _long_term(story):
    """Under the frame contract of Tianheng, as long as it runs."""
    prices = _pricelist(story, "Frame prices of Tianheng 天衡框架价", 9, kam_long_term=True)
    _file(story, "tianheng").with_env(story.as_user("linfang")).pricelist_id = prices


def _file(story, key):
    customer = story.partners[key].commercial_partner_id
    return story.env["kam.account"].search(
        [("partner_id", "=", customer.id), ("company_id", "=", story.company.id)]
    )


def _take(story, key):
    """The account manager takes what the level brings; elsewhere it is only proposed."""
    _file(story, key).with_env(story.as_user("zhoumin")).action_take_tier_prices()


def _ask(story, order, reason):
    asked = story.as_user("zhoumin")["kam.price.approval"]
    approval = asked.create({"order_id": order.id, "reason": reason})
    approval.action_submit()
    return approval


def _approved(story):
    """Fifteen percent for the first lot of a new line, decided by the director."""
    order = _quotation(story, "dingchuan", "doors", 60 * WAN)
    order.order_line.discount = 15
    approval = _ask(
        story, order, "First lot of the new line; 4 000 pieces next year 新线首批，明年4000台"
    )
    request = approval.sudo()._approval_request().sudo(False)
    request.with_env(story.as_user("chenli")).action_approve("For this lot only 仅限本批")
    order.with_env(story.as_user("zhoumin")).action_confirm()
    approval.sudo()._as_engine().write({"approved_on": story.ago(12)})


def _waiting(story, term):
    order = _quotation(story, "changfeng", "cabinets", 48 * WAN, payment_term_id=term.id)
    _ask(story, order, "They pay us when their builder pays 客户待业主付款后支付")


def _steps(story):
    """What all orders of a unit at the fair earn together, set by the director."""
    campaign = story.env["kam.campaign"].search([], limit=1)
    if not campaign:
        return
    steps = story.as_user("chenli")["kam.price.step"]
    for stage, quantity, percent in STEPS:
        steps.create(
            {
                "kam_campaign_id": campaign.id,
                "stage": stage,
                "quantity_from": quantity,
                "discount": percent,
            }
        )
    _quotation(
        story, "hongyue", "doors", 90 * WAN, campaign_id=campaign.campaign_id.id,
        date_order=f"{story.today - timedelta(days=1)} 02:00:00",
    )  # fmt: skip


def _quiet(story):
    """Told and read, but for what waits."""
    notices = story.env["kam.notice"].search(
        [("res_model", "=", "kam.price.approval"), ("sent_on", "=", False)]
    )
    notices._as_engine().write({"sent_on": f"{story.ago(1)} 01:00:00"})
