"""How a command runs to its exit code, and its consoles."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TextIO

from featuremill_codegen.errors import FeaturemillError, PipelineError
from rich.console import Console
from rich.text import Text

from featuremill_local.cache import FULL_DISK, SetupError
from featuremill_local.endings import end_with_parent, exit_on_sigterm
from featuremill_local.helpers import end_helpers
from featuremill_local.processes import PartError

WIDTH_OF_A_FILE = 200


def run_command(command: Callable[[], int]) -> int:
    """Run it to its exit code; what it raises is said on standard error.

    1: a part of the platform failed; 2: a mistake in what was asked or in a pipeline, or what this machine lacks;
    130: a person ended it.
    """
    errors = console_on(sys.stderr)
    exit_on_sigterm()
    end_with_parent()
    try:
        return command()
    except PipelineError as error:
        print(error.render(color=errors.is_terminal), file=sys.stderr)
    except (FeaturemillError, SetupError) as error:
        _say(errors, str(error))
    except PartError as error:
        _say(errors, str(error))
        return 1
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        _say(errors, f"no space is left on the disk: {error.filename or ''}\nhelp: free some and run it again")
    except KeyboardInterrupt:
        errors.print("ended")
        return 130
    finally:
        end_helpers()
    return 2


def console_on(file: TextIO) -> Console:
    """A console of the terminal's width; what goes to a file or a pipe has lines of whatever length they need."""
    wide = None if file.isatty() or "COLUMNS" in os.environ else WIDTH_OF_A_FILE
    return Console(file=file, highlight=False, soft_wrap=True, width=wide)


def _say(errors: Console, message: str) -> None:
    errors.print(Text.assemble(("error: ", "bold red"), message))
