from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ValueFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VALUE_FORMAT_UNSPECIFIED: _ClassVar[ValueFormat]
    VALUE_FORMAT_TEXT: _ClassVar[ValueFormat]
    VALUE_FORMAT_COLUMNS: _ClassVar[ValueFormat]

class FeatureStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEATURE_STATUS_UNSPECIFIED: _ClassVar[FeatureStatus]
    FEATURE_STATUS_PRESENT: _ClassVar[FeatureStatus]
    FEATURE_STATUS_MISSING: _ClassVar[FeatureStatus]
    FEATURE_STATUS_STALE: _ClassVar[FeatureStatus]
    FEATURE_STATUS_DEFAULTED: _ClassVar[FeatureStatus]
    FEATURE_STATUS_UNKNOWN_FEATURE: _ClassVar[FeatureStatus]
    FEATURE_STATUS_INVALID: _ClassVar[FeatureStatus]
VALUE_FORMAT_UNSPECIFIED: ValueFormat
VALUE_FORMAT_TEXT: ValueFormat
VALUE_FORMAT_COLUMNS: ValueFormat
FEATURE_STATUS_UNSPECIFIED: FeatureStatus
FEATURE_STATUS_PRESENT: FeatureStatus
FEATURE_STATUS_MISSING: FeatureStatus
FEATURE_STATUS_STALE: FeatureStatus
FEATURE_STATUS_DEFAULTED: FeatureStatus
FEATURE_STATUS_UNKNOWN_FEATURE: FeatureStatus
FEATURE_STATUS_INVALID: FeatureStatus

class GetFeaturesRequest(_message.Message):
    __slots__ = ("entity_name", "feature_names", "with_event_times", "feature_set")
    ENTITY_NAME_FIELD_NUMBER: _ClassVar[int]
    FEATURE_NAMES_FIELD_NUMBER: _ClassVar[int]
    WITH_EVENT_TIMES_FIELD_NUMBER: _ClassVar[int]
    FEATURE_SET_FIELD_NUMBER: _ClassVar[int]
    entity_name: str
    feature_names: _containers.RepeatedScalarFieldContainer[str]
    with_event_times: bool
    feature_set: str
    def __init__(self, entity_name: _Optional[str] = ..., feature_names: _Optional[_Iterable[str]] = ..., with_event_times: _Optional[bool] = ..., feature_set: _Optional[str] = ...) -> None: ...

class GetFeaturesResponse(_message.Message):
    __slots__ = ("values", "statuses", "event_times_ms", "feature_names")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIMES_MS_FIELD_NUMBER: _ClassVar[int]
    FEATURE_NAMES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    statuses: _containers.RepeatedScalarFieldContainer[FeatureStatus]
    event_times_ms: _containers.RepeatedScalarFieldContainer[int]
    feature_names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, values: _Optional[_Iterable[str]] = ..., statuses: _Optional[_Iterable[_Union[FeatureStatus, str]]] = ..., event_times_ms: _Optional[_Iterable[int]] = ..., feature_names: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchGetFeaturesRequest(_message.Message):
    __slots__ = ("entity_names", "feature_names", "with_event_times", "feature_set", "value_format")
    ENTITY_NAMES_FIELD_NUMBER: _ClassVar[int]
    FEATURE_NAMES_FIELD_NUMBER: _ClassVar[int]
    WITH_EVENT_TIMES_FIELD_NUMBER: _ClassVar[int]
    FEATURE_SET_FIELD_NUMBER: _ClassVar[int]
    VALUE_FORMAT_FIELD_NUMBER: _ClassVar[int]
    entity_names: _containers.RepeatedScalarFieldContainer[str]
    feature_names: _containers.RepeatedScalarFieldContainer[str]
    with_event_times: bool
    feature_set: str
    value_format: ValueFormat
    def __init__(self, entity_names: _Optional[_Iterable[str]] = ..., feature_names: _Optional[_Iterable[str]] = ..., with_event_times: _Optional[bool] = ..., feature_set: _Optional[str] = ..., value_format: _Optional[_Union[ValueFormat, str]] = ...) -> None: ...

