from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.cron import parse_cron
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.facts import Facts, Together
from featuremill_codegen.lint.rule import CrossRule
from featuremill_codegen.names import did_you_mean


class OtherPipeline(CrossRule):
    """A pipeline that names another one which doesn't exist, or itself.

    `parity_with` names the pipeline that this one is compared with, `bootstrap_from` the one that fills its past.
    `depends_on` of a batch's schedule names batches whose partition of the same day it waits for: they must run on
    every day on which it does, and may not wait for it themselves.
    """

    code = "FM105"
    why = "the comparison or the history that this key asks for would never happen, or the wait never end"
    can_be_silenced = False

    def check(self, together: Together) -> Iterator[Finding]:
        for each in together.facts:
            for key in ("parity_with", "bootstrap_from"):
                other = getattr(each, key)
                if other is not None and (other not in together.names or other == each.name):
                    message = f"`{key}` names `{other}`, which is no other pipeline."
                    help = did_you_mean(other, together.names - {each.name})
                    yield each.places[key].finding(self.code, message, help=help)
            for name in each.depends_on:
                message, help = self._never_there(each, name, together)
                if message:
                    place = each.places[f"depends_on {name}"]
                    yield place.finding(self.code, f"`depends_on` names `{name}`, {message}.", help=help)

    def _never_there(self, each: Facts, name: str, together: Together) -> tuple[str, str]:
        """Why the other's partition of a day would never come, and the mend; empty texts where it would."""
        if name == each.name or name not in together.names:
            batches = {fact.name for fact in together.facts if fact.cron is not None and fact is not each}
            return "which is no other pipeline", did_you_mean(name, batches)
        other = together.by_name.get(name)
        if other is None:
            return "", ""  # it can't be loaded, which is told of it
        if each.cron is None or other.cron is None:
            return "which is a stream and writes no partitions", ""
        if not parse_cron(other.cron).runs_whenever(parse_cron(each.cron)):
            return f"which doesn't run on every day on which this does: `{other.cron}`", "let it run daily"
        way = _way(name, each.name, together)
        if way:
            return f"which waits for this one: {' -> '.join(f'`{step}`' for step in (each.name, *way))}", ""
        return "", ""


def _way(start: str, end: str, together: Together) -> list[str]:
    """The pipelines from one to the other, each of which waits for the next; none where there is no such way."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        fact = together.by_name.get(way[-1])
        for name in fact.depends_on if fact is not None else ():
            if name == end:
                return [*way, end]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
