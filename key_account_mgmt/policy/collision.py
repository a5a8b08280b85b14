"""Whether two deals are the same: names and codes as people really type them."""

import re
import unicodedata

# What a company is, not who it is; longest first.
COMPANY_FORMS = (
    "股份有限公司", "有限责任公司", "有限責任公司", "集团有限公司", "集團有限公司",
    "有限公司", "集团公司", "集團公司", "集团", "集團", "公司",
)  # fmt: skip
LATIN_FORMS = frozenset(
    {
        "co", "company", "corp", "corporation", "inc", "incorporated", "ltd", "limited", "llc",
        "plc", "gmbh", "ag", "sa", "srl", "bv", "nv", "pte", "pty", "group", "holding", "holdings",
    }
)  # fmt: skip
WORDS = re.compile(r"[^\W_]+", re.UNICODE)
HAN = re.compile(r"[\u3400-\u9fff]")
# Chinese characters that tell one name from another: “电梯” alone does not.
HALF = 3


def normalised(name):
    """A company's name without form, punctuation, width and case.

    “云亭电梯（集团）有限公司”, “云亭电梯 集团 有限公司” and “云亭电梯” are one, as are
    “Tianheng Elevator Co., Ltd.” and “TIANHENG ELEVATOR”.

    :return: str; empty where nothing is left to compare
    """
    text = unicodedata.normalize("NFKC", name or "").casefold()
    words = [word for word in WORDS.findall(text) if word not in LATIN_FORMS]
    joined = "".join(words)
    for form in COMPANY_FORMS:
        joined = joined.replace(form, "")
    return joined


def company_names(name):
    """What else a company may be called: a bilingual name is known by each of its halves.

    :return: set of str as :func:`normalised` gives them
    """
    whole = normalised(name)
    words = WORDS.findall(unicodedata.normalize("NFKC", name or ""))
    chinese = normalised(" ".join(word for word in words if HAN.search(word)))
    latin = normalised(" ".join(word for word in words if not HAN.search(word)))
    halves = {chinese, latin} if len(chinese) >= HALF and len(latin) >= 2 * HALF else set()
    return {text for text in (whole, *halves) if text}


def same_company(one, other):
    """Whether two names are those of one company."""
    return bool(company_names(one) & company_names(other))


def credit_code(text):
    """A credit or tax code as letters and digits; empty where it is none."""
    code = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", text or "").upper())
    return code if len(code) > 4 else ""


def same_project(one, other):
    """Whether two names may be one project: equal, or one within the other, as a whole or
    in their Chinese halves.

    A project nobody named yet may be any.
    """
    left, right = (
        WORDS.findall(unicodedata.normalize("NFKC", name or "").casefold()) for name in (one, other)
    )
    if _within("".join(left), "".join(right)):
        return True
    # Numbers belong to both halves: “line 7 号线” is not “line 6 号线”.
    halves = [
        "".join(word for word in words if HAN.search(word) or word.isdigit())
        for words in (left, right)
    ]
    return all(len(HAN.findall(half)) >= HALF for half in halves) and _within(*halves)


def _within(one, other):
    return not one or not other or one in other or other in one


def overlaps(one, other):
    """Whether two sets of product scopes overlap; one not chosen yet may be any."""
    return not one or not other or bool(set(one) & set(other))
