"""Flights in the form of the table that carrier_daily_quality reads: 28 days, in files of which shares are made."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

LAST = date(2013, 12, 28)
DAYS = [LAST - timedelta(number) for number in reversed(range(28))]
CARRIERS = [f"{first}{second}" for first in "ABDFUVWY" for second in "ALSX9"]
SEED = 17
# so many lines differ; what makes a query dear is how many there are
DIFFERENT = 20_000
# a partition has a file for each of so many parts, so that a table with fewer rows is made of the same files
FILES = 10


def lines() -> list[str]:
    """Flights as lines of the table: one in fifty cancelled, delays in minutes."""
    made = []
    generator = random.Random(SEED)
    for number in range(DIFFERENT):
        departure = round(generator.gauss(8, 30))
        delays = "," if generator.random() < 0.02 else f"{departure},{departure + round(generator.gauss(-5, 15))}"
        origin = generator.choice(("EWR", "JFK", "LGA"))
        made.append(f"{generator.choice(CARRIERS)},{number},{origin},LAX,{delays}\n")
    return made


def write_flights(folder: Path, rows: int) -> int:
    """Write about so many flights, as many on every day, to `<folder>/dt=<day>/<part>.csv`: `FILES` files a day.

    Returns how many there are.
    """
    possible = lines()
    share = rows // len(DAYS) // FILES
    for day in DAYS:
        partition = folder / f"dt={day}"
        partition.mkdir(parents=True)
        for part in range(FILES):
            chosen = random.Random(f"{SEED}-{day}-{part}").choices(possible, k=share)
            (partition / f"{part}.csv").write_text("".join(chosen), encoding="utf-8")
    return share * FILES * len(DAYS)


def link_share(folder: Path, target: Path, parts: int) -> None:
    """Make a table of some of the parts of another one, without a copy of them."""
    for day in DAYS:
        partition = target / f"dt={day}"
        partition.mkdir(parents=True)
        for part in range(parts):
            os.link(folder / f"dt={day}" / f"{part}.csv", partition / f"{part}.csv")


def write_few(target: Path) -> int:
    """A flight for each carrier and day: what a day costs beside its rows. Returns how many there are."""
    for day in DAYS:
        partition = target / f"dt={day}"
        partition.mkdir(parents=True)
        flights: Sequence[str] = [f"{carrier},1,JFK,LAX,0,5\n" for carrier in CARRIERS]
        (partition / "0.csv").write_text("".join(flights), encoding="utf-8")
    return len(DAYS) * len(CARRIERS)
