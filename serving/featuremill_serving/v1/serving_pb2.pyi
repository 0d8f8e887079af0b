from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FeatureStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEATURE_STATUS_UNSPECIFIED: _ClassVar[FeatureStatus]
    FEATURE_STATUS_PRESENT: _ClassVar[FeatureStatus]
    FEATURE_STATUS_MISSING: _ClassVar[FeatureStatus]
    FEATURE_STATUS_STALE: _ClassVar[FeatureStatus]
    FEATURE_STATUS_DEFAULTED: _ClassVar[FeatureStatus]
    FEATURE_STATUS_UNKNOWN_FEATURE: _ClassVar[FeatureStatus]
    FEATURE_STATUS_INVALID: _ClassVar[FeatureStatus]
FEATURE_STATUS_UNSPECIFIED: FeatureStatus
FEATURE_STATUS_PRESENT: FeatureStatus
FEATURE_STATUS_MISSING: FeatureStatus
FEATURE_STATUS_STALE: FeatureStatus
FEATURE_STATUS_DEFAULTED: FeatureStatus
FEATURE_STATUS_UNKNOWN_FEATURE: FeatureStatus
FEATURE_STATUS_INVALID: FeatureStatus

class GetFeaturesRequest(_message.Message):
    __slots__ = ("entity_name", "feature_names", "with_event_times")
    ENTITY_NAME_FIELD_NUMBER: _ClassVar[int]
    FEATURE_NAMES_FIELD_NUMBER: _ClassVar[int]
    WITH_EVENT_TIMES_FIELD_NUMBER: _ClassVar[int]
    entity_name: str
    feature_names: _containers.RepeatedScalarFieldContainer[str]
    with_event_times: bool
    def __init__(self, entity_name: _Optional[str] = ..., feature_names: _Optional[_Iterable[str]] = ..., with_event_times: _Optional[bool] = ...) -> None: ...

class GetFeaturesResponse(_message.Message):
    __slots__ = ("values", "statuses", "event_times_ms")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIMES_MS_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    statuses: _containers.RepeatedScalarFieldContainer[FeatureStatus]
    event_times_ms: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, values: _Optional[_Iterable[str]] = ..., statuses: _Optional[_Iterable[_Union[FeatureStatus, str]]] = ..., event_times_ms: _Optional[_Iterable[int]] = ...) -> None: ...
