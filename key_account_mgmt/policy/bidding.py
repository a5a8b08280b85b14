"""Tenders: when a deadline falls, whether it pays to bid, when to warn.

Pure functions; moments are naive datetimes in UTC.  Source: S0-86, users §3.4.
"""

from datetime import datetime, time, timedelta

import pytz

# Days before the deadline on which the team is warned, and once when it has passed.
WARNINGS = (7, 3, 1, 0)
# Before the first of them.
UNWARNED = 99


class NoSuchTimeError(ValueError):
    """The clock is put forward over this time: it does not exist on that day."""


def local_moment(day, hours, zone):
    """The moment of a time on the clock of a place, in UTC.

    Of a time that comes twice (the clock is put back) the first one: who keeps it is in
    time by either reading.

    :param hours: 0 to below 24, e.g. 9.5 for half past nine
    :param zone: name of a time zone
    :raise NoSuchTimeError: the clock is put forward over it
    """
    place = pytz.timezone(zone)
    wall = datetime.combine(day, time.min) + timedelta(minutes=round(hours * 60))
    try:
        local = place.localize(wall, is_dst=None)
    except pytz.NonExistentTimeError as error:
        raise NoSuchTimeError(wall) from error
    except pytz.AmbiguousTimeError:
        local = min(place.localize(wall, is_dst=summer) for summer in (True, False))
    return local.astimezone(pytz.utc).replace(tzinfo=None)


def wall_clock(moment, zone):
    """``(day, hours)`` on the clock of a place at a moment in UTC."""
    local = pytz.utc.localize(moment).astimezone(pytz.timezone(zone))
    return local.date(), local.hour + local.minute / 60


def weighted_score(scores):
    """The mean of ``[(weight, score)]``; None where nothing weighs anything."""
    total = sum(weight for weight, _score in scores)
    if not total:
        return None
    return sum(weight * score for weight, score in scores) / total


def warning_reached(days_left, told=UNWARNED):
    """Which warning is to be given now, None where none.

    After an outage only the latest one: two letters about one deadline help nobody.

    :param days_left: days to the deadline, negative after it
    :param told: the warning given last
    """
    reached = [days for days in WARNINGS if days_left <= days and (days or days_left < 0)]
    warning = min(reached, default=None)
    if warning is None or told <= warning:
        return None
    return warning
