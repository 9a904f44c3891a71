"""Retired instructions and cycles of a process and all that it starts, by Linux's perf_event_open(2).

A plain file beside the worker, for any Python from 3.8 on. Counters are opened before the program begins, so
that threads and processes that it starts inherit them, and enabled where its body begins. Only what runs in
user space is counted: that needs no privilege where `kernel.perf_event_paranoid` is 2 or less. A virtual
machine often shows no such counter, and containers often forbid the call; then the reason is kept.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

try:
    import fcntl
except ImportError:  # not on Windows, where the worker does not run
    fcntl = None  # type: ignore[assignment]

#: perf_event.h: type and config of each event.
HARDWARE = {"instructions": (0, 1), "cycles": (0, 0)}
SOFTWARE = {"task_clock": (1, 1)}  # nanoseconds of CPU time, which every kernel counts

_SYSCALL = {"x86_64": 298, "aarch64": 241, "riscv64": 241, "ppc64le": 319, "s390x": 331}
_DISABLED, _INHERIT, _EXCLUDE_KERNEL, _EXCLUDE_HV = 1 << 0, 1 << 1, 1 << 5, 1 << 6
_TIMES = 1 | 2  # PERF_FORMAT_TOTAL_TIME_ENABLED and _RUNNING
_CLOEXEC = 8  # PERF_FLAG_FD_CLOEXEC
_ENABLE = 0x2400  # PERF_EVENT_IOC_ENABLE
_SIZE = 64  # PERF_ATTR_SIZE_VER0
_LEAST_SHARE = 0.99  # of the time; a counter that was shared with others counted the rest not at all


class Counters:
    """The counters of this process, its threads and what they start from now on; counting begins later.

    `absent` says of each event that cannot be counted why.
    """

    def __init__(self, events: dict[str, tuple[int, int]]) -> None:
        self.absent: dict[str, str] = {}
        self._descriptors: dict[str, int] = {}
        for name, (kind, config) in events.items():
            try:
                self._descriptors[name] = _open(kind, config)
            except OSError as error:
                self.absent[name] = reason(error)

    def enable(self) -> None:
        """Begin to count."""
        for descriptor in self._descriptors.values():
            fcntl.ioctl(descriptor, _ENABLE, 0)

    def read(self) -> dict[str, int | None]:
        """What was counted so far, of processes that ended too; None where a counter was away for a while."""
        found: dict[str, int | None] = {}
        for name, descriptor in self._descriptors.items():
            try:
                value, enabled, running = struct.unpack("QQQ", os.read(descriptor, 24))
            except (OSError, struct.error):
                self.absent[name] = "the program closed it"
                found[name] = None
                continue
            whole = bool(enabled) and running >= _LEAST_SHARE * enabled
            if not whole:
                self.absent[name] = "the processor's counters were shared with others"
            found[name] = value if whole else None
        return found


def _open(kind: int, config: int) -> int:
    """The descriptor of a counter of this process. Raises OSError."""
    number = _SYSCALL.get(platform.machine())
    if sys.platform != "linux" or number is None:
        raise OSError(errno.ENOSYS, "not here")
    flags = _DISABLED | _INHERIT | _EXCLUDE_KERNEL | _EXCLUDE_HV
    # type, size, config, sample_period, sample_type, read_format, flags, wakeup_events, bp_type, config1
    attributes = struct.pack("=IIQQQQQIIQ", kind, _SIZE, config, 0, 0, _TIMES, flags, 0, 0, 0)
    buffer = ctypes.create_string_buffer(attributes, _SIZE)
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    descriptor = call(
        ctypes.c_long(number),
        buffer,
        ctypes.c_int(0),
        ctypes.c_int(-1),
        ctypes.c_int(-1),
        ctypes.c_ulong(_CLOEXEC),
    )
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(descriptor)


def reason(error: OSError) -> str:
    """Why a counter cannot be opened, in words."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"not allowed (kernel.perf_event_paranoid is {_paranoia()}, or a container forbids it)"
    if error.errno in (errno.ENOENT, errno.EOPNOTSUPP, errno.ENODEV, errno.EINVAL):
        return "the processor shows no such counter, as in many virtual machines"
    if error.errno == errno.ENOSYS:
        return "this system has no perf_event_open"
    return str(error.strerror)


def _paranoia() -> str:
    try:
        with open("/proc/sys/kernel/perf_event_paranoid") as file:
            return file.read().strip()
    except OSError:
        return "unknown"
