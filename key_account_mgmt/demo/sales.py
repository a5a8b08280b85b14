"""Invoices, refunds and receipts of three years; each sum of the story is exact."""

from collections import defaultdict, namedtuple
from datetime import timedelta

from odoo import Command

from ..policy.periods import month_end
from . import plan
from .story import WAN

TERMS = 60  # days
BATCH = 200
# Untaxed tons of Chenhang, in 100 kg: 22.4 t a month now, 21.5 at the last evaluation.
TONS = (2688, 2580, 2460)
# What of Hongyue's elevators is invoiced to Linhai: the end customer's 2 120 are 1 600 + 520.
THROUGH_LINHAI = (520, 470, 350)
# Sales of Yunting International, in 10 000 USD.
ABROAD = {"pacific": (310, 295, 260), "mekong": (96, 90, 80), "gulf": (58, 60, 50)}
# Overdue money: customer: (tax included, due at least so many days ago)
OVERDUE = {
    "shengyuan": (1_800_000, 91),
    "dingchuan": (700_000, 12),
    "xinghe": (300_000, 12),
    "tengyun": (200_000, 12),
}
# A refund of a project cancelled after a year: more than was invoiced since.
BIG_REFUND = ("kairui", -3, 420_000)

Sale = namedtuple("Sale", "key month amount currency tons end", defaults=("CNY", 0, None))


def load(story):
    sales = domestic(story)
    documents = _invoice(story, story.company, sales)
    documents += _invoice(story, story.international, abroad(story))
    refund_of, lonely = _refund(story, documents)
    paid = _receive(story, documents, refund_of, lonely)
    return f"{len(documents)} invoices, {len(refund_of) + 1} refunds, {paid} receipts"


# How much ----------------------------------------------------------------------------


def domestic(story):
    """All sales of the main company, in the currency they are invoiced in."""
    sales = []
    for key, row in story.rows.items():
        if row["series"] != "rest":
            sales += list(_sales_of(story, key, row))
    for key, row in story.rows.items():
        if row["series"] == "rest":
            sales += list(_rest_of_group(story, key, row, sales))
    through = _series(story, *THROUGH_LINHAI, every=2, key="linhai")
    sales += [Sale("linhai", month, amount, end="hongyue") for month, amount in through.items()]
    return sales + list(_running_month(story))


def abroad(story):
    sales = []
    for key, amounts in ABROAD.items():
        months = _series(story, *amounts, every=2, key=key)
        sales += [Sale(key, month, amount, "USD") for month, amount in months.items()]
    return sales


def _series(story, now, january, before, every=1, key=None, scale=WAN):
    def unit(month):
        if scale == 1 and not key:
            return 1
        return _product(story, key, month).list_price

    return plan.series(
        story.random,
        story.months_since_january,
        now * scale,
        january * scale,
        before * scale,
        story.month(plan.FIRST).month,
        unit=unit,
        every=every,
    )


