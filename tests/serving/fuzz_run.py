"""Fuzzes serving for as long as it is told, and says what came of it.

nox -s fuzz-serving
nox -s fuzz-serving -- --seconds 300 --output benchmarks/results/serving-fuzz.md
nox -s fuzz-serving -- --target tokens --seed 17
"""

import argparse
import datetime
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "serving")]

from serving_fuzz import LONGEST_S, MOST_MB, targets, tried  # noqa: E402

FOUND = (
    "Redis: a list of 4,294,967,294, or a map with a map as a key, was an exception in the event loop, not a broken "
    "connection; `MOVED ² …` was a failure of ours; a push message was taken for the answer to somebody's read; a list "
    "of the right length that holds something else than values was a failure of ours, and its connection was kept",
    "registries: a `max_age_ms` beyond 64 bits was taken, and every ListFeatures failed from then on",
    "files of callers: lists nested a thousand deep ended the service; a pattern of 100,000 characters kept it for "
    "minutes",
    "key sets: documents that are no key set ended the service, instead of being refused",
)


@dataclass
class Outcomes:
    """What came of a target's inputs."""

    seconds: float = 0.0
    words: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return sum(self.words.values()) + len(self.failures)


def main() -> int:
    """Runs all targets, or one, in turns of a second; 1 where something came about that isn't meant to."""
    parser = argparse.ArgumentParser(prog="nox -s fuzz-serving --", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="in all (default: 60)")
    parser.add_argument("--target", metavar="NAME", help="one of the targets alone")
    parser.add_argument("--seed", type=int, metavar="N", help="one input alone, of each target")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the page to this file, too")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what it has started ends with it
    with tempfile.TemporaryDirectory(prefix="featuremill-fuzz-") as folder, targets(Path(folder)) as found:
        chosen = {name: target for name, target in found.items() if options.target in (None, name)}
        if not chosen:
            parser.error(f"there is no target {options.target!r}; there are {', '.join(found)}")
        if options.seed is not None:
            for name, target in chosen.items():
                print(f"{name}: {tried(target, options.seed)}")
            return 0
        outcomes = {name: Outcomes() for name in chosen}
        seed = random.randrange(10**9)
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            for name, target in chosen.items():
                started = time.monotonic()
                while time.monotonic() < min(started + 1.0, end):
                    seed += 1
                    try:
                        outcomes[name].words[tried(target, seed)] += 1
                    except Exception:
                        outcomes[name].failures.append(f"{name}, seed {seed}\n{traceback.format_exc()}")
                outcomes[name].seconds += time.monotonic() - started
        memory = [child.memory_info().rss >> 20 for child in psutil.Process().children() if "-m" in child.cmdline()]
    page = report(outcomes, max(memory))
    print(page)
    for failure in [each for outcome in outcomes.values() for each in outcome.failures[:3]]:
        print(failure, file=sys.stderr)
    if options.output is not None:
        options.output.write_text(page, encoding="utf-8")
    return int(any(outcome.failures for outcome in outcomes.values()))


def report(outcomes: dict[str, Outcomes], memory_mb: int) -> str:
    """The figures as a page."""
    rows = [
        f"| {name} | {each.tried:,} | {each.seconds:.0f} | {len(each.failures)} | "
        + ", ".join(f"{word} {count:,}" for word, count in each.words.most_common())
        + " |"
        for name, each in outcomes.items()
    ]
    tried = sum(each.tried for each in outcomes.values())
    seconds = sum(each.seconds for each in outcomes.values())
    return "\n".join(
        [
            "# What serving does with input that nobody means",
            "",
            "Made by `nox -s fuzz-serving`. Good input is changed at random: bytes turned, lost, doubled and "
            "moved, lengths that are no lengths, deep nesting, text that isn't UTF-8, parts of JSON replaced. "
            "Requests with their tokens go to a service as a process; so do the answers of a Redis that lies, "
            "after each of which the truth has to be served again. Nothing but the outcomes below may come "
            "about: a service that ends, a code that isn't meant (INTERNAL only where Redis lies), a message "
            "that is empty, long or names anything of ours, an exception that isn't the part's own, more than "
            f"{LONGEST_S:g} s of CPU for an input, or a service of more than {MOST_MB} MB is a failure. "
            "`tests-quick` tries some hundred inputs of each.",
            "",
            f"- run: {datetime.datetime.now(datetime.UTC).date()}, {tried:,} inputs in {seconds:.0f} s",
            f"- the larger of the two services at the end: {memory_mb} MB",
            "",
            "| target | inputs | seconds | failures | outcomes |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            "Found, and mended; without what mends it, each is found again:",
            "",
            *(f"- {each}" for each in FOUND),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
