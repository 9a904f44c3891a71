"""The one exception that ends a command with a message and an exit code."""

from __future__ import annotations

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130  # as shells count the signal of Ctrl-C


class LeakscanError(Exception):
    """A problem that the user can act on; printed as one line, without a traceback.

    `exit_code` is what the process ends with (2 unless told otherwise).
    """

    def __init__(self, message: str, *, exit_code: int = EXIT_ERROR) -> None:
        super().__init__(message)
        self.exit_code = exit_code
