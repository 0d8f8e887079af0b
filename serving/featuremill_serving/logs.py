"""The log on standard error: lines for people, or JSON for machines."""

import json
import logging
import sys
import time
from enum import StrEnum
from typing import Any


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Complaint:
    """What is wrong now with a thing that is looked at again and again: logged when it is new, not at every look."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._said = ""

    def say(self, text: str, level: int = logging.ERROR) -> bool:
        """Logs it unless it is what was said last; returns whether it was logged."""
        if text == self._said:
            return False
        self._said = text
        self._log.log(level, "%s", text)
        return True

    def withdraw(self) -> None:
        """All is well: the next complaint is news, even if it is the same."""
        self._said = ""


def set_up_logs(form: LogFormat, level: LogLevel) -> None:
    """Everything that is logged from now on goes to standard error in this form; times are in UTC."""
    handler = logging.StreamHandler(sys.stderr)
    formatter: logging.Formatter = _Json() if form is LogFormat.JSON else _Text()
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        facts = getattr(record, "facts", {})
        return super().format(record) + "".join(f" {name}={value}" for name, value in facts.items())


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
