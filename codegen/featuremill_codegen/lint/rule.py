"""What a rule is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from inspect import cleandoc
from typing import TYPE_CHECKING, ClassVar

from featuremill_codegen.errors import Finding

if TYPE_CHECKING:
    from featuremill_codegen.lint.facts import Together
    from featuremill_codegen.lint.subject import Subject


STREAM: frozenset[str] = frozenset({"stream"})
BATCH: frozenset[str] = frozenset({"batch"})
BOTH = STREAM | BATCH


class Documented:
    """What every code has. The docstring's first line is the rule's title, all of it its page's text."""

    code: ClassVar[str]
    """Stable, never given to another rule: FM1xx contract, FM2xx streaming, FM3xx cost, FM4xx style, FM5xx security,
    FM6xx what a run or a plan shows."""
    why: ClassVar[str]
    """What the mistake does in production, in one sentence."""
    fixable: ClassVar[bool] = False
    """Whether `--fix` mends at least some of its findings."""
    can_be_silenced: ClassVar[bool] = True
    modes: ClassVar[frozenset[str]] = BOTH
    """The kinds of pipelines that it looks at."""

    @classmethod
    def title(cls) -> str:
        """The docstring's first line, without its full stop."""
        return cleandoc(cls.__doc__ or "").split("\n", 1)[0].rstrip(".")

    @classmethod
    def explanation(cls) -> str:
        """The docstring below its first line."""
        return cleandoc(cls.__doc__ or "").partition("\n")[2].strip()


class LoadingRule(Documented):
    """A rule of what a pipeline must be to be loaded at all. Loading itself finds its breaches, so none is silenced."""

    can_be_silenced = False


class Rule(Documented, ABC):
    """A rule that looks at one pipeline."""

    modes = STREAM

    @abstractmethod
    def check(self, subject: Subject) -> Iterator[Finding]:
        """The findings in one pipeline."""


class CrossRule(Documented, ABC):
    """A rule that looks at all pipelines together, by their facts alone: those of an unchanged one come from a
    cache."""

    @abstractmethod
    def check(self, together: Together) -> Iterator[Finding]:
        """The findings; each is at one of the pipelines and names the `others` that have a part in it."""
