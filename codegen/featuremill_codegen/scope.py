"""The names that one SELECT can use: its relations' columns, and those of the query around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlglot import exp

from featuremill_codegen.influences import How, through
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.relations import Column, Relation
from featuremill_codegen.types import SqlType


@dataclass(frozen=True)
class Mistake:
    """A name that doesn't exist, at a node of the tree."""

    node: exp.Expr
    message: str
    help: str


class Scope:
    """The relations of one FROM, by their names there."""

    def __init__(self, mistakes: list[Mistake], outer: Scope | None, normal: Callable[[str], str] = str) -> None:
        self.mistakes = mistakes
        self.aliases: set[str] = set()
        """Names of the SELECT's own columns, where a clause may use them."""
        self.windows: dict[str, exp.Expr] = {}
        """What WINDOW names, by name."""
        self._outer = outer
        self._normal = normal
        self._relations: list[tuple[str, Relation]] = []
        self._shared: dict[str, Column] = {}

    def add(self, name: str, found: Relation) -> None:
        """A relation more, under its name in FROM."""
        self._relations.append((name, found))

    def drop(self) -> None:
        """Forget the relation that was added last: what a semi join leaves behind."""
        self._relations.pop()

    @property
    def last(self) -> Relation:
        """The relation that was added last."""
        return self._relations[-1][1]

    @property
    def relations(self) -> list[Relation]:
        """All relations, in their order."""
        return [found for _, found in self._relations]

    def replace(self, name: str, found: Relation) -> None:
        """One relation in the place of all."""
        self._relations = [(name, found)]

    def share(self, names: list[str], kinds: Callable[[list[Column]], Column]) -> None:
        """`USING (names)`: the last relation's columns of these names and those before are one."""
        for name in names:
            before = self._shared.get(name) or next(
                (source.columns[name] for _, source in self._relations[:-1] if name in source.columns), None
            )
            after = self.last.columns.get(name)
            if before is not None and after is not None:
                self._shared[name] = replace(kinds([before, after]), name=name)

    def common_names(self) -> list[str]:
        """The column names that the last relation has in common with those before it (`NATURAL JOIN`)."""
        before = {name for _, source in self._relations[:-1] for name in source.columns}
        return [name for name in self.last.columns if name in before]

    def starred(self, star: exp.Expr) -> tuple[list[Column], bool]:
        """The columns that `*`, `t.*` or `row.*` stands for, and whether these are all."""
        if isinstance(star, exp.Column) and star.args.get("table") is not None:
            names = [self._normal(part.name) for part in star.parts[:-1]]
            named = [found for name, found in self._relations if name == names[0]]
            if len(names) == 1 and named:
                return list(named[0].columns.values()), named[0].complete
            row = self._find(names)
            if row is None or row.type is None or row.type.root != "ROW":
                return [], False
            return [field for name in row.type.names if (field := _field(row, [name])) is not None], True
        columns = list(self._shared.values())
        for _, found in self._relations:
            columns += [each for each in found.columns.values() if each.name not in self._shared]
        return columns, self.complete

    def resolve(self, column: exp.Column) -> Column:
        """The column that a reference means, fields of a row included (`t.r.x`, `r.x`)."""
        parts = [self._normal(part.name) for part in column.parts]
        found = self._find(parts)
        if found is None and self._all_complete() and not (len(parts) == 1 and parts[0] in self.aliases):
            self.mistakes.append(self._mistake(column, parts))
        return found or Column(parts[-1])

    def _find(self, parts: list[str]) -> Column | None:
        if len(parts) == 1 and parts[0] in self._shared:
            return self._shared[parts[0]]
        for name, source in self._relations:
            if len(parts) > 1 and name == parts[0] and parts[1] in source.columns:
                return _field(source.columns[parts[1]], parts[2:])
        for _, source in self._relations:
            if parts[0] in source.columns:
                return _field(source.columns[parts[0]], parts[1:])
        inside = self._inside_rows(parts[0]) if len(parts) == 1 else None
        if inside is not None:
            return inside
        return self._outer._find(parts) if self._outer is not None else None

    def _inside_rows(self, name: str) -> Column | None:
        """The field of that name inside the rows here: Flink finds it without its row's name."""
        columns = [column for _, source in self._relations for column in source.columns.values()]
        paths = [(column, path) for column in columns for path in _paths(column.type, name)]
        return _field(paths[0][0], paths[0][1]) if len(paths) == 1 else None

    @property
    def complete(self) -> bool:
        """Whether all columns of all relations here are known."""
        return all(source.complete for _, source in self._relations)

    def _all_complete(self) -> bool:
        return self.complete and (self._outer is None or self._outer._all_complete())

    def _mistake(self, column: exp.Column, parts: list[str]) -> Mistake:
        relations = dict(self._relations)
        if len(parts) > 1 and parts[0] in relations:
            help = did_you_mean(parts[1], relations[parts[0]].columns)
            return Mistake(column, f"`{parts[0]}` has no column `{parts[1]}`.", help)
        if len(parts) > 1:
            return Mistake(column, f"There is no table `{parts[0]}` here.", did_you_mean(parts[0], relations))
        known = [name for source in relations.values() for name in source.columns]
        return Mistake(column, f"There is no column `{parts[0]}` here.", did_you_mean(parts[0], known))


def _paths(kind: SqlType | None, name: str) -> list[list[str]]:
    """The ways down to the fields of that name inside a row."""
    found: list[list[str]] = []
    for field, part in zip(kind.names, kind.parts, strict=True) if kind is not None and kind.names else ():
        found += [[field]] if field == name else []
        found += [[field, *path] for path in _paths(part, name)]
    return found


def _field(column: Column, path: list[str]) -> Column | None:
    """A field of a row, down a path; None where the type shows that there is none of that name."""
    for name in path:
        kind = None
        if column.type is not None:
            if name not in column.type.names:
                return None
            kind = column.type.parts[column.type.names.index(name)]
        influences = through(column.influences, How.TRANSFORMATION)
        column = Column(name, kind, influences, column.functions)
    return column
