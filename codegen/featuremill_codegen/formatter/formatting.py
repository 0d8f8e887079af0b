"""A file's text in the one style, or the reasons why it can't be."""

from __future__ import annotations

from featuremill_codegen.errors import PipelineError
from featuremill_codegen.formatter.blocks import StructureError
from featuremill_codegen.formatter.engines import Engine
from featuremill_codegen.formatter.guard import Change, changed
from featuremill_codegen.formatter.layout import lay_out
from featuremill_codegen.formatter.lexemes import LexicalError
from featuremill_codegen.source import SourceFile

INTERNAL = "FM199"


def format_source(source: SourceFile, engine: Engine) -> str:
    """The text, laid out anew: other whitespace, keywords in upper case, nothing else.

    Raises PipelineError with lint's findings where the text doesn't parse, and with FM199 where the formatter itself is
    wrong: it would change more than that.
    """
    read = engine.read(source)
    change: Change | None
    try:
        text = lay_out(source.text, engine.lexis, read.names)
    except (LexicalError, StructureError) as error:
        start = error.start if isinstance(error, LexicalError) else error.token.start
        change = Change(start, "what it doesn't understand here")
    except RecursionError:
        change = Change(0, "brackets this deep")
    else:
        if text == source.text:
            return text
        change = changed(source, read, text, engine)
        if change is None:
            return text
    message = f"The formatter would change {change.what}, so it left the file alone."
    help = "this is the formatter's mistake, not yours: report it with this statement"
    raise PipelineError([source.finding(INTERNAL, message, change.start, help=help)])
