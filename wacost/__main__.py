"""`python -m wacost`: the command line."""

import sys

from wacost.cli import main

if __name__ == "__main__":
    sys.exit(main())