def _sales_of(story, key, row):
    kind, amounts = row["series"], (row["now"], row["january"], row["before"])
    every = 3 if row["before"] < 150 else 2 if row["before"] < 560 and kind != "tons" else 1
    if kind == "lost":
        months = plan.level(row["before"] * WAN // 12 // 100 * 100, plan.FIRST, -14)
    elif kind == "stopped":
        months = plan.level(row["before"] * WAN // 12, plan.FIRST, -6)
    elif kind == "young":
        months = dict(zip(range(-4, 0), (1_200_000, 1_800_000, 1_500_000, 1_700_000), strict=True))
    elif kind == "none":
        months = {}
    else:
        months = _series(story, *amounts, every=every, key=key)
    currency = {"usd": "USD", "eur": "EUR"}.get(kind, "CNY")
    tons = _series(story, *TONS, scale=1) if kind == "tons" else {}
    for month, amount in months.items():
        if currency != "CNY":
            # Hundreds, so that the amount in CNY is exact as well.
            amount = round(amount / story.rates[currency, month] / 100) * 100
        yield Sale(key, month, amount, currency, tons.get(month, 0) / 10)


def _rest_of_group(story, key, row, sales):
    """A plant that buys what makes the sum of its group exact, in both windows."""
    members = [r for r in story.rows.values() if row["parent"] in (r["key"], r["parent"])]
    group = {r["key"] for r in members}
    k = story.months_since_january
    windows = (range(-12, 0), range(-12 - k, -k))
    others = [
        sum(_in_cny(story, s) for s in sales if s.key in group and s.month in window)
        for window in windows
    ]
    now, january = (
        total * WAN - other
        for total, other in zip((row["now"], row["january"]), others, strict=True)
    )
    before = (2 * row["before"] - sum(r["before"] for r in members)) * WAN
    months = _series(story, now, january, before, key=key, scale=1)
    return [Sale(key, month, round(amount, 2)) for month, amount in months.items()]


def _in_cny(story, sale):
    return sale.amount * story.rates.get((sale.currency, sale.month), 1)


def _running_month(story):
    """What was invoiced since the first of this month; in no closed window."""
    if story.today.day < 4:
        return
    for key, row in story.rows.items():
        if row["series"] == "normal" and row["now"] >= 150:
            share = story.today.day / 31 * story.random.uniform(0.6, 1.0)
            yield Sale(key, 0, round(row["now"] * WAN / 12 * share / 100) * 100)


# Documents ---------------------------------------------------------------------------


def _invoice(story, company, sales):
    """Posted invoices, ``[(customer key, invoice)]``, oldest first."""
    vals_list = [(sale.key, _invoice_vals(story, company, sale)) for sale in sales]
    vals_list.sort(key=lambda item: item[1]["invoice_date"])
    # Named here: asking for the next number of each is slow.
    numbers = defaultdict(int)
    for _key, vals in vals_list:
        year = vals["invoice_date"].year
        numbers[year] += 1
        vals["name"] = f"INV/{year}/{numbers[year]:05d}"
    return _post(story, company, vals_list)


def _post(story, company, vals_list):
    Move = story.env["account.move"].with_company(company)
    documents = []
    for start in range(0, len(vals_list), BATCH):
        part = vals_list[start : start + BATCH]
        moves = Move.create([vals for _key, vals in part])
        moves._post(soft=False)
        documents += [(key, move) for (key, _vals), move in zip(part, moves, strict=True)]
        story.env.flush_all()
        story.env.invalidate_all()
    return documents


def _invoice_vals(story, company, sale):
    day = story.day_in(sale.month, latest=20 if sale.key in OVERDUE else 27)
    partner = story.partners[sale.key]
    vals = {
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": day,
        "invoice_date_due": day + timedelta(days=TERMS),
        "currency_id": story.env.ref(f"base.{sale.currency}").id,
        "invoice_user_id": partner.user_id.id,
        "invoice_line_ids": [Command.create(vals) for vals in _lines(story, company, sale)],
    }
    if sale.end:
        vals["kam_end_customer_id"] = story.partners[sale.end].id
    return vals


def _lines(story, company, sale):
    """One product by whole units, and spare parts for what is left of the amount."""
    home = company == story.company
    taxes = story.tax.ids if home and sale.currency == "CNY" else []
    rate = story.rates.get((sale.currency, sale.month), 1)
    left = sale.amount
    if sale.tons:
        left -= sale.tons * story.products["rails"].list_price
        yield _line(story.products["rails"], sale.tons, story.products["rails"].list_price, taxes)
    product = _product(story, sale.key, sale.month)
    price = round(product.list_price / rate / 10) * 10
    units = int(left // price)
    if units:
        left -= units * price
        yield _line(product, units, price, taxes)
    if round(left, 2):
        yield _line(story.products["spares"], 1, round(left, 2), taxes)


def _product(story, key, month):
    """What a customer buys in a month, by the piece."""
    row = story.rows.get(key)
    codes = [code for code in row["products"] if code != "rails"] if row else ["doors"]
    return story.products[codes[month % len(codes)]]


def _line(product, quantity, price, taxes):
    return {
        "product_id": product.id,
        "product_uom_id": product.uom_id.id,
        "quantity": quantity,
        "price_unit": price,
        "tax_ids": [Command.set(taxes)],
    }


def _refund(story, documents):
    """Returns of about two invoices in a hundred, and one refund above all invoices.

    What comes back was invoiced on top in the same month, so that sums stay.

    :return: ``{invoice: refund}``, and the refund that stands alone
    """
    chosen = []
    candidates = [
        (key, invoice)
        for key, invoice in documents
        if invoice.currency_id == story.company.currency_id
        and invoice.company_id == story.company
        and key not in OVERDUE
        and invoice.invoice_date < story.month(0)
    ]
    for key, invoice in candidates[::43]:
        chosen.append((key, invoice, round(invoice.amount_untaxed * 0.02 / 100 + 1) * 100))
    extra = [(key, _correction(story, i, amount, "out_invoice")) for key, i, amount in chosen]
    returned = [(key, _correction(story, i, amount, "out_refund")) for key, i, amount in chosen]
    key, month, amount = BIG_REFUND
    partner_invoice = next(i for k, i in reversed(documents) if k == key)
    returned.append((key, _correction(story, partner_invoice, amount, "out_refund", month)))
    invoices = _post(story, story.company, extra)
    refunds = _post(story, story.company, returned)
    documents += invoices
    pairs = zip(invoices, refunds[:-1], strict=True)
    return {invoice: refund for (_k, invoice), (_r, refund) in pairs}, refunds[-1][1]


def _correction(story, invoice, amount, move_type, month=None):
    day = month_end(invoice.invoice_date) if month is None else story.day_in(month)
    line = _line(story.products["spares"], 1, amount, story.tax.ids)
    if month is not None:
        line["product_id"] = story.products["sets"].id
        line["product_uom_id"] = story.products["sets"].uom_id.id
        line["quantity"], line["price_unit"] = 8, amount / 8
    return {
        "move_type": move_type,
        "partner_id": invoice.partner_id.id,
        "invoice_date": day,
        "invoice_date_due": day + timedelta(days=TERMS),
        "invoice_user_id": invoice.invoice_user_id.id,
        "ref": f"Return 退货: {invoice.name}" if move_type == "out_refund" else False,
        "invoice_line_ids": [Command.create(line)],
    }


# Receipts ----------------------------------------------------------------------------


def _receive(story, documents, refund_of, lonely):
    """Bank entries, one a month and company; all but the overdue money comes in time."""
    open_amounts = _still_open(story, documents)
    receipts, plan_of_pairs = defaultdict(list), []
    for _key, invoice in [*documents, (BIG_REFUND[0], lonely)]:
        paid_on = invoice.invoice_date_due - timedelta(days=story.random.randrange(16))
        if paid_on > story.today:
            continue
        lines = (invoice | refund_of.get(invoice, invoice)).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        amount = sum(lines.mapped("amount_residual_currency")) - open_amounts.get(invoice, 0)
        if round(amount, 2):
            month = min(month_end(paid_on), story.today)
            receipts[invoice.company_id, month].append((lines, amount))
        elif len(lines) > 1:
            plan_of_pairs.append(lines)
    for (company, day), items in sorted(receipts.items(), key=lambda i: (i[0][0].id, i[0][1])):
        plan_of_pairs += _bank_entry(story, company, day, items)
    story.env["account.move.line"]._reconcile_plan(plan_of_pairs)
    return len(plan_of_pairs)


def _still_open(story, documents):
    """``{invoice: amount left open}``, newest due first, up to the story's sums."""
    result = {}
    for key, (total, days) in OVERDUE.items():
        due = [
            invoice
            for k, invoice in documents
            if k == key and invoice.invoice_date_due <= story.ago(days)
        ]
        for invoice in sorted(due, key=lambda i: i.invoice_date_due, reverse=True):
            result[invoice] = min(total, invoice.amount_total)
            total = round(total - result[invoice], 2)
            if not total:
                break
    return result


def _bank_entry(story, company, day, items):
    journal = story.env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    lines, total = [], 0.0
    for receivables, amount in items:
        first = receivables[0]
        share = amount / sum(receivables.mapped("amount_residual_currency"))
        balance = company.currency_id.round(sum(receivables.mapped("amount_residual")) * share)
        total += balance
        lines.append(
            {
                "name": f"Receipt 收款 {first.move_id.name}",
                "account_id": first.account_id.id,
                "partner_id": first.partner_id.id,
                "currency_id": first.currency_id.id,
                "amount_currency": -amount,
                "balance": -balance,
            }
        )
    bank = {
        "name": "Receipts of the month 本月收款",
        "account_id": journal.default_account_id.id,
        "balance": company.currency_id.round(total),
    }
    entry = (
        story.env["account.move"]
        .with_company(company)
        .create(
            {
                "journal_id": journal.id,
                "date": day,
                "line_ids": [Command.create(vals) for vals in [*lines, bank]],
            }
        )
    )
    entry._post(soft=False)
    by_name = {line.name: line for line in entry.line_ids}
    return [
        receivables | by_name[vals["name"]]
        for (receivables, _amount), vals in zip(items, lines, strict=True)
    ]
