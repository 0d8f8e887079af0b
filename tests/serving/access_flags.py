"""The flags by which a test's service has a registry, speaks TLS and knows its callers."""

import hashlib
from pathlib import Path

from certificates import Issued
from serving_harness import FIXTURES, NOW

REGISTRY = ["--registry", str(FIXTURES / "registry.json"), "--now", NOW]


def tls_flags(issued: Issued) -> list[str]:
    return ["--tls-certificate", str(issued.certificate), "--tls-key", str(issued.key)]


def write_callers(path: Path, **callers: str) -> list[str]:
    """A callers' file; each caller's lines as TOML."""
    path.write_text("".join(f"[callers.{name}]\n{lines}\n" for name, lines in callers.items()), encoding="utf-8")
    return ["--callers", str(path)]


def token_line(token: str) -> str:
    return f'token_sha256 = ["{hashlib.sha256(token.encode()).hexdigest()}"]'
