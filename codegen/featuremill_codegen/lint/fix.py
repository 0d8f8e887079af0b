"""Mends what can be mended without a person: edits of the files as they are, everything else left as it was."""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from featuremill_codegen.errors import Edit, Finding, UsageError
from featuremill_codegen.replace_file import replace_file


def fix(root: Path, findings: Iterable[Finding]) -> int:
    """Apply the findings' edits to the files below `root`; how many findings were mended.

    Of edits that overlap the first alone is made: another run finds what is left. Raises UsageError where a file can't
    be written.
    """
    wanted: dict[str, list[tuple[Edit, ...]]] = defaultdict(list)
    for finding in findings:
        if finding.edits:
            wanted[finding.path].append(finding.edits)
    mended = 0
    for path, groups in sorted(wanted.items()):
        chosen: list[Edit] = []
        for edits in sorted(groups):
            apart = all(edit.end <= other.start or other.end <= edit.start for edit in edits for other in chosen)
            if apart or all(edit in chosen for edit in edits):
                mended += 1
                chosen += [edit for edit in edits if edit not in chosen]
        _write(root / path.split("/", 1)[1], chosen)
    return mended


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """A file's bytes with the edits made, its byte order mark and line ends kept.

    >>> edited(b"a\\r\\nbc\\r\\n", [Edit(2, 3, "x\\n")])
    b'a\\r\\nx\\r\\nc\\r\\n'
    """
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    text = data[len(mark) :].decode("utf-8")
    # Edits count characters where every line end is one: where each of those stands in the file as it is.
    offsets = [match.start() for match in re.finditer(r"\r\n?|.", text, re.DOTALL)] + [len(text)]
    line_end = "\r\n" if "\r\n" in text else "\n"
    for edit in sorted(edits, reverse=True):
        replacement = edit.text.replace("\n", line_end)
        text = text[: offsets[edit.start]] + replacement + text[offsets[edit.end] :]
    return mark + text.encode("utf-8")


def _write(path: Path, edits: list[Edit]) -> None:
    try:
        replace_file(path, edited(path.read_bytes(), edits))
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror or error}.") from None
