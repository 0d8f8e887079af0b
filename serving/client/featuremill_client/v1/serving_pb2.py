"""The messages of serving.proto, for any release of protobuf. Made by serving/generate_protos.py.

They live in a pool of their own, so that another copy of the file in the same process is none of their business.
"""

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.internal import enum_type_wrapper

_POOL = descriptor_pool.DescriptorPool()
_POOL.AddSerializedFile(
    b'\n$featuremill/serving/v1/serving.proto\x12\x16featuremill.serving.'
    b'v1"\xa5\x01\n\x12GetFeaturesRequest\x12\x1f\n\x0bentity_name\x18\x01 \x01(\tR\nentityName\x12#'
    b'\n\rfeature_names\x18\x02 \x03(\tR\x0cfeatureNames\x12(\n\x10with_event_times\x18\x03 \x01('
    b'\x08R\x0ewithEventTimes\x12\x1f\n\x0bfeature_set\x18\x04 \x01(\tR\nfeatureSet"\xbb\x01\n\x13GetFe'
    b'aturesResponse\x12\x16\n\x06values\x18\x01 \x03(\tR\x06values\x12A\n\x08statuses\x18\x02 \x03(\x0e2%.f'
    b'eaturemill.serving.v1.FeatureStatusR\x08statuses\x12$\n\x0eevent_times'
    b'_ms\x18\x03 \x03(\x10R\x0ceventTimesMs\x12#\n\rfeature_names\x18\x04 \x03(\tR\x0cfeatureNames'
    b'"\xf4\x01\n\x17BatchGetFeaturesRequest\x12!\n\x0centity_names\x18\x01 \x03(\tR\x0bentityNa'
    b'mes\x12#\n\rfeature_names\x18\x02 \x03(\tR\x0cfeatureNames\x12(\n\x10with_event_times'
    b'\x18\x03 \x01(\x08R\x0ewithEventTimes\x12\x1f\n\x0bfeature_set\x18\x04 \x01(\tR\nfeatureSet\x12F\n\x0cv'
    b'alue_format\x18\x05 \x01(\x0e2#.featuremill.serving.v1.ValueFormatR\x0bvalu'
    b'eFormat"\xfa\x01\n\x18BatchGetFeaturesResponse\x12\x16\n\x06values\x18\x01 \x03(\tR\x06values'
    b'\x12A\n\x08statuses\x18\x02 \x03(\x0e2%.featuremill.serving.v1.FeatureStatusR\x08s'
    b'tatuses\x12$\n\x0eevent_times_ms\x18\x03 \x03(\x10R\x0ceventTimesMs\x12#\n\rfeature_nam'
    b'es\x18\x04 \x03(\tR\x0cfeatureNames\x128\n\x07columns\x18\x05 \x03(\x0b2\x1e.featuremill.servin'
    b'g.v1.ColumnR\x07columns"\x91\x02\n\x06Column\x12@\n\x07doubles\x18\x01 \x01(\x0b2$.featuremi'
    b'll.serving.v1.DoubleValuesH\x00R\x07doubles\x12=\n\x06int64s\x18\x02 \x01(\x0b2#.feat'
    b'uremill.serving.v1.Int64ValuesH\x00R\x06int64s\x12:\n\x05bools\x18\x03 \x01(\x0b2".fe'
    b'aturemill.serving.v1.BoolValuesH\x00R\x05bools\x12@\n\x07strings\x18\x04 \x01(\x0b2$.'
    b'featuremill.serving.v1.StringValuesH\x00R\x07stringsB\x08\n\x06values"&\n\x0c'
    b'DoubleValues\x12\x16\n\x06values\x18\x01 \x03(\x01R\x06values"%\n\x0bInt64Values\x12\x16\n\x06value'
    b's\x18\x01 \x03(\x10R\x06values"$\n\nBoolValues\x12\x16\n\x06values\x18\x01 \x03(\x08R\x06values"&\n\x0cStr'
    b'ingValues\x12\x16\n\x06values\x18\x01 \x03(\tR\x06values"-\n\x13ListFeaturesRequest\x12\x16\n\x06'
    b'entity\x18\x01 \x01(\tR\x06entity"v\n\x14ListFeaturesResponse\x12;\n\x08features\x18\x01 \x03'
    b'(\x0b2\x1f.featuremill.serving.v1.FeatureR\x08features\x12!\n\x0cfeature_set'
    b's\x18\x02 \x03(\tR\x0bfeatureSets"\x8c\x02\n\x07Feature\x12\x16\n\x06entity\x18\x01 \x01(\tR\x06entity\x12\x12\n\x04'
    b'name\x18\x02 \x01(\tR\x04name\x12\x1a\n\x08pipeline\x18\x03 \x01(\tR\x08pipeline\x12\x12\n\x04type\x18\x04 \x01(\tR\x04'
    b'type\x12\x1c\n\nmax_age_ms\x18\x05 \x01(\x03R\x08maxAgeMs\x12\x15\n\x06ttl_ms\x18\x06 \x01(\x03R\x05ttlMs\x12(\n'
    b'\rdefault_value\x18\x07 \x01(\tH\x00R\x0cdefaultValue\x88\x01\x01\x12\x12\n\x04unit\x18\x08 \x01(\tR\x04unit\x12'
    b' \n\x0bdescription\x18\t \x01(\tR\x0bdescriptionB\x10\n\x0e_default_value"7\n\x14GetFe'
    b'atureSetRequest\x12\x1f\n\x0bfeature_set\x18\x01 \x01(\tR\nfeatureSet"\x8e\x01\n\x15GetFeat'
    b'ureSetResponse\x12\x16\n\x06entity\x18\x01 \x01(\tR\x06entity\x12;\n\x08features\x18\x02 \x03(\x0b2\x1f.f'
    b'eaturemill.serving.v1.FeatureR\x08features\x12 \n\x0bdescription\x18\x03 \x01(\t'
    b'R\x0bdescription*\\\n\x0bValueFormat\x12\x1c\n\x18VALUE_FORMAT_UNSPECIFIED\x10\x00\x12\x15'
    b'\n\x11VALUE_FORMAT_TEXT\x10\x01\x12\x18\n\x14VALUE_FORMAT_COLUMNS\x10\x02*\xdf\x01\n\rFeatureS'
    b'tatus\x12\x1e\n\x1aFEATURE_STATUS_UNSPECIFIED\x10\x00\x12\x1a\n\x16FEATURE_STATUS_PRES'
    b'ENT\x10\x01\x12\x1a\n\x16FEATURE_STATUS_MISSING\x10\x02\x12\x18\n\x14FEATURE_STATUS_STALE\x10\x03\x12'
    b'\x1c\n\x18FEATURE_STATUS_DEFAULTED\x10\x04\x12"\n\x1eFEATURE_STATUS_UNKNOWN_FEAT'
    b'URE\x10\x05\x12\x1a\n\x16FEATURE_STATUS_INVALID\x10\x062\xc8\x03\n\x0eFeatureService\x12f\n\x0bGetF'
    b'eatures\x12*.featuremill.serving.v1.GetFeaturesRequest\x1a+.featur'
    b'emill.serving.v1.GetFeaturesResponse\x12u\n\x10BatchGetFeatures\x12/.f'
    b'eaturemill.serving.v1.BatchGetFeaturesRequest\x1a0.featuremill.'
    b'serving.v1.BatchGetFeaturesResponse\x12i\n\x0cListFeatures\x12+.featur'
    b'emill.serving.v1.ListFeaturesRequest\x1a,.featuremill.serving.v'
    b'1.ListFeaturesResponse\x12l\n\rGetFeatureSet\x12,.featuremill.servin'
    b'g.v1.GetFeatureSetRequest\x1a-.featuremill.serving.v1.GetFeatur'
    b'eSetResponseb\x06proto3'
)
DESCRIPTOR = _POOL.FindFileByName("featuremill/serving/v1/serving.proto")


