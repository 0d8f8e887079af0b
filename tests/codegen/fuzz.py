"""Makes broken pipelines out of good ones: files with words moved, lost, doubled or strewn in, and bytes turned."""

from __future__ import annotations

import random
import re
from pathlib import Path

from featuremill_codegen.lint.pages import EXAMPLES, examples

NAMES = ("feature.yaml", "source.sql", "transform.sql", "source.hql", "transform.hql", "udf_def.py")
_WORDS = re.compile(rb"\w+|\s+|[^\w\s]")
_STREWN = [
    *(
        b"( ) [ ] { } < > , ; : . ' ` \" - -- /* */ /*+ // => = * ? ! @ # $ ${ ${A} % & | || \\ \0 \t \r \n \r\n"
    ).split(),
    *(b"SELECT FROM WHERE GROUP BY HAVING ORDER OVER PARTITION ROWS RANGE BETWEEN UNBOUNDED PRECEDING AND").split(),
    *(b"JOIN LEFT CROSS ON USING UNION ALL INTERSECT EXCEPT WITH AS VALUES LATERAL TABLE DESCRIPTOR UNNEST").split(),
    *(b"CREATE VIEW TABLE TEMPORARY WATERMARK FOR SYSTEM_TIME OF PRIMARY KEY METADATA MATCH_RECOGNIZE PIVOT").split(),
    *(
        b"CAST TRY_CAST AVG COUNT MIN CASE WHEN THEN ELSE END NULL IN EXISTS NOT IS LIKE INTERVAL DATE TIMESTAMP"
    ).split(),
    *(
        b"INT STRING ROW<a MAP<STRING, ARRAY< DECIMAL(99999999999999999999,-1) 1e999999 0x 9999999999999999999999 - ~"
    ).split(),
    *(b"EXPLODE( SORT BY DISTRIBUTE CLUSTER RLIKE DIV STRUCT<a: COLLECT_LIST( OPTIONS ${dt} '${dt}' STORED").split(),
    *(b"event_time page window_end seconds PROCTIME() RAND( class lambda @udf( !!python/object &a *a <<: ? |").split(),
    b"featuremill: ignore FM202 because",
    "ä😀\u202e\ufeff".encode(),
    b"\xff\xfe",
    b"\xc3",
    b"  - ",
    b"",
]


def seeds() -> list[dict[str, bytes]]:
    """The files to start from: every rule's bad and good example, those of batches last."""
    found: dict[str, list[dict[str, bytes]]] = {"base": [], "base_batch": []}
    bases = {name: {path.name: path.read_bytes() for path in (EXAMPLES / name).iterdir()} for name in found}
    for example in sorted(path.stem for path in EXAMPLES.glob("*.txt")):
        for files in examples(example):
            own = {name: text.encode() for name, text in files.items() if "/" not in name}
            base = "base_batch" if any(name.endswith(".hql") for name in own) else "base"
            found[base].append({**bases[base], **own})
    return [*found["base"], *found["base_batch"]]


def broken(chance: random.Random, start: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a few changes at random."""
    files = dict(start)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        name = chance.choice(sorted(files))
        files[name] = _changed(chance, files[name])
    return files


def _changed(chance: random.Random, data: bytes) -> bytes:
    words = _WORDS.findall(data) or [b""]
    place, other = chance.randrange(len(words)), chance.randrange(len(words))
    match chance.randrange(9):
        case 0:
            del words[place]
        case 1:
            words[place], words[other] = words[other], words[place]
        case 2:
            words.insert(place, words[other])
        case 3 | 4:
            words.insert(place, b" " + chance.choice(_STREWN) + b" ")
        case 5:
            words[place] = chance.choice(_STREWN)
        case 6:
            del words[min(place, other) : max(place, other)]
        case 7:
            words[place:place] = words[min(place, other) : max(place, other)][:200]
        case 8:
            spot = chance.randrange(len(data) + 1)
            return data[:spot] + chance.randbytes(chance.choice((1, 1, 4, 40))) + data[spot + 1 :]
    return b"".join(words)


def write(files: dict[str, bytes], folder: Path) -> None:
    """Write the files; those of an earlier pipeline are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        if name in files:
            (folder / name).write_bytes(files[name])
        else:
            (folder / name).unlink(missing_ok=True)
