"""The options of the sink `featuremill-redis`: their names, types, defaults, effects and rules, written down once.

From `MODEL` come the SQL `WITH` of both ingestion jobs, the check of `--sink-option`, a DataStream sink's options and
the table in `sinks/README.md` (`python -m featuremill_sinks.options` writes it again). A further option of the
connector is one more entry in `MODEL`; a test compares them with `RedisOptions.java`.

    SinkOptions({"host": "redis", "flush.interval": timedelta(milliseconds=50), "on-bad-row": "fail"}).with_clause()

Standard library alone: the jobs' programs run where there is nothing but PyFlink.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from featuremill_sinks.option_values import (
    LARGEST_INT,
    AbsolutePath,
    Boolean,
    Duration,
    Integer,
    Kind,
    Memory,
    OneOf,
    Text,
)

CONNECTOR = "featuremill-redis"
MASK = "******"
README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- options: begin -->", "<!-- options: end -->"


class OptionError(ValueError):
    """An option of the sink that can't work. The message names it, and holds no secret."""


@dataclass(frozen=True)
class Option:
    """An option: everything that is known of it."""

    name: str
    kind: Kind
    effect: str
    """What it does, for the table: Markdown, without the full stop."""
    default: str | None = None
    """As it is written in SQL; None without one."""
    default_note: str = ""
    """What stands in the table's column instead."""
    required: bool = False
    """It must be given, unless one of `excludes` is."""
    secret: bool = False
    """Its value is in no message, comes from the environment, and Flink masks it (which goes by the name)."""
    needs: tuple[str, ...] = ()
    """The options that must be given beside it."""
    excludes: tuple[str, ...] = ()
    """The options that must not be given beside it."""
    needed_when: tuple[str, str] | None = None
    """An option and the value of it under which this one must be given."""
    not_below: str | None = None
    """An option of the same type whose value this one's must reach."""
    flinks_own: bool = False
    """It is not among the connector's, but every table's in Flink."""

    @property
    def variable(self) -> str:
        """The environment variable that a secret comes from."""
        return "FEATUREMILL_REDIS_" + re.sub(r"[.-]", "_", self.name).upper()

    def parse(self, text: str) -> object:
        """The value of a text. Raises `OptionError`; a secret's value is not in its message."""
        try:
            return self.kind.parse(text)
        except ValueError as error:
            raise OptionError(f"Option '{self.name}' {error}{self._given(text)}.") from None

    def write(self, value: object) -> str:
        """The text of a value: see `Kind.write`. Raises `OptionError`."""
        try:
            return self.kind.write(value)
        except ValueError as error:
            raise OptionError(f"Option '{self.name}' {error}.") from None

    def _given(self, text: str) -> str:
        return "" if self.secret or not text.strip() else f", not {text!r}"


