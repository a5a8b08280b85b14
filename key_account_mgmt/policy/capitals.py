"""Amounts in Chinese capitals 大写, as they stand on contracts.

Source: users §3.6 (人民币大写).
"""

from decimal import ROUND_HALF_UP, Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
NAMES = {
    "CNY": "人民币",
    "HKD": "港币",
    "USD": "美元",
    "EUR": "欧元",
    "JPY": "日元",
    "GBP": "英镑",
    "TWD": "新台币",
}


def _group(number):
    """Four digits, zeros between digits said once: 1005 → 壹仟零伍."""
    said, zero = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if zero and said else "") + DIGITS[digit] + PLACES[place]
            zero = False
        else:
            zero = True
    return said


def integer(number):
    """A whole number below 10¹⁶ in capitals.

    :raise ValueError: negative, or too large
    """
    if not 0 <= number < 10**16:
        raise ValueError(number)
    if not number:
        return DIGITS[0]
    said, gap = "", False
    for place in range(3, -1, -1):
        group = number // 10000**place % 10000
        if not group:
            gap = bool(said)
            continue
        # 亿 closes the ten thousands of a hundred million: 壹万亿, 壹万贰仟亿.
        name = "万" if place == 3 and number // 10000**2 % 10000 else GROUPS[place]
        zero = said and (gap or group < 1000)
        said += ("零" if zero else "") + _group(group) + name
        gap = False
    return said


def amount(value, currency="CNY"):
    """``value`` in capitals: 人民币壹佰贰拾万元整; fen is rounded half up.

    :param value: int, float or Decimal; negative amounts begin with 负
    :param currency: ISO code; an unknown one stands as it is
    """
    cents = int((Decimal(str(value)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    sign, cents = ("负" if cents < 0 else ""), abs(cents)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    said = NAMES.get(currency, currency) + sign
    if yuan or not cents:
        said += integer(yuan) + "元"
    if not jiao and not fen:
        return said + "整"
    if jiao:
        said += DIGITS[jiao] + "角"
    elif yuan:
        said += DIGITS[0]
    return said + (DIGITS[fen] + "分" if fen else "整")