class BatchGetFeaturesResponse(_message.Message):
    __slots__ = ("values", "statuses", "event_times_ms", "feature_names", "columns")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIMES_MS_FIELD_NUMBER: _ClassVar[int]
    FEATURE_NAMES_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    statuses: _containers.RepeatedScalarFieldContainer[FeatureStatus]
    event_times_ms: _containers.RepeatedScalarFieldContainer[int]
    feature_names: _containers.RepeatedScalarFieldContainer[str]
    columns: _containers.RepeatedCompositeFieldContainer[Column]
    def __init__(self, values: _Optional[_Iterable[str]] = ..., statuses: _Optional[_Iterable[_Union[FeatureStatus, str]]] = ..., event_times_ms: _Optional[_Iterable[int]] = ..., feature_names: _Optional[_Iterable[str]] = ..., columns: _Optional[_Iterable[_Union[Column, _Mapping]]] = ...) -> None: ...

class Column(_message.Message):
    __slots__ = ("doubles", "int64s", "bools", "strings")
    DOUBLES_FIELD_NUMBER: _ClassVar[int]
    INT64S_FIELD_NUMBER: _ClassVar[int]
    BOOLS_FIELD_NUMBER: _ClassVar[int]
    STRINGS_FIELD_NUMBER: _ClassVar[int]
    doubles: DoubleValues
    int64s: Int64Values
    bools: BoolValues
    strings: StringValues
    def __init__(self, doubles: _Optional[_Union[DoubleValues, _Mapping]] = ..., int64s: _Optional[_Union[Int64Values, _Mapping]] = ..., bools: _Optional[_Union[BoolValues, _Mapping]] = ..., strings: _Optional[_Union[StringValues, _Mapping]] = ...) -> None: ...

class DoubleValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, values: _Optional[_Iterable[float]] = ...) -> None: ...

class Int64Values(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, values: _Optional[_Iterable[int]] = ...) -> None: ...

class BoolValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, values: _Optional[_Iterable[bool]] = ...) -> None: ...

class StringValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, values: _Optional[_Iterable[str]] = ...) -> None: ...

class ListFeaturesRequest(_message.Message):
    __slots__ = ("entity",)
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    entity: str
    def __init__(self, entity: _Optional[str] = ...) -> None: ...

class ListFeaturesResponse(_message.Message):
    __slots__ = ("features", "feature_sets")
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    FEATURE_SETS_FIELD_NUMBER: _ClassVar[int]
    features: _containers.RepeatedCompositeFieldContainer[Feature]
    feature_sets: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, features: _Optional[_Iterable[_Union[Feature, _Mapping]]] = ..., feature_sets: _Optional[_Iterable[str]] = ...) -> None: ...

class Feature(_message.Message):
    __slots__ = ("entity", "name", "pipeline", "type", "max_age_ms", "ttl_ms", "default_value", "unit", "description")
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    MAX_AGE_MS_FIELD_NUMBER: _ClassVar[int]
    TTL_MS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    entity: str
    name: str
    pipeline: str
    type: str
    max_age_ms: int
    ttl_ms: int
    default_value: str
    unit: str
    description: str
    def __init__(self, entity: _Optional[str] = ..., name: _Optional[str] = ..., pipeline: _Optional[str] = ..., type: _Optional[str] = ..., max_age_ms: _Optional[int] = ..., ttl_ms: _Optional[int] = ..., default_value: _Optional[str] = ..., unit: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class GetFeatureSetRequest(_message.Message):
    __slots__ = ("feature_set",)
    FEATURE_SET_FIELD_NUMBER: _ClassVar[int]
    feature_set: str
    def __init__(self, feature_set: _Optional[str] = ...) -> None: ...

class GetFeatureSetResponse(_message.Message):
    __slots__ = ("entity", "features", "description")
    ENTITY_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    entity: str
    features: _containers.RepeatedCompositeFieldContainer[Feature]
    description: str
    def __init__(self, entity: _Optional[str] = ..., features: _Optional[_Iterable[_Union[Feature, _Mapping]]] = ..., description: _Optional[str] = ...) -> None: ...
