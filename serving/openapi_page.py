"""The OpenAPI document as a page for people."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup, escape

SERVING = Path(__file__).resolve().parent


def page_of(document: dict[str, Any]) -> str:
    """The document for people, as HTML that needs nothing from elsewhere."""
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
