"""What pydantic finds in a YAML file, as findings at their places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from featuremill_codegen.errors import Finding
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.yaml_file import Location, YamlFile


def model_findings(
    file: YamlFile, error: ValidationError, code: str, keys_at: Callable[[Location], Sequence[str]]
) -> list[Finding]:
    """A finding for each mistake; `keys_at` gives the keys that may stand at a location.

    A validator of ours raises ValueError with the message, and behind ` | ` how to mend it.
    """
    return [_as_finding(file, each, code, keys_at) for each in error.errors()]


def _as_finding(file: YamlFile, error: Any, code: str, keys_at: Callable[[Location], Sequence[str]]) -> Finding:
    location: Location = tuple(error["loc"])
    shown = ".".join(str(part) for part in location)
    match error["type"]:
        case "missing":
            message = f"`{shown}` is missing."
            return file.finding(code, message, location[:-1], help=f"add `{location[-1]}:`")
        case "extra_forbidden":
            help = did_you_mean(str(location[-1]), keys_at(location[:-1]))
            return file.finding(code, f"There is no key `{location[-1]}` here.", location, help=help, at_key=True)
        case "value_error":
            message, _, help = str(error["ctx"]["error"]).partition(" | ")
            return file.finding(code, f"`{shown}`: {message}.", location, help=help)
        case "literal_error":
            message = f"`{shown}` is one of {error['ctx']['expected']}."
            return file.finding(code, message, location, help=did_you_mean(str(error["input"]), _literals(error)))
        case _:
            return file.finding(code, f"`{shown}`: {error['msg'][0].lower()}{error['msg'][1:]}.", location)


def _literals(error: Any) -> list[str]:
    return [word.strip("' ") for word in error["ctx"]["expected"].replace(" or ", ",").split(",")]