class Model:
    """The options there are, and the rules between them."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.options = {option.name: option for option in options}

    def option(self, name: str) -> Option:
        """The option of that name. Raises `OptionError` with the nearest ones."""
        if name in self.options:
            return self.options[name]
        near = get_close_matches(name, self.options, n=3, cutoff=0.6)
        mend = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {', '.join(self.options)}."
        raise OptionError(f"The sink has no option {name!r}; {mend}")

    def check(self, texts: Mapping[str, str]) -> dict[str, object]:
        """Every option's value, given or by default, else None. Raises `OptionError` for the first that can't work."""
        given = {name: self.option(name).parse(text) for name, text in texts.items()}
        values = {
            name: given.get(name, None if option.default is None else option.kind.parse(option.default))
            for name, option in self.options.items()
        }
        for name, option in self.options.items():
            if name in given:
                self._check_given(option, given, values)
            elif option.required and not any(other in given for other in option.excludes):
                raise OptionError(f"Option '{name}' is required.")
            elif option.needed_when is not None and values[option.needed_when[0]] == option.needed_when[1]:
                other, value = option.needed_when
                raise OptionError(f"Option '{name}' is needed while '{other}' is '{value}': set it, or '{other}'.")
        for option in self.options.values():
            self._check_order(option, values)
        return values

    @staticmethod
    def _check_given(option: Option, given: Mapping[str, object], values: Mapping[str, object]) -> None:
        for other in option.needs:
            if values[other] in (None, False):
                raise OptionError(f"Option '{option.name}' needs '{other}' beside it.")
        for other in option.excludes:
            if other in given:
                raise OptionError(f"Option '{option.name}' can't stand beside '{other}'.")

    @staticmethod
    def _check_order(option: Option, values: Mapping[str, object]) -> None:
        if option.not_below is None:
            return
        value, other = values[option.name], values[option.not_below]
        if value is not None and other is not None and value < other:  # type: ignore[operator]
            raise OptionError(f"Option '{option.name}' must not be smaller than '{option.not_below}'.")

    def from_environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        """The secrets that the environment variables hold: see `Option.variable`. An empty one counts as absent."""
        found = {name: environment.get(option.variable) for name, option in self.options.items() if option.secret}
        return {name: text for name, text in found.items() if text}

    def table(self) -> str:
        """The options as a table in Markdown."""
        rows = ["| option | type | default | effect |", "|---|---|---|---|"]
        for option in self.options.values():
            kind = ", ".join(f"`{word}`" for word in option.kind.words) if isinstance(option.kind, OneOf) else ""
            default = f"`{option.default}`" if option.default is not None else "none"
            secret = f"; a secret, from `{option.variable}`" if option.secret else ""
            stands = option.default_note or ("required" if option.required else default)
            rows.append(f"| `{option.name}` | {kind or option.kind.label} | {stands} | {option.effect}{secret} |")
        return "\n".join(rows)


ANY_DEAD_LETTER = ("on-bad-row", "dead-letter")

MODEL = Model(
    [
        Option("connector", Text(), "the sink's name in Flink", CONNECTOR, flinks_own=True),
        Option(
            "host",
            Text(),
            "the Redis server's name or address",
            default_note="required, or `unix-socket`",
            required=True,
            excludes=("unix-socket",),
        ),
        Option("port", Integer(1, 65535), "its port", "6379", excludes=("unix-socket",)),
        Option("unix-socket", AbsolutePath(), "the path of its Unix domain socket, instead of `host`"),
        Option(
            "tls.enabled",
            Boolean(),
            "encrypt the connection; the server's certificate must be for `host` and from a trusted authority",
            "false",
            excludes=("unix-socket",),
        ),
        Option(
            "tls.ca-file",
            Text(),
            "the authorities to trust, in PEM, on every TaskManager; without it those that Java trusts",
            needs=("tls.enabled",),
        ),
        Option(
            "tls.certificate-file",
            Text(),
            "the client's certificate for mutual TLS, in PEM, on every TaskManager",
            needs=("tls.enabled", "tls.key-file"),
        ),
        Option(
            "tls.key-file",
            Text(),
            "its key, in PEM (PKCS #8, not encrypted), on every TaskManager",
            needs=("tls.enabled", "tls.certificate-file"),
        ),
        Option("username", Text(), "the ACL user; without it the default one; needs `password`", needs=("password",)),
        Option("password", Text(), "the user's password", secret=True),
        Option("database", Integer(), "the number of the database", "0"),
        Option("connect.timeout", Duration(), "how long a connection may take", "5 s"),
        Option(
            "request.timeout",
            Duration(),
            "how long Redis may be silent while answers are due; then the connection counts as lost",
            "10 s",
        ),
        Option(
            "connections",
            Integer(1),
            "how many connections a writer has; rows of one key always take the same one",
            "1",
        ),
        Option(
            "retry.max-attempts",
            Integer(1),
            "how many attempts in a row may fail before the job does and Flink restores it",
            "10",
        ),
        Option(
            "retry.initial-backoff",
            Duration(),
            "the pause after the first failed attempt; it doubles from one to the next",
            "100 ms",
        ),
        Option(
            "retry.max-backoff",
            Duration(),
            "the longest pause between two attempts",
            "5 s",
            not_below="retry.initial-backoff",
        ),
        Option(
            "writer",
            OneOf("WriterMode.class", ("auto", "stream", "batch")),
            "`stream` writes soon; `batch` keeps rows in the job's state and writes large pipelines; `auto` is `batch`"
            " if every source that the rows come from says that it ends",
            "auto",
        ),
        Option(
            "flush.max-rows",
            Integer(1),
            "write when so many rows are buffered",
            default_note="`1000`; batch writer `10000`",
        ),
        Option(
            "flush.max-bytes",
            Memory(),
            "write when the buffer takes about so much memory; as much again may be on its way",
            "16 mb",
        ),
        Option(
            "flush.interval",
            Duration(),
            "write when a buffered row is so old (stream writer); how long a removal waits for the next row of its key"
            " (both)",
            "100 ms",
        ),
        Option(
            "write.guard",
            OneOf("WriteGuard.class", ("event-time", "none")),
            "`event-time` turns away a row with a smaller (event time, sequence) than what is in Redis; `none` writes"
            " every row in the order in which it comes",
            "event-time",
        ),
        Option(
            "value.max-bytes",
            Memory(largest=LARGEST_INT),
            "the longest value of a feature, in UTF-8; a row with a longer one is a bad row (`too-large`), and no value"
            " is ever cut",
            "1 mb",
        ),
        Option(
            "on-bad-row",
            OneOf("OnBadRow.class", ("dead-letter", "fail")),
            "what becomes of a row that can't be written: `dead-letter`, or `fail`, which ends the job for good: Flink"
            " doesn't restart it",
            "dead-letter",
        ),
        Option(
            "dead-letter.topic",
            Text(),
            "the Kafka topic of dead letters, which must be there",
            default_note="required with `dead-letter`",
            needed_when=ANY_DEAD_LETTER,
        ),
        Option(
            "dead-letter.bootstrap-servers",
            Text(),
            "the Kafka brokers that have it",
            default_note="required with `dead-letter`",
            needed_when=ANY_DEAD_LETTER,
        ),
        Option(
            "dead-letter.timeout",
            Duration(),
            "how long Kafka may take to acknowledge a dead letter before the job fails",
            "30 s",
        ),
        Option(
            "sink.parallelism",
            Integer(1),
            "the number of writers; where it differs from the input's parallelism, the entity key decides which writer"
            " has a row, so the rows of one key stay in order",
            default_note="the input's",
            flinks_own=True,
        ),
    ]
)


class SinkOptions:
    """Options of one sink that have been checked: texts for SQL, values for programs.

    Values may be given as SQL's text or as Python has them (`int`, `bool`, `timedelta`; bytes of memory as `int`).
    Raises `OptionError`. Only `texts` and `with_clause` show secrets.
    """

    def __init__(self, given: Mapping[str, object], model: Model = MODEL) -> None:
        self.texts = {name: model.option(name).write(value) for name, value in given.items()}
        self._model = model
        self._values = model.check(self.texts)

    def __getitem__(self, name: str) -> object:
        """The option's value, given or by default; None without one. Raises `OptionError` for an unknown name."""
        return self._values[self._model.option(name).name]

    def __repr__(self) -> str:
        return f"SinkOptions({masked(self.texts, self._model)})"

    def with_clause(self) -> str:
        """The inside of SQL's `WITH (...)`, the connector's name included; secrets are in it."""
        return with_options({"connector": CONNECTOR} | self.texts)


def masked(texts: Mapping[str, str], model: Model = MODEL) -> dict[str, str]:
    """The options with secrets masked, for people."""
    return {name: MASK if model.option(name).secret else text for name, text in texts.items()}


def quoted(text: str) -> str:
    """The text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def with_options(options: Mapping[str, str]) -> str:
    """The inside of a `WITH (...)` clause."""
    return ",\n  ".join(f"{quoted(key)} = {quoted(value)}" for key, value in options.items())


def documented(page: str, model: Model = MODEL) -> str:
    """The page with the table of options between its marker lines. Raises `ValueError` if it has not both."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page lacks the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{model.table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(documented(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {os.path.relpath(README)}", file=sys.stderr)
