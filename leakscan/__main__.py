"""`python -m leakscan`, and the command `leakscan`: nothing is imported before Ctrl-C is looked after."""

from __future__ import annotations

import os


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
