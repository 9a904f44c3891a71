"""Who else works on this machine, and waiting until it is quiet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leakscan.validation.machine import HERTZ, HOST, Activity, Host, steal_share

OBSERVED_SECONDS = 1.0  # a look at the machine
LEAST_CORES = 0.05  # what is below is not worth a name
_NAMED = 3
_AGAIN_SECONDS = 2.0
_QUIET_IN_A_ROW = 2  # a neighbour that works in bursts is quiet for a second now and then


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A process that is not ours; `cores` is how many processors it kept busy on average."""

    pid: int
    name: str
    cores: float


@dataclass(frozen=True, slots=True)
class Observation:
    """What others did for some seconds; None where the system does not tell.

    `foreign_cores` is how many processors all others kept busy, `steal_share` the part of all processors'
    time that the hypervisor gave away. `neighbours` are the processes that can be seen from here, the
    busiest first.
    """

    foreign_cores: float | None
    steal_share: float | None
    neighbours: tuple[Neighbour, ...]

    @property
    def foreign_share(self) -> float | None:
        """The share of all processors that others use."""
        return None if self.foreign_cores is None else self.foreign_cores / (os.cpu_count() or 1)

    def in_words(self) -> str:
        """`python (4711) uses 98 % of a core, cc1plus (4720) 55 %`."""
        named = [each for each in self.neighbours[:_NAMED] if each.cores >= LEAST_CORES]
        words = [f"{each.name} ({each.pid}) {each.cores:.0%}".replace("%", " %") for each in named]
        if words:
            first, *rest = words
            words = [f"{first.replace(') ', ') uses ', 1)} of a core", *rest]
        seen = sum(each.cores for each in self.neighbours)
        if (self.foreign_cores or 0.0) - seen > max(LEAST_CORES, seen):
            words.append("processes that end quickly or cannot be seen from here use the rest")
        return ", ".join(words)


def observe(host: Host = HOST, seconds: float | None = None) -> Observation:
    """Look for a second, or as long as is said, at what others do; this process and its own are left out."""
    before, begin = _processes(host), Activity.now(host)
    host.sleep(OBSERVED_SECONDS if seconds is None else seconds)
    after, end = _processes(host), Activity.now(host)
    elapsed = end.monotonic - begin.monotonic
    foreign = None
    if end.busy_seconds is not None and begin.busy_seconds is not None and elapsed > 0:
        ours = end.own_seconds - begin.own_seconds
        foreign = max(0.0, end.busy_seconds - begin.busy_seconds - ours) / elapsed
    own = _family(os.getpid(), after)
    found = []
    for pid, (name, _, ticks, started) in after.items():
        earlier = before.get(pid)
        # A number may have been given to a new process meanwhile.
        base = earlier[2] if earlier is not None and earlier[3] == started else 0
        if pid not in own and ticks > base and elapsed > 0:
            found.append(Neighbour(pid, name, (ticks - base) / HERTZ / elapsed))
    found.sort(key=lambda each: (-each.cores, each.pid))
    return Observation(foreign, steal_share(begin, end), tuple(found))


_Processes = dict[int, tuple[str, int, int, int]]  # name, parent, ticks of CPU time, start


def _processes(host: Host) -> _Processes:
    found: _Processes = {}
    for pid in host.pids():
        # proc_pid_stat(5): pid (name) state ppid ... utime(14) stime(15) ... starttime(22)
        head, _, rest = (host.read(f"{pid}/stat") or "").rpartition(")")
        fields = rest.split()
        if len(fields) > 19:  # noqa: PLR2004
            name = head.partition("(")[2]
            found[pid] = (name, int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[19]))
    return found


def _family(root: int, processes: _Processes) -> set[int]:
    family = {root}
    grown = True
    while grown:
        more = {pid for pid, (_, parent, _, _) in processes.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return family


@dataclass(frozen=True, slots=True)
class Noise:
    """Others work: what is seen, after how many seconds of waiting; `ended` when waiting is over, in vain."""

    observation: Observation
    waited_seconds: float
    ended: bool


def wait_for_quiet(
    is_quiet: Callable[[Observation], bool], limit_seconds: float, host: Host = HOST
) -> Iterator[Noise]:
    """Observe until it is quiet; each time that it is not, say so. Ends after `limit_seconds` of waiting.

    After noise it must be quiet for two looks in a row.
    """
    begin = host.monotonic()
    quiet, wanted = 0, 1
    while True:
        seen = observe(host)
        quiet = quiet + 1 if is_quiet(seen) else 0
        if quiet >= wanted:
            return
        if not quiet:
            wanted = _QUIET_IN_A_ROW
            waited = host.monotonic() - begin - OBSERVED_SECONDS
            yield Noise(seen, max(0.0, waited), ended=waited >= limit_seconds)
            if waited >= limit_seconds:
                return
            host.sleep(min(_AGAIN_SECONDS, max(0.0, limit_seconds - waited)))
