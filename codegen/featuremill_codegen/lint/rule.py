"""What a rule is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from inspect import cleandoc
from typing import ClassVar

from featuremill_codegen.errors import Finding
from featuremill_codegen.pipeline import Pipeline


class _Named:
    code: ClassVar[str]
    """Stable, never given to another rule: FM1xx contract, FM2xx streaming, FM3xx cost, FM4xx style, FM5xx security."""

    @classmethod
    def explanation(cls) -> str:
        """The rule's help text: its docstring."""
        return cleandoc(cls.__doc__ or "")


class Rule(_Named, ABC):
    """A rule that looks at one pipeline."""

    @abstractmethod
    def check(self, pipeline: Pipeline) -> Iterator[Finding]:
        """The findings in one pipeline."""


class CrossRule(_Named, ABC):
    """A rule that looks at all pipelines together."""

    @abstractmethod
    def check(self, pipelines: Sequence[Pipeline]) -> Iterator[Finding]:
        """The findings; each is at one of the pipelines."""
