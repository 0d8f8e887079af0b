"""When a batch runs: the five fields of a crontab, of those that mean the same in every scheduler."""

from __future__ import annotations

import re
from dataclasses import dataclass

CRON_HELP = 'minute, hour, day of the month, month, day of the week: "0 3 * * *" is every day at 03:00'
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_PART = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d+))?")


@dataclass(frozen=True, slots=True)
class Cron:
    """At most one run a day, at `hour`:`minute`. The days are sorted numbers, None for every one; Sunday is 0."""

    minute: int
    hour: int
    days: tuple[int, ...] | None
    months: tuple[int, ...] | None
    weekdays: tuple[int, ...] | None

    def runs_whenever(self, other: Cron) -> bool:
        """Whether there is no day on which the other runs and this doesn't."""
        ours = (self.days, self.months, self.weekdays)
        theirs = (other.days, other.months, other.weekdays)
        return all(a is None or (b is not None and set(b) <= set(a)) for a, b in zip(ours, theirs, strict=True))

    def quartz(self) -> str:
        """The seven fields of Quartz, which begin with seconds, end with years, and name one kind of day by `?`.

        >>> parse_cron("30 3 * * 1-5").quartz()
        '0 30 3 ? * MON,TUE,WED,THU,FRI *'
        """
        days = "?" if self.weekdays is not None else _listed(self.days)
        weekdays = "?" if self.weekdays is None else ",".join(_WEEKDAYS[day] for day in self.weekdays)
        return f"0 {self.minute} {self.hour} {days} {_listed(self.months)} {weekdays} *"


def parse_cron(text: str) -> Cron:
    """The schedule that a crontab's five fields name.

    >>> parse_cron("0 3 * * *")
    Cron(minute=0, hour=3, days=None, months=None, weekdays=None)

    Raises ValueError for another text, for more than one run a day (a batch computes days), and for a day of the month
    beside one of the week (which some schedulers take as either, others as both, and some not at all).
    """
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(f"`{text}` is not the five fields of a crontab | {CRON_HELP}")
    minute = _once(fields[0], "minute", 59)
    hour = _once(fields[1], "hour", 23)
    days = _field(fields[2], "day of the month", 1, 31, ())
    months = _field(fields[3], "month", 1, 12, _MONTHS)
    weekdays = _field(fields[4], "day of the week", 0, 7, _WEEKDAYS)
    if weekdays is not None:
        weekdays = tuple(sorted({day % 7 for day in weekdays}))
    if days is not None and weekdays is not None:
        raise ValueError("schedulers disagree on a day of the month beside a day of the week | make one of them *")
    if days is not None and months is not None and not any(day <= _longest(month) for day in days for month in months):
        raise ValueError("no month that it names has such a day, so it never runs")
    return Cron(minute, hour, days, months, weekdays)


def _once(field: str, what: str, most: int) -> int:
    if re.fullmatch(r"\d{1,2}", field) and int(field) <= most:
        return int(field)
    if re.fullmatch(r"[\d*,/-]+", field) and not field.isdigit():
        message = f"`{field}` as the {what} would run more than once a day, and a batch computes a day"
        raise ValueError(f"{message} | {CRON_HELP}")
    raise ValueError(f"`{field}` is no {what}, 0 to {most} | {CRON_HELP}")


def _field(field: str, what: str, least: int, most: int, names: tuple[str, ...]) -> tuple[int, ...] | None:
    """The numbers that a field allows, sorted; None for `*`."""
    if field == "*":
        return None

    def number(word: str) -> int:
        if word.upper() in names:
            return names.index(word.upper()) + least
        if re.fullmatch(r"\d{1,2}", word) and least <= int(word) <= most:
            return int(word)
        raise ValueError(f"`{word}` is no {what}, {least} to {most} | {CRON_HELP}")

    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None or (match[4] and not match[1] and not match[3]):
            raise ValueError(f"`{part}` is no {what} | a number, 1-5, */2 or 1-9/2, or several behind commas")
        first, last = (least, most) if match[1] else (number(match[2]), number(match[3] or match[2]))
        step = int(match[4] or 1)
        if first > last or not step:
            raise ValueError(f"`{part}` has no {what} in it | the smaller one first, and a step of at least 1")
        found.update(range(first, last + 1, step))
    return tuple(sorted(found))


def _longest(month: int) -> int:
    return {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)


def _listed(numbers: tuple[int, ...] | None) -> str:
    return "*" if numbers is None else ",".join(map(str, numbers))
