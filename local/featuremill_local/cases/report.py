"""What a person is told of the cases: a few words while they run, and what differs when all have run."""

from __future__ import annotations

from collections.abc import Sequence

from featuremill_codegen.pipeline import Pipeline
from rich.console import Console
from rich.text import Text

from featuremill_local.cases.result import ParityResult, Result
from featuremill_local.cases.show import show_differences, show_letters
from featuremill_local.cases.shuffling import Shuffle
from featuremill_local.display import counted


def note(result: Result, *, update: bool) -> str:
    """A few words on how a case went."""
    differing = len({each.entity_key for each in (*result.end, *result.way)})
    if result.error:
        return "gave no answer"
    if update:
        words = "wrote " + ", ".join(path.name for path in result.written) if result.written else "as it was"
    elif differing:
        words = f"{counted(differing, 'key')} differ{'s' if differing == 1 else ''}"
    elif result.missing or result.unexpected:
        words = "other dead letters came than expected" if result.unexpected else "dead letters did not come"
    else:
        words = f"{counted(len(result.case.expected or ()), 'key')} as expected"
    letters = len(result.outcome.letters)
    words = f"{words}, {counted(letters, 'dead letter')}" if letters else words
    return f"{words}; {_orders(result.shuffle)}" if result.shuffle is not None else words


def _orders(shuffle: Shuffle) -> str:
    if shuffle.deviation is not None:
        return f"another order gives other features ({shuffle.tried} tried)"
    return f"the same in {counted(shuffle.tried, 'other order')}" if shuffle.tried else "no other order is possible"


def report(result: Result, seed: int, console: Console) -> None:
    """What a person has to see: where the case failed, its differences; and calls that raised, in any case."""
    if result.failed or result.outcome.raised:
        console.print()
    if result.error:
        console.print(Text.assemble((f"{result.name}: ", "bold red"), result.error))
    if result.end:
        show_differences(result.pipeline, result.case, f"{result.name}, at the end", result.end, console)
    if result.way:
        show_differences(result.pipeline, result.case, f"{result.name}, every row", result.way, console)
    if result.missing or result.unexpected:
        show_letters(f"{result.name}, dead letters", result.missing, result.unexpected, console)
    for raised in result.outcome.raised:
        _say(result.name, raised, console)
    if result.shuffle is not None:
        _report_orders(result, result.shuffle, seed, console)


def _report_orders(result: Result, shuffle: Shuffle, seed: int, console: Console) -> None:
    reason = result.case.told.order_matters
    deviation = shuffle.deviation
    for kept in shuffle.kept:
        _say(result.name, f"{kept}: its rows kept their order", console)
    if deviation is None:
        if reason is not None:
            words = f"{counted(shuffle.tried, 'other order')} changed nothing"
            _say(result.name, f"case.yaml says that order matters; {words}", console)
        return
    if reason is not None:
        _say(result.name, f"order matters, as case.yaml says: {reason}", console)
        return
    title = f"{result.name}, order {deviation.number} of seed {seed}, at the end"
    columns = ("in the order of the file", "in another one")
    show_differences(result.pipeline, deviation.case, title, deviation.differences, console, columns)
    for each in deviation.case.inputs:
        if each.lines:
            order = ", ".join(str(line.number) for line in each.lines)
            console.print(Text.assemble("lines of ", (each.file, "bold"), f" as they came: {order}"))
    console.print(f"what decides is {deviation.step}")


def report_parity(result: ParityResult, console: Console) -> None:
    """Where twins differ: the table, its columns named by the pipelines."""
    if not result.failed:
        return
    console.print()
    if result.error:
        console.print(Text.assemble((f"{result.name}: ", "bold red"), result.error))
    if result.differences:
        columns = (result.twins.pipeline.name, result.twins.twin.name)
        title = f"{result.owner.name}/{result.case.name}, at the end"
        show_differences(result.owner, result.case, title, result.differences, console, columns)


def summarize(
    results: Sequence[Result], parity: Sequence[ParityResult], seconds: float, update: bool, console: Console
) -> None:
    """The last lines: how many passed, and what to do where one did not."""
    failed = [result for result in results if result.failed]
    unequal = [result for result in parity if result.failed]
    count = counted(len(results), "case")
    console.print()
    if update:
        written = sum(bool(result.written) for result in results)
        text = f"{count}, {written} written anew{f', {len(failed)} failed' if failed else ''} in {seconds:.1f} s"
        console.print(Text(text, "bold red" if failed else "bold"))
        if written:
            console.print("help: review them with git diff: they are what the query gives now, right or wrong")
        return
    twice = f", {counted(len(parity), 'case')} the same through twins" if parity else ""
    if not failed and not unequal:
        console.print(Text(f"{count} passed{twice} in {seconds:.1f} s", "bold green"))
        return
    words = [f"{len(failed)} of {count} failed"] if failed or not unequal else []
    if unequal:
        words.append(f"{len(unequal)} of {counted(len(parity), 'case')} not the same through twins")
    console.print(Text(f"{', '.join(words)} in {seconds:.1f} s", "bold red"))
    if any(result.differs for result in failed):
        result = next(result for result in failed if result.differs)
        command = f"nox -s test-{result.pipeline.name} -- --case {result.case.name} --update"
        console.print(f"help: mend the query; or, if it is right, {command} writes what came out")
    if any(result.order_decides for result in failed):
        result = next(result for result in failed if result.order_decides)
        told = f"{_shown(result.pipeline)}/cases/{result.case.name}/case.yaml"
        console.print(f"help: mend the query; or say in {told} why it may be so: `order_matters: <reason>`")


def _shown(pipeline: Pipeline) -> str:
    return f"{pipeline.folder.parent.name}/{pipeline.name}"


def _say(name: str, words: str, console: Console) -> None:
    console.print(Text.assemble((f"{name}: ", "yellow"), words))
