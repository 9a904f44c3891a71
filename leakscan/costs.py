"""What one iteration of a leak costs, where that is known from, and the severity that follows with how often.

Figures are ranges over what was measured; docs/costs.md has the measurements. What the code does not say is
not taken for harmless: without a number of iterations a finding is not low, unless what is kept is a scalar.
"""

from __future__ import annotations

from leakscan.diagnostics import Estimate, Range, Severity
from leakscan.questions import Endless, Frequency, Work
from leakscan.records import dataclass, replace

#: A leak that takes at most so much in the whole run is small; one that takes at least so much is not.
SMALL_SECONDS = 10.0
#: Beside long fits this is.
SMALL_BESIDE_FITS = 60.0
SMALL_BYTES = 10e6
#: From here on in one iteration, bytes count whatever the number of iterations: tens of megabytes in a few.
LARGE_BYTES = 1e6
#: What is no larger than this is a scalar, thousands of which are nothing; or a value, a few of which are.
SCALAR_BYTES = 1000
VALUE_BYTES = 10e6
#: A fit of so many epochs, or steps, is long beside the building of its model.
LONG_EPOCHS = 20
LONG_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one iteration costs.

    unit: what it is called, one and several: ("rebuild", "rebuilds"). size: the size class. seconds: of CPU
    time; bytes: what stays in memory; one of them may be None. source: the heading of docs/costs.md.
    """

    unit: tuple[str, str]
    size: str
    seconds: Range | None
    bytes: Range | None
    source: str


REBUILD = Cost(("rebuild", "rebuilds"), "model", Range(0.1, 1.0), Range(0.5e6, 13e6), "rebuilding a model")
PREDICT = Cost(("call", "calls"), "prediction", Range(0.03, 0.1), None, "predicting one item")
LOAD = Cost(("load", "loads"), "model", Range(0.1, 3.5), Range(0.3e6, 2e6), "loading a model")
COPY = replace(REBUILD, unit=("copy", "copies"))
TRACE = Cost(("trace", "traces"), "function", Range(0.15, 15.0), Range(1e6, 100e6), "tracing a function")
SCALAR = Cost(("scalar", "scalars"), "scalar", None, Range(100, 1000), "tensors that are kept")
VALUE = Cost(("tensor", "tensors"), "value", None, Range(100, 10e6), "tensors that are kept")
PREDICTION = Cost(("output", "outputs"), "prediction", None, Range(1e3, 1e6), "tensors that are kept")
GRADIENT = Cost(("gradient", "gradients"), "gradient", None, Range(1e6, 100e6), "tensors that are kept")
ACTIVATION = Cost(
    ("activation", "activations"), "activation", None, Range(1e6, 10e6), "tensors that are kept"
)
TAPE = Cost(("tape", "tapes"), "tape", None, Range(1e6, 100e6), "tensors that are kept")
RESTART = Cost(("restart", "restarts"), "pipeline", Range(0.01, 0.06), None, "restarting a training")
GRAPH = Cost(
    ("extension", "extensions"), "operation", Range(0.02, 0.05), Range(1e4, 1e6), "extending a graph"
)
SESSION = Cost(("session", "sessions"), "session", Range(0.005, 0.04), None, "extending a graph")
KEPT_MODEL = Cost(("model", "models"), "model", None, Range(1e6, 100e6), "models that are kept")


def severity(cost: Cost, often: Frequency, work: Work | None = None) -> Severity:
    """Return how much a leak may cost in all; `work` is what an iteration trains, where that matters.

    A tensor that is provably small counts for what it is, however often: only without end it adds up.
    """
    found = [_by_seconds(cost.seconds, often, work)] if cost.seconds is not None else []
    # A rebuilt model is small beside what training it takes: its seconds decide.
    if cost.bytes is not None and not found:
        found.append(_by_bytes(cost.bytes, often))
    return max(found, default=Severity.MEDIUM)


def _by_seconds(seconds: Range, often: Frequency, work: Work | None) -> Severity:
    # Many rebuilds around long fits: seconds beside hours.
    long = work is not None and _is_long(work)
    if often.endless is not None:
        # schedule.every().day.do(train)  # without end, and not often
        if often.endless is Endless.SCHEDULE:
            return Severity.MEDIUM
        return Severity.MEDIUM if long and often.endless is Endless.DRIVER else Severity.HIGH
    if often.count is None:
        # for fold in folds: build(); fit(epochs=100)  # a second beside each fit, however many there are
        return Severity.LOW if long else Severity.MEDIUM
    if often.count * seconds.high <= (SMALL_BESIDE_FITS if long else SMALL_SECONDS):
        return Severity.LOW
    return Severity.HIGH if often.count * seconds.low >= SMALL_SECONDS and not long else Severity.MEDIUM


def _is_long(work: Work) -> bool:
    return (work.epochs or 0) >= LONG_EPOCHS or (work.steps or 0) >= LONG_STEPS


def _by_bytes(size: Range, often: Frequency) -> Severity:
    # while True: state, reward, done, info = env.step(action); losses.append(loss)
    unending = often.endless not in {None, Endless.TRAINING_STEP, Endless.DRIVER}
    if unending and often.count is None:
        return Severity.MEDIUM if size.high <= SCALAR_BYTES else Severity.HIGH
    if size.high <= SCALAR_BYTES:
        return Severity.LOW
    if often.count is not None and often.count * size.high <= SMALL_BYTES:
        return Severity.LOW
    if size.low < LARGE_BYTES:
        return Severity.MEDIUM
    few = often.count is not None and often.count * size.high <= 10 * SMALL_BYTES
    return Severity.MEDIUM if few else Severity.HIGH


def again(often: Frequency) -> Frequency:
    """Return how often what is known to repeat does: once is then not what the code says.

    tf.py_function(record, ...): history.append(x)  # who calls it again is out of sight
    """
    return replace(often, count=None) if often.count is not None and often.count <= 1 else often


def estimate(cost: Cost, often: Frequency, what: str) -> Estimate:
    """Return what a finding may cost, with its grounds in words; `what` is what is created or kept."""
    return Estimate(
        what,
        f"{_times(cost, often)}; {_each(cost)}",
        often.count,
        None if often.endless is None else often.endless.value,
        cost.size,
        cost.seconds,
        cost.bytes,
        f"docs/costs.md: {cost.source}",
    )


def _times(cost: Cost, often: Frequency) -> str:
    """Say how often: `5 rebuilds in all`."""
    if often.count is not None:
        where = "in all" if often.entry is None else f"in each call of {often.entry}"
        default = f" by default ({', '.join(often.options)})" if often.options else ""
        return f"{_number(often.count)} {cost.unit[often.count != 1]} {where}{default}"
    if often.endless is not None:
        return f"repeated by {often.endless.value}, with no limit in sight"
    return "how often is not known"


def _each(cost: Cost) -> str:
    """Say what one costs: `a rebuild costs about 0.1 to 1 s`."""
    one = f"{'an' if cost.unit[0][0] in 'aeiou' else 'a'} {cost.unit[0]}"
    if cost.seconds is not None:
        return f"{one} costs about {cost.seconds.low:g} to {cost.seconds.high:g} s"
    if cost.bytes is not None:
        return f"{one} takes about {_bytes(cost.bytes.low)} to {_bytes(cost.bytes.high)}"
    return f"what {one} costs is not known"


def _bytes(count: float) -> str:
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= factor:
            return f"{count / factor:g} {unit}"
    return f"{count:g} B"


def _number(count: int) -> str:
    """Write 12000 as 12,000."""
    return f"{count:,}"


__all__ = [
    "ACTIVATION",
    "COPY",
    "GRADIENT",
    "GRAPH",
    "KEPT_MODEL",
    "LOAD",
    "PREDICT",
    "PREDICTION",
    "REBUILD",
    "RESTART",
    "SCALAR",
    "SESSION",
    "TAPE",
    "TRACE",
    "VALUE",
    "Cost",
    "again",
    "estimate",
    "severity",
]
