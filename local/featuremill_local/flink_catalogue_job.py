"""The half of flink_catalogue.py that talks to the JVM, in the job environment: PyFlink brings py4j.

Reads {"class_path", "java", "passed_on"} as JSON from stdin, and prints {"functions", "connectors", "reserved_words"}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway
from py4j.protocol import Py4JError, Py4JJavaError

_PARSER = "org.apache.flink.sql.parser.impl.FlinkSqlParserImpl"
_UNNAMED = ("FUNCTION", "FUNCTION_STAR", "FUNCTION_ID", "ORDERED_FUNCTION")


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    port = launch_gateway(
        classpath=request["class_path"],
        java_path=request["java"],
        javaopts=["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
        die_on_exit=True,
        redirect_stdout=None,
        redirect_stderr=sys.stderr,
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auto_convert=True))
    try:
        asked = Flink(gateway)
        version = asked.jvm.org.apache.flink.runtime.util.EnvironmentInformation.getVersion()
        json.dump(
            {
                "functions": {"flink": version, "functions": asked.functions()},
                "connectors": {"flink": version, **asked.connectors(request["passed_on"])},
                "reserved_words": {"flink": version, "words": asked.reserved_words()},
            },
            sys.stdout,
        )
    finally:
        gateway.shutdown()


class Flink:
    """Flink's classes, behind a gateway."""

    def __init__(self, gateway: JavaGateway) -> None:
        self.gateway = gateway
        self.jvm: Any = gateway.jvm

    def functions(self) -> dict[str, Any]:
        """Name -> {kind, min, max, deterministic}: of the planner's operators, and of the core module's functions.

        `max` null is any number of arguments; both null where Flink's own rule is no count.
        """
        found: dict[str, Any] = {}
        table = self.jvm.org.apache.flink.table.planner.functions.sql.FlinkSqlOperatorTable
        for operator in [*table.instance(False).getOperatorList(), *table.instance(True).getOperatorList()]:
            if not self._is(operator, "org.apache.calcite.sql.SqlFunction"):
                continue
            kind = "aggregate" if operator.isAggregator() else "scalar"
            if self._is(operator, "org.apache.calcite.sql.SqlTableFunction"):
                kind = "table"
            least, most = self._operand_counts(operator)
            deterministic = operator.isDeterministic() and not operator.isDynamicFunction()
            _add(found, operator.getName(), kind, least, most, deterministic)
        module = self.jvm.org.apache.flink.table.module.CoreModule.INSTANCE
        for name in module.listFunctions():
            definition = module.getFunctionDefinition(name).get()
            kind = str(definition.getKind()).lower().replace("_", " ")
            least, most = self._argument_counts(definition)
            _add(found, name, kind, least, most, definition.isDeterministic())
        return found

    def connectors(self, passed_on: dict[str, list[str]]) -> dict[str, Any]:
        """The options of tables and of formats by identifier, and those that every table takes."""
        tables: dict[str, Any] = {}
        formats: dict[str, Any] = {}
        package = "org.apache.flink.table.factories."
        for factory in self._factories():
            is_table = self._is(factory, package + "DynamicTableFactory")
            is_format = self._is(factory, package + "FormatFactory")
            if not is_table and not is_format:
                continue
            known = tables if is_table else formats
            name = factory.factoryIdentifier()
            entry = known.setdefault(name, {"required": [], "options": {}, "source": False, "sink": False})
            if is_table:
                entry["source"] |= self._is(factory, package + "DynamicTableSourceFactory")
                entry["sink"] |= self._is(factory, package + "DynamicTableSinkFactory")
                entry["prefixes"] = passed_on.get(name, [])
            else:
                entry["source"] |= self._is(factory, package + "DecodingFormatFactory")
                entry["sink"] |= self._is(factory, package + "EncodingFormatFactory")
            entry["required"] = sorted({*entry["required"], *(each.key() for each in factory.requiredOptions())})
            for option in [*factory.requiredOptions(), *factory.optionalOptions()]:
                entry["options"] |= self._option(option)
        return {"tables": tables, "formats": formats, "common": self._common_options()}

    def reserved_words(self) -> list[str]:
        """The words of Flink's parser that it refuses as a bare name: `SELECT 1 AS word`."""
        parser = self.jvm.org.apache.calcite.sql.parser.SqlParser
        conformance = self.jvm.org.apache.flink.sql.parser.validate.FlinkSqlConformance.DEFAULT
        factory = self._static(_PARSER, "FACTORY")
        config = parser.config().withParserFactory(factory).withConformance(conformance)
        config = config.withLex(self.jvm.org.apache.calcite.config.Lex.JAVA)
        refused = []
        for word in parser.create("", config).getMetadata().getTokens():
            if not (word.replace("_", "").isalnum() and word[0].isalpha()):
                continue
            try:
                parser.create(f"SELECT 1 AS {word}", config).parseStmt()
            except Py4JJavaError:
                refused.append(word)
        return sorted(refused)

    def _factories(self) -> Iterator[Any]:
        kind = self.jvm.java.lang.Class.forName("org.apache.flink.table.factories.Factory")
        found = self.jvm.java.util.ServiceLoader.load(kind).iterator()
        while found.hasNext():
            yield found.next()

    def _common_options(self) -> dict[str, Any]:
        """The options that FactoryUtil declares for every table: connector, parallelism, watermarks."""
        found: dict[str, Any] = {}
        owner = self.jvm.java.lang.Class.forName("org.apache.flink.table.factories.FactoryUtil")
        for declared in owner.getFields():
            if declared.getType().getSimpleName() == "ConfigOption":
                found |= self._option(declared.get(None))
        of_tables = ("connector", "property-version", "scan.", "sink.")
        return {name: option for name, option in found.items() if name.startswith(of_tables)}

    def _option(self, option: Any) -> dict[str, Any]:
        kind = self._field(option, "clazz")
        is_list = bool(self._field(option, "isList"))
        entry: dict[str, Any] = {"type": ("list of " if is_list else "") + kind.getSimpleName()}
        if kind.isEnum():
            entry = {"type": "enum", "values": [each.toString() for each in kind.getEnumConstants()]}
        names = [option.key(), *(each.getKey() for each in option.fallbackKeys())]
        return dict.fromkeys(names, entry)

    def _operand_counts(self, operator: Any) -> tuple[int | None, int | None]:
        try:
            counts = operator.getOperandCountRange()
            least, most = counts.getMin(), counts.getMax()
        except Py4JError:  # some leave it to a checker of their own
            return None, None
        return (max(least, 0), most if most >= 0 else None)

    def _argument_counts(self, definition: Any) -> tuple[int | None, int | None]:
        try:
            inference = definition.getTypeInference(None)
            static = inference.getStaticArguments()
            if static.isPresent():
                arguments = list(static.get())
                return sum(not each.isOptional() for each in arguments), len(arguments)
            counts = inference.getInputTypeStrategy().getArgumentCount()
        except Py4JError:  # the old ones have no type inference: the planner's operator stands for them
            return None, None
        least, most = counts.getMinCount(), counts.getMaxCount()
        return (least.get() if least.isPresent() else 0), (most.get() if most.isPresent() else None)

    def _is(self, value: Any, name: str) -> bool:
        return bool(self.jvm.java.lang.Class.forName(name).isInstance(value))

    def _static(self, owner: str, name: str) -> Any:
        return self.jvm.java.lang.Class.forName(owner).getField(name).get(None)

    def _field(self, value: Any, name: str) -> Any:
        declared = value.getClass().getDeclaredField(name)
        declared.setAccessible(True)
        return declared.get(value)


def _add(found: dict[str, Any], name: str, kind: str, least: int | None, most: int | None, deterministic: bool) -> None:
    """Add a function. Of two by one name (an operator and its definition) each widens what the other takes."""
    name = name.upper()
    if name.startswith("$") or not name.replace("_", "").isalnum():
        return
    new = {"kind": kind, "min": least, "max": most, "deterministic": bool(deterministic)}
    old = found.get(name)
    if old is None or (old["min"] is None and least is not None):
        found[name] = new if old is None else {**new, "deterministic": old["deterministic"] and bool(deterministic)}
    elif least is not None:
        open_end = old["max"] is None or most is None
        found[name] = {
            "kind": old["kind"],
            "min": min(old["min"], least),
            "max": None if open_end else max(old["max"], most),
            "deterministic": old["deterministic"] and bool(deterministic),
        }


if __name__ == "__main__":
    main()
