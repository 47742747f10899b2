"""Run the command line with `python -m diagramkit`."""

import sys

from diagramkit.cli import main

if __name__ == "__main__":  # Worker processes import this module and must not run it.
    sys.exit(main())
