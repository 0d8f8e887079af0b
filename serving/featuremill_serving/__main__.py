"""`python -m featuremill_serving`."""

import signal
import sys

# Until the service handles it, Ctrl-C ends the process without a word; where it is ignored (a script's background),
# it stays so.
if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

if __name__ == "__main__":
    from featuremill_serving.cli import main

    sys.exit(main())
