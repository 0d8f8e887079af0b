from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.facts import Facts, Together
from featuremill_codegen.lint.rule import CrossRule

MOST_FIELDS = 128
"""`hash-max-listpack-entries` of Redis and Valkey, unless a server sets another."""


class ListpackLimit(CrossRule):
    """An entity with more features than a compact hash of Redis holds.

    An entity is one hash: a field for each feature, and one more for each pipeline. Redis keeps a hash of at most 128
    fields as a listpack; with one field more it becomes a table. Features that are not read together are better off
    with an entity of their own.
    """

    code = "FM301"
    why = "a hash of more than 128 fields takes three to five times the memory of a compact one, for every key"

    def check(self, together: Together) -> Iterator[Finding]:
        pipelines: dict[str, list[Facts]] = defaultdict(list)
        for each in together.served():
            pipelines[each.entity].append(each)
        for entity, members in pipelines.items():
            fields = sum(len(each.features) + 1 for each in members)
            if fields > MOST_FIELDS:
                last = members[-1]
                features = fields - len(members)
                message = (
                    f"Entity `{entity}` has {features} features of {len(members)} pipeline"
                    f"{'' if len(members) == 1 else 's'}: {fields} fields in its hash, and {MOST_FIELDS} are compact."
                )
                others = [each.name for each in members[:-1]]
                help = "give features that are not read together another entity, for example `<entity>_history`"
                yield last.places["entity"].finding(self.code, message, help=help, others=others)
