"""A Dask cluster that checks projects: they are the unit, everything else is Dask's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from leakscan.errors import LeakscanError

#: So many tasks for each thread are under way: their projects are in the memory of the scheduler.
_AHEAD = 3


class Cluster:
    """The workers of a scheduler, which have leakscan installed. Raises LeakscanError where there is none."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise LeakscanError(
                '--scheduler needs Dask; install it with: pip install "leakscan-keras[distributed]"'
            ) from error
        try:
            self._client: Any = Client(address, timeout="5s", set_as_default=False)
        except (OSError, ValueError) as error:
            raise LeakscanError(f"--scheduler: {address} cannot be reached: {error}") from error

    def results(self, work: Callable[[Any], bytes], items: Sequence[Any]) -> Iterator[tuple[int, bytes]]:
        """Yield the number of an item and `work(item)`, in the order in which they are done.

        A worker that dies is replaced by another; an item that ends several, or raises, does not come.
        """
        from distributed import as_completed

        waiting = iter(enumerate(items))
        numbers: dict[str, int] = {}
        ahead = _AHEAD * max(1, sum(self._client.nthreads().values()))
        queue = as_completed(loop=self._client.loop)

        def submit() -> bool:
            number, item = next(waiting, (None, None))
            if number is None:
                return False
            future = self._client.submit(work, item, pure=False)
            numbers[future.key] = number
            queue.add(future)
            return True

        while len(numbers) < ahead and submit():
            pass
        for future in queue:
            submit()
            if future.status == "finished":
                yield numbers[future.key], future.result()

    def close(self) -> None:
        """Let the cluster go; it stays as it is."""
        self._client.close()


__all__ = ["Cluster"]
