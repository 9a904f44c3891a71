"""`python -m leakscan`, and the command `leakscan`: nothing is imported before Ctrl-C is looked after."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and __spec__ is not None and not getattr(sys.flags, "safe_path", False):
    # `python -m` puts the directory that is checked first: a random.py there would be run.
    del sys.path[0]


def program() -> int:
    """Run the command line; a Ctrl-C before it is there ends as one after it does."""
    try:
        from leakscan.cli import program as run

        return run()
    except KeyboardInterrupt:
        os.write(2, b"interrupted\n")
        os._exit(130)


if __name__ == "__main__":
    raise SystemExit(program())
