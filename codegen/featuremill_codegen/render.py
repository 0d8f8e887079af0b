"""run.py: a plain program, rendered from a pipeline."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined

from featuremill_codegen import dead_letters
from featuremill_codegen.hive.render import batch_context
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.settings import flink_settings
from featuremill_codegen.wrapper import (
    dead_letter_insert,
    dead_letter_table,
    feature_insert,
    feature_rows,
    feature_source,
)


def render(pipeline: Pipeline) -> str:
    """The text of the pipeline's run.py: PyFlink for a stream, PySpark for a batch."""
    description = pipeline.config.description.replace("\\", "\\\\").replace('"""', "'''")
    if pipeline.mode == "batch":
        return fill("run_batch.py.j2", name=pipeline.name, description=description, **batch_context(pipeline))
    wrappings = [dead_letters.wrap(pipeline.name, table) for table in pipeline.tables]
    return fill(
        "run.py.j2",
        name=pipeline.name,
        description=description,
        variables=pipeline.variables,
        settings=flink_settings(pipeline.config.flink),
        tables=[{"name": table.name, "text": table.statement.text} for table in pipeline.tables],
        wrappings=[wrapping for wrapping in wrappings if wrapping is not None],
        dead_letter_topic=dead_letters.TOPIC,
        functions=[udf.name for udf in pipeline.udfs],
        views=[view.statement.text for view in pipeline.views],
        query=pipeline.query.text,
        feature_rows=feature_rows(pipeline),
        feature_source=feature_source(pipeline),
        dead_letters=dead_letter_table(),
        insert_features=feature_insert(pipeline),
        insert_dead_letters=dead_letter_insert(pipeline),
        ttl_ms=pipeline.config.ttl,
    )


def fill(template: str, **values: object) -> str:
    """The text of one of our templates with these values in it."""
    return _environment().get_template(template).render(**values)


def python(value: object) -> str:
    """A Python literal, strings in double quotes where that needs no escape."""
    if isinstance(value, list):
        return f"[{', '.join(map(python, value))}]"
    text = repr(value)
    if isinstance(value, str) and text.startswith("'") and '"' not in value:
        return f'"{text[1:-1]}"'
    return text


def python_block(text: str) -> str:
    """A Python literal of a long text: raw and triple-quoted, so that SQL stands in it as it was written."""
    if '"""' in text or text.endswith(('"', "\\")):
        return repr(text)
    prefix = "r" if "\\" in text else ""
    return f'{prefix}"""\n{text}\n"""' if "\n" in text else f'{prefix}"""{text}"""'


def python_script(text: str) -> str:
    """A Python literal of a shell script of several lines: raw and triple-quoted, beginning at a line of its own."""
    assert text.endswith("\n")
    assert '"""' not in text
    return f'r"""\n{text}"""'


def timedelta(milliseconds: int) -> str:
    """A Python expression of a duration, in the largest unit that needs no fraction.

    >>> timedelta(3 * 3_600_000)
    'timedelta(hours=3)'
    """
    units = {"days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1000, "milliseconds": 1}
    unit, size = next(each for each in units.items() if milliseconds % each[1] == 0)
    return f"timedelta({unit}={milliseconds // size})"


@cache
def _environment() -> Environment:
    from jinja2 import FunctionLoader

    def load(name: str) -> str:
        return resources.files("featuremill_codegen").joinpath("templates", name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(load),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters.update(
        python=python, python_block=python_block, python_script=python_script, timedelta=timedelta
    )
    return environment
