"""What a way is asked under a load: bytes that are made before anything is measured."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from featuremill_serving.layout import Read
from featuremill_serving.v1 import serving_pb2 as wire

from benchmarks.serving.shapes import ASKED_NAMES, ENTITIES, SERVICE, Load, fields, view_of


class Protocol(StrEnum):
    """How a request gets there."""

    GRPC = "grpc"
    HTTP = "http"
    REDIS = "redis"


@dataclass(frozen=True)
class Question:
    """Requests to be sent in turn.

    Attributes:
        path: the gRPC method or the HTTP path; empty for Redis.
        bodies: the requests, for entities that differ.
        expected: what the answer to the first one has in it.
        replies: how many replies of Redis are an answer.
    """

    protocol: Protocol
    path: str
    bodies: Sequence[bytes]
    expected: bytes
    replies: int = 1

    def write(self, path: Path) -> None:
        """For the load generator."""
        told = self.__dict__ | {"bodies": [_text(body) for body in self.bodies], "expected": _text(self.expected)}
        path.write_text(json.dumps(told), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Question:
        """What was written."""
        told = json.loads(path.read_text(encoding="utf-8"))
        told["bodies"] = list(map(base64.b64decode, told["bodies"]))
        return cls(**told | {"protocol": Protocol(told["protocol"]), "expected": base64.b64decode(told["expected"])})


def of_the_service(load: Load) -> Question:
    """`featuremill.serving.v1`, from ours and all that are like it."""
    if load.entities == 1:
        method = "GetFeatures"
        bodies = [
            wire.GetFeaturesRequest(entity_name=name, feature_names=ASKED_NAMES).SerializeToString()
            for [name] in _entities(load)
        ]
    else:
        method = "BatchGetFeatures"
        bodies = [
            wire.BatchGetFeaturesRequest(entity_names=names, feature_names=ASKED_NAMES).SerializeToString()
            for names in _entities(load)
        ]
    return Question(Protocol.GRPC, f"/{SERVICE}/{method}", bodies, _FIRST.encode())


def of_redis(load: Load) -> Question:
    """The commands themselves."""
    read = Read(ASKED_NAMES, ())
    bodies = [read.commands(name.encode() for name in names) for names in _entities(load)]
    return Question(Protocol.REDIS, "", bodies, _FIRST.encode(), load.entities)


def of_feast_http(load: Load) -> Question:
    """Feast's JSON."""
    bodies = [
        json.dumps({"features": _FEAST_NAMES, "entities": {"user": names}}, separators=(",", ":")).encode()
        for names in _entities(load)
    ]
    return Question(Protocol.HTTP, "/get-online-features", bodies, str(float(_FIRST)).encode())


def of_feast_grpc(load: Load) -> Question:
    """Feast's GetOnlineFeaturesRequest: features = 2 with val = 1; entities = 3, a map of lists of string_val = 2."""
    names = _field(2, b"".join(_field(1, name.encode()) for name in _FEAST_NAMES))
    bodies = [
        names
        + _field(3, _field(1, b"user") + _field(2, b"".join(_field(1, _field(2, name.encode())) for name in entities)))
        for entities in _entities(load)
    ]
    return Question(Protocol.GRPC, "/GrpcFeatureServer/GetOnlineFeatures", bodies, struct.pack("<d", float(_FIRST)))


_FEAST_NAMES = [f"{view_of(name)}:{name}" for name in ASKED_NAMES]
_FIRST = fields(0)[ASKED_NAMES[-1]]


def _entities(load: Load) -> Iterator[list[str]]:
    for start in range(0, ENTITIES - load.entities + 1, load.entities):
        yield [f"user:{start + number}" for number in range(load.entities)]


def _field(number: int, content: bytes) -> bytes:
    """A protobuf field of a length."""
    size, length = len(content), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    length.append(size)
    return bytes([number << 3 | 2]) + length + content


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
