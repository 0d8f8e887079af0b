"""A request for one entity, taken apart into whose features and which.

Who asks for one entity after another asks for the same features each time. So what follows the entity's name is parsed
once, and known by its bytes from then on: to parse twenty names and to find what they mean costs more than all else
that is done with a request before Redis is asked.
"""

from featuremill_serving.plan import Plan
from featuremill_serving.v1.serving_pb2 import GetFeaturesRequest

_ENTITY_NAME = b"\x0a"  # how field 1 begins
_LONGEST_NAME = 0x7F  # whose length is one byte
_LONGEST_REST = 8192
_KEPT = 1024


class Asked:
    """Which features are asked for, and how; as in GetFeaturesRequest.

    Attributes:
        prepared: the plan that was made last, with the number of the registry and the entity that it is for.
    """

    __slots__ = ("feature_names", "feature_set", "prepared", "with_event_times")

    def __init__(self, request: GetFeaturesRequest) -> None:
        self.feature_names = tuple(request.feature_names)
        self.feature_set = request.feature_set
        self.with_event_times = request.with_event_times
        self.prepared: tuple[int, str, Plan] | None = None


class EntityRequest:
    """The entity's name, and what is asked for."""

    __slots__ = ("asked", "entity_name")

    def __init__(self, entity_name: str, asked: Asked) -> None:
        self.entity_name = entity_name
        self.asked = asked


class EntityRequests:
    """Parses them. Bounded: when a thousand different ones are kept, all are dropped."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Asked] = {}

    def parse(self, raw: bytes) -> EntityRequest:
        """A GetFeaturesRequest from its bytes. Raises `DecodeError` where they are none."""
        rest, end = b"", 0
        if raw[:1] == _ENTITY_NAME and len(raw) > 2 and raw[1] <= _LONGEST_NAME:
            end = 2 + raw[1]
            rest = raw[end:]
        asked = self._kept.get(rest)
        if asked is not None:
            try:
                return EntityRequest(raw[2:end].decode("utf-8"), asked)
            except UnicodeDecodeError:
                pass  # the parser says what there is to say
        request = GetFeaturesRequest.FromString(raw)
        asked = Asked(request)
        # a field that comes twice has its last value: then the rest would have a say in the entity's name
        alone = request.entity_name and not GetFeaturesRequest.FromString(rest).entity_name
        if alone and 0 < len(rest) <= _LONGEST_REST:
            self._keep(rest, asked)
        return EntityRequest(request.entity_name, asked)

    def _keep(self, rest: bytes, asked: Asked) -> None:
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[rest] = asked
