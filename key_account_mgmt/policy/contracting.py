"""Versions of a contract side by side, who is sampled, what a signature still lacks.

Pure: no database, no clock.
"""

import re
from collections import namedtuple
from difflib import SequenceMatcher

Difference = namedtuple("Difference", "section key label before after kind")

CHANGED, ADDED, REMOVED = "changed", "added", "removed"
SAME, INSERTED, DELETED = "same", "ins", "del"
# A Chinese character is a word of its own.
TOKENS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|\d+(?:[.,]\d+)*|\w+|\s+|[^\w\s]")
# Longer texts are shown whole: to compare them word by word would take seconds.
LONGEST = 4000


def differences(before, after):
    """What changed from one version to another.

    :param before: ``{section: {key: (label, text)}}``; a version that never was: ``{}``
    :param after: the same
    :return: list of :class:`Difference`, sections and keys in the order of ``after``, what
        was removed last in its section

    >>> old = {"clauses": {"1": ("Price", "100"), "2": ("Delivery", "May")}}
    >>> new = {"clauses": {"1": ("Price", "90"), "3": ("Disputes", "Court")}}
    >>> [(d.key, d.kind) for d in differences(old, new)]
    [('1', 'changed'), ('3', 'added'), ('2', 'removed')]
    """
    found = []
    sections = [*after, *(name for name in before if name not in after)]
    for section in sections:
        old, new = before.get(section) or {}, after.get(section) or {}
        for key, (label, text) in new.items():
            if key not in old:
                found.append(Difference(section, key, label, "", text, ADDED))
            elif old[key][1] != text:
                found.append(Difference(section, key, label, old[key][1], text, CHANGED))
        for key, (label, text) in old.items():
            if key not in new:
                found.append(Difference(section, key, label, text, "", REMOVED))
    return found


def words(before, after):
    """The two texts word by word: ``[(same | ins | del, text)]``.

    >>> words("within 30 days", "within 60 days")
    [('same', 'within '), ('del', '30'), ('ins', '60'), ('same', ' days')]
    """
    old, new = TOKENS.findall(before or ""), TOKENS.findall(after or "")
    if max(len(old), len(new)) > LONGEST:
        return [(kind, text) for kind, text in ((DELETED, before), (INSERTED, after)) if text]
    parts = []
    for code, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if code == "equal":
            parts.append((SAME, "".join(old[i1:i2])))
            continue
        if i2 > i1:
            parts.append((DELETED, "".join(old[i1:i2])))
        if j2 > j1:
            parts.append((INSERTED, "".join(new[j1:j2])))
    return parts


def sampled(draw, percent):
    """Whether a contract that might skip legal is looked at all the same.

    :param draw: a number from 0 to 99, drawn once per contract

    >>> [sampled(draw, 10) for draw in (0, 9, 10, 99)]
    [True, True, False, False]
    """
    return draw < percent


def is_pdf(head):
    """Whether a file says of itself that it is a PDF, whatever it is called.

    :param head: its first 1024 bytes
    """
    return b"%PDF-" in (head or b"")[:1024]


# What a signature consists of, in the order of the checklist.  Source: S0-106
OURS = ("our_signature", "our_date", "our_seal")
THEIRS = ("their_signature", "their_date", "their_seal", "authority")
ALWAYS = ("scan", "originals")
BY_ORDER = ("order_reference", "order_date")


def missing_of_signature(facts, by_order=False):
    """Codes of what is not there yet.

    :param facts: ``{code: bool}``
    :param by_order: the customer's order is his acceptance: nothing of his signature is
        needed, the order is

    >>> missing_of_signature(dict.fromkeys(OURS + THEIRS + ALWAYS, True))
    []
    >>> missing_of_signature(dict.fromkeys(OURS + ALWAYS, True), by_order=True)
    ['order_reference', 'order_date']
    """
    wanted = (*OURS, *(BY_ORDER if by_order else THEIRS), *ALWAYS)
    return [code for code in wanted if not facts.get(code)]


def signing_day(ours, theirs):
    """A contract is signed on the day of the last signature; None while one is missing."""
    return max(ours, theirs) if ours and theirs else None
