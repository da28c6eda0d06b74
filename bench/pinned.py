"""The measured process: pins itself to one core, then becomes the product or the limit.

`python -m bench.pinned CORE noop`, or `python -m bench.pinned CORE serve ...` with the product's own arguments.
"""

import os
import sys

from bench import noop
from matchline import cli


def main() -> None:
    core, command = int(sys.argv[1]), sys.argv[2]
    os.sched_setaffinity(0, {core})
    if command == "noop":
        noop.main()
    else:
        sys.argv = ["matchline", *sys.argv[2:]]
        cli.main()


if __name__ == "__main__":
    main()
