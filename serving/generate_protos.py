"""Writes the protobuf modules of the service and of its client anew from `../proto`.

    python generate_protos.py [FOLDER]

needs grpcio-tools and Jinja, which are no dependencies of either: what is made is committed. FOLDER, absent this one,
is where `featuremill_serving/v1/` and `client/featuremill_client/v1/` are put. What tells of the JSON service lies
beside the service's modules: `openapi.json`, and for people `docs.html`.

The service's modules are protoc's own. They refuse to be imported under an older protobuf or grpcio than they were
made with, so make them with what requirements.txt pins. The client runs beside whatever its users have installed, so
its module is the file's descriptor and what makes classes of it: without a release's number in it, any release will do.
"""

import json
import sys
import tempfile
from importlib import resources
from pathlib import Path

from google.protobuf import descriptor_pb2
from grpc_tools import protoc  # type: ignore[import-untyped]
from openapi_document import openapi_document
from openapi_page import page_of

SERVING = Path(__file__).resolve().parent
PROTO = SERVING.parent / "proto"
SOURCE = "featuremill/serving/v1/serving.proto"
CLIENT_MODULE = '''"""The messages of serving.proto, for any release of protobuf. Made by serving/generate_protos.py.

They live in a pool of their own, so that another copy of the file in the same process is none of their business.
"""

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.internal import enum_type_wrapper

_POOL = descriptor_pool.DescriptorPool()
_POOL.AddSerializedFile(
{serialized}
)
DESCRIPTOR = _POOL.FindFileByName("{source}")


def _class(name):
    return message_factory.GetMessageClass(DESCRIPTOR.message_types_by_name[name])


{classes}
{enums}
{values}
'''


def generate(folder: Path) -> None:
    """Generates the modules of both below `folder`."""
    with tempfile.TemporaryDirectory() as temporary:
        includes = [f"-I{PROTO}", f"-I{resources.files('grpc_tools') / '_proto'}"]
        outputs = [f"--{kind}_out={temporary}" for kind in ("python", "pyi", "grpc_python")]
        described = Path(temporary) / "descriptors"
        outputs += [f"--descriptor_set_out={described}", "--include_source_info"]
        if protoc.main(["protoc", *includes, *outputs, SOURCE]) != 0:
            raise SystemExit("error: protoc refused the source, see above")
        made = (Path(temporary) / SOURCE).parent
        [file] = descriptor_pb2.FileDescriptorSet.FromString(described.read_bytes()).file
        write_service(made, folder / "featuremill_serving" / "v1")
        write_descriptions(file, folder / "featuremill_serving" / "v1")
        write_client(made, file, folder / "client" / "featuremill_client" / "v1")


def write_service(made: Path, folder: Path) -> None:
    """What protoc made.

    The file keeps its name in the descriptors, so that a client's own copy of it is the same file to protobuf; only
    the import between the modules is turned to the package they live in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for module in sorted(made.iterdir()):
        text = module.read_text(encoding="utf-8")
        text = text.replace("from featuremill.serving.v1 import", "from featuremill_serving.v1 import")
        (folder / module.name).write_text(text, encoding="utf-8")


def write_descriptions(file: descriptor_pb2.FileDescriptorProto, folder: Path) -> None:
    """What tells of the JSON service; the words are the comments of the source."""
    document = openapi_document(file)
    (folder / "openapi.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "docs.html").write_text(page_of(document), encoding="utf-8")


def write_client(made: Path, file: descriptor_pb2.FileDescriptorProto, folder: Path) -> None:
    """The descriptor with its classes and the numbers of its enums, and protoc's word on their types."""
    bare = descriptor_pb2.FileDescriptorProto()
    bare.CopyFrom(file)
    bare.ClearField("source_code_info")
    serialized = bare.SerializeToString(deterministic=True)
    lines = [f"    {serialized[start : start + 60]!r}" for start in range(0, len(serialized), 60)]
    text = CLIENT_MODULE.format(
        serialized="\n".join(lines),
        source=SOURCE,
        classes="\n".join(f'{each.name} = _class("{each.name}")' for each in file.message_type),
        enums="\n".join(
            f'{each.name} = enum_type_wrapper.EnumTypeWrapper(DESCRIPTOR.enum_types_by_name["{each.name}"])'
            for each in file.enum_type
        ),
        values="\n".join(f"{value.name} = {value.number}" for enum in file.enum_type for value in enum.value),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "serving_pb2.py").write_text(text, encoding="utf-8")
    (folder / "serving_pb2.pyi").write_bytes((made / "serving_pb2.pyi").read_bytes())


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else SERVING)
