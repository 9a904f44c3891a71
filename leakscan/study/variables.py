"""The variables of the environment that the study's programs inherit."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

from leakscan.study import grid

#: Threads that wait for each other take CPU time, more or less by chance: one makes runs alike.
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")


def devices(*, gpu: bool) -> contextlib.AbstractContextManager[None]:
    """No GPU where the programs do not compute on one: what it uses idling beside them is not measured."""
    return _variables({} if gpu else {"CUDA_VISIBLE_DEVICES": "-1"})


def one_thread() -> dict[str, str]:
    """The variables that hold programs to one thread; the user's own go before."""
    return {name: os.environ.get(name, "1") for name in THREADS}


def threads(cell: grid.Cell) -> contextlib.AbstractContextManager[None]:
    """The threads of a cell's programs."""
    return _variables(dict.fromkeys(THREADS) if cell.default_threads else one_thread())


@contextlib.contextmanager
def _variables(values: Mapping[str, str | None]) -> Iterator[None]:
    """Variables of the environment, which programs inherit, for a while; None takes one away."""
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
