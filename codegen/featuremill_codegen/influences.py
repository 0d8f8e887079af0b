"""How a source column reaches a column of a query, in the words of OpenLineage's column lineage.

DIRECT ones carry values: IDENTITY passes them through, TRANSFORMATION computes, AGGREGATION puts those of many rows
together. INDIRECT ones decide which rows and values there are: JOIN, FILTER, GROUP_BY, SORT, WINDOW, CONDITIONAL.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class How(StrEnum):
    """The kinds, a DIRECT one before the ones that outweigh it."""

    IDENTITY = "IDENTITY"
    TRANSFORMATION = "TRANSFORMATION"
    AGGREGATION = "AGGREGATION"
    CONDITIONAL = "CONDITIONAL"
    FILTER = "FILTER"
    GROUP_BY = "GROUP_BY"
    JOIN = "JOIN"
    SORT = "SORT"
    WINDOW = "WINDOW"

    @property
    def is_direct(self) -> bool:
        """Whether values come this way, or only their choice."""
        return self in _DIRECT


_DIRECT = (How.IDENTITY, How.TRANSFORMATION, How.AGGREGATION)


class Influence(NamedTuple):
    """One column of a source table, and how it reaches."""

    table: str
    column: str
    how: How


Influences = frozenset[Influence]
NONE: Influences = frozenset()


def through(influences: Influences, how: How) -> Influences:
    """What reaches a column that is made from one with these influences, in the way `how`.

    An indirect influence stays what it is; of two direct ones the heavier counts.

    >>> [each.how.value for each in through(frozenset({Influence("t", "c", How.AGGREGATION)}), How.TRANSFORMATION)]
    ['AGGREGATION']
    """
    if how is How.IDENTITY or not influences:
        return influences
    return frozenset(Influence(each.table, each.column, combined(each.how, how)) for each in influences)


def combined(first: How, then: How) -> How:
    """One kind for a way through two."""
    if not first.is_direct:
        return first
    if not then.is_direct:
        return then
    return max(first, then, key=_DIRECT.index)


def union(influences: Iterable[Influences]) -> Influences:
    """All of them together."""
    return NONE.union(*influences)
