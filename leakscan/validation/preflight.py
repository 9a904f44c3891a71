"""What may spoil a measurement, told before it begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leakscan.validation.events import Preflight
from leakscan.validation.machine import HOST, Host
from leakscan.validation.measurements import Environment, Provenance, Source
from leakscan.validation.meters import Meter
from leakscan.validation.neighbours import Observation, observe

_FOREIGN_CPU_WARNING = 0.10


def preflight(meter: Meter, environment: Environment, host: Host = HOST) -> Preflight:
    """Look at what may spoil a measurement, for one second."""
    sources = meter.describe()
    seen = observe(host)
    warnings = [*_instrument_warnings(sources, environment), *_machine_warnings(environment, seen)]
    others = meter.other_gpu_processes()
    if others:
        warnings.append(f"other processes use the GPU and are measured too: {', '.join(others)}")
    return Preflight(environment, sources, seen.foreign_share, tuple(warnings))


def _instrument_warnings(sources: Sequence[Source], environment: Environment) -> Iterator[str]:
    for source in sources:
        if source.provenance in (Provenance.MODEL, Provenance.CONSTANT):
            yield (
                f"the {source.device.upper()}'s energy is estimated, not measured: CPU time times watts "
                f"({source.detail})"
            )
            if environment.virtualisation is not None:
                yield (
                    f"in a {environment.virtualisation} the watts of the real processor are not known; "
                    "ratios hold, joules are a guess"
                )
        elif source.provenance is Provenance.ABSENT:
            yield f"the {source.device.upper()}'s energy is unknown: {source.detail}"


def _machine_warnings(environment: Environment, seen: Observation) -> Iterator[str]:
    if seen.foreign_share is not None and seen.foreign_share > _FOREIGN_CPU_WARNING:
        load = environment.load_average
        average = "" if load is None else f", load average {load:.1f}"
        names = f": {words}" if (words := seen.in_words()) else ""
        yield (
            f"other programs use {seen.foreign_share:.0%} of the processors{average}{names}; end them for a "
            "steadier result"
        )
    if environment.on_battery:
        yield "the machine runs on battery, which changes its clock speeds; plug it in"
    if environment.governor not in (None, "performance"):
        yield f"the frequency governor is {environment.governor}; performance gives steadier results"
