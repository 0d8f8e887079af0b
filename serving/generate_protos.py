"""Writes `featuremill_serving/v1/` anew from `../proto`.

    python generate_protos.py [FOLDER]

needs grpcio-tools and Jinja, which are no dependencies of the service: what is made is committed. The modules refuse
to be imported under an older protobuf or grpcio than they were made with, so make them with what requirements.txt pins.
FOLDER, absent the package's own, is where `serving_pb2.py`, `serving_pb2.pyi` and `serving_pb2_grpc.py` are put, and
what tells of the JSON service: `openapi.json`, and for people `docs.html`.
"""

import json
import re
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc  # type: ignore[import-untyped]
from markupsafe import Markup, escape
from openapi_document import openapi_document

SERVING = Path(__file__).resolve().parent
PROTO = SERVING.parent / "proto"
SOURCE = "featuremill/serving/v1/serving.proto"


def generate(folder: Path) -> None:
    """Generates the modules and the descriptions into `folder`.

    The file keeps its name in the descriptors, so that a client's own copy of it is the same file to protobuf; only
    the import between the modules is turned to the package they live in.
    """
    with tempfile.TemporaryDirectory() as temporary:
        includes = [f"-I{PROTO}", f"-I{resources.files('grpc_tools') / '_proto'}"]
        described = Path(temporary) / "descriptors"
        outputs = [f"--{kind}_out={temporary}" for kind in ("python", "pyi", "grpc_python")]
        outputs += [f"--descriptor_set_out={described}", "--include_source_info"]
        if protoc.main(["protoc", *includes, *outputs, SOURCE]) != 0:
            raise SystemExit("error: protoc refused the source, see above")
        folder.mkdir(parents=True, exist_ok=True)
        for module in sorted((Path(temporary) / SOURCE).parent.iterdir()):
            text = module.read_text(encoding="utf-8")
            text = text.replace("from featuremill.serving.v1 import", "from featuremill_serving.v1 import")
            (folder / module.name).write_text(text, encoding="utf-8")
        [file] = FileDescriptorSet.FromString(described.read_bytes()).file
    document = openapi_document(file)
    (folder / "openapi.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "docs.html").write_text(_page(document), encoding="utf-8")


def _page(document: dict[str, Any]) -> str:
    """The document for people."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SERVING), autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    templates.filters |= {"code": _code, "address": _address}
    page = templates.get_template("docs.html.j2").render(document)
    return re.sub(r"\n\s*\n+", "\n", page) + "\n"


def _code(text: str) -> Markup:
    """What stands in backquotes as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _address(operation: dict[str, Any], path: str) -> str:
    """The path and the query of an example."""
    own = [parameter for parameter in operation["parameters"] if "in" in parameter]
    query = urlencode({each["name"]: each["example"] for each in own if each["in"] == "query"})
    filled = path.format(**{each["name"]: each["example"] for each in own if each["in"] == "path"})
    return f"{filled}?{query}" if query else filled


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else SERVING / "featuremill_serving" / "v1")