def _class(name):
    return message_factory.GetMessageClass(DESCRIPTOR.message_types_by_name[name])


GetFeaturesRequest = _class("GetFeaturesRequest")
GetFeaturesResponse = _class("GetFeaturesResponse")
BatchGetFeaturesRequest = _class("BatchGetFeaturesRequest")
BatchGetFeaturesResponse = _class("BatchGetFeaturesResponse")
Column = _class("Column")
DoubleValues = _class("DoubleValues")
Int64Values = _class("Int64Values")
BoolValues = _class("BoolValues")
StringValues = _class("StringValues")
ListFeaturesRequest = _class("ListFeaturesRequest")
ListFeaturesResponse = _class("ListFeaturesResponse")
Feature = _class("Feature")
GetFeatureSetRequest = _class("GetFeatureSetRequest")
GetFeatureSetResponse = _class("GetFeatureSetResponse")
ValueFormat = enum_type_wrapper.EnumTypeWrapper(DESCRIPTOR.enum_types_by_name["ValueFormat"])
FeatureStatus = enum_type_wrapper.EnumTypeWrapper(DESCRIPTOR.enum_types_by_name["FeatureStatus"])
VALUE_FORMAT_UNSPECIFIED = 0
VALUE_FORMAT_TEXT = 1
VALUE_FORMAT_COLUMNS = 2
FEATURE_STATUS_UNSPECIFIED = 0
FEATURE_STATUS_PRESENT = 1
FEATURE_STATUS_MISSING = 2
FEATURE_STATUS_STALE = 3
FEATURE_STATUS_DEFAULTED = 4
FEATURE_STATUS_UNKNOWN_FEATURE = 5
FEATURE_STATUS_INVALID = 6
