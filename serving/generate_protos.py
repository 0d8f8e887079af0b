"""Writes `featuremill_serving/v1/` anew from `../proto`.

    python generate_protos.py [FOLDER]

needs grpcio-tools, which is no dependency of the service: the generated modules are committed. They refuse to be
imported under an older protobuf or grpcio than they were made with, so make them with what requirements.txt pins.
FOLDER, absent the package's own, is where `serving_pb2.py`, `serving_pb2.pyi` and `serving_pb2_grpc.py` are put.
"""

import sys
import tempfile
from importlib import resources
from pathlib import Path

from grpc_tools import protoc  # type: ignore[import-untyped]

SERVING = Path(__file__).resolve().parent
PROTO = SERVING.parent / "proto"
SOURCE = "featuremill/serving/v1/serving.proto"


def generate(folder: Path) -> None:
    """Generates the three modules into `folder`.

    The file keeps its name in the descriptors, so that a client's own copy of it is the same file to protobuf; only
    the import between the modules is turned to the package they live in.
    """
    with tempfile.TemporaryDirectory() as temporary:
        includes = [f"-I{PROTO}", f"-I{resources.files('grpc_tools') / '_proto'}"]
        outputs = [f"--{kind}_out={temporary}" for kind in ("python", "pyi", "grpc_python")]
        if protoc.main(["protoc", *includes, *outputs, SOURCE]) != 0:
            raise SystemExit("error: protoc refused the source, see above")
        folder.mkdir(parents=True, exist_ok=True)
        for module in sorted((Path(temporary) / SOURCE).parent.iterdir()):
            text = module.read_text(encoding="utf-8")
            text = text.replace("from featuremill.serving.v1 import", "from featuremill_serving.v1 import")
            (folder / module.name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else SERVING / "featuremill_serving" / "v1")
