import sys

from featuremill_codegen.cli import main

sys.exit(main(sys.argv[1:]))
