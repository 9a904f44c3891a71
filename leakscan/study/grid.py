"""Which experiments the study is made of. Nothing here runs."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from leakscan.errors import LeakscanError
from leakscan.words import did_you_mean

BATCH_SIZE = 64
KERAS = "keras"
TF_KERAS = "tf_keras"
TENSORFLOW = "tensorflow"
#: The optimizers that the programs know, and what pages call them.
SGD = "sgd"
ADAM = "adam"
_OPTIMIZERS = {SGD: "plain SGD", ADAM: "Adam"}
#: What Keras 3 trains with, and what pages call it.
BACKENDS = {TENSORFLOW: "TensorFlow", "torch": "PyTorch", "jax": "JAX"}
#: The strategies that are measured, in the order of tables.
STRATEGIES = ("reuse", "hoist", "clear-session", "reduce", "to-host")


class Design(enum.Enum):
    """What the arms of an experiment are."""

    EQUALS = "equals"  # what should cost the same: the clean program, and it again (A/A) or the fixed ones
    PAPER = "paper"  # the clean program against that with each smell, and against their fixes
    FIXES = "fixes"  # a program with a smell against its fixes


class Axis(enum.Enum):
    """What is varied, with the other settings held; the value is the title of its section."""

    FIT_LENGTH = "IMR by the length of a fit"
    MODEL_SIZE = "IMR by the size of the model"
    FRAMEWORK = "IMR by framework"
    OPTIMIZER = "IMR by optimizer and metrics"
    THREADS = "IMR by threads"
    TENSOR_SIZE = "UTR by what is kept"
    STEPS = "UTR by the number of steps"


@dataclass(frozen=True, slots=True)
class Cell:
    """One experiment: a program of `fixtures/paper` with its arguments, and how often it is run.

    `level` is the cell's name on its axes. A run has `epochs` passes of `steps` batches of 64 images, and
    `imr.py` builds its model once for each pass. `observe` is what is looked at after each batch: a scalar,
    the prediction (10 numbers an image), the activation of the first layer or the gradient. With `metrics`
    the model is compiled with accuracy. With `default_threads` the framework takes as many threads as it
    likes; all other programs are held to one.
    """

    name: str
    level: str
    design: Design
    program: str
    steps: int
    epochs: int
    axes: tuple[Axis, ...] = ()
    observe: str = "scalar"
    width: int = 16
    depth: int = 2
    framework: str = KERAS
    blocks: int = 10
    strategies: tuple[str, ...] = STRATEGIES
    optimizer: str = SGD
    metrics: bool = False
    default_threads: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command line of the program."""
        return (
            *("--epochs", str(self.epochs), "--batch-size", str(BATCH_SIZE)),
            *("--images", str(self.steps * BATCH_SIZE), "--width", str(self.width)),
            *("--depth", str(self.depth), "--observe", self.observe),
            *(() if self.optimizer == SGD else ("--optimizer", self.optimizer)),
            *(("--metrics",) if self.metrics else ()),
        )

    @property
    def optimizer_name(self) -> str:
        """What pages call the optimizer."""
        return _OPTIMIZERS[self.optimizer]

    @property
    def training(self) -> str:
        """What must stand beside every figure of the cell: `plain SGD without metrics`."""
        words = f"{self.optimizer_name} {'with' if self.metrics else 'without'} metrics"
        return f"{words}, default threads" if self.default_threads else words


def _imr(level: str, steps: int, epochs: int, *axes: Axis, name: str) -> Cell:
    return Cell(name, level, Design.FIXES, "imr.py", steps, epochs, axes)


def _utr(level: str, epochs: int, *axes: Axis, name: str, observe: str = "activation") -> Cell:
    return Cell(name, level, Design.FIXES, "utr.py", 16, epochs, axes, observe)


def _size(level: str, epochs: int, *, width: int, depth: int) -> Cell:
    cell = _imr(level, 4, epochs, Axis.MODEL_SIZE, name=f"imr-{level}")
    return replace(cell, width=width, depth=depth, strategies=("hoist",))


_NO_CLEAR = ("reuse", "hoist")
_FIT_4 = _imr("4 steps", 4, 12, Axis.FIT_LENGTH, Axis.MODEL_SIZE, Axis.FRAMEWORK, name="imr-fit-4")
_FULL = (
    Cell(
        "paper",
        "the paper's design",
        Design.PAPER,
        "baseline.py",
        64,
        5,
        observe="activation",
        blocks=20,
        strategies=("hoist", "reduce"),
    ),
    _imr("1 step", 1, 20, Axis.FIT_LENGTH, name="imr-fit-1"),
    _FIT_4,
    replace(_imr("16 steps", 16, 8, Axis.FIT_LENGTH, name="imr-fit-16"), strategies=_NO_CLEAR),
    replace(_imr("64 steps", 64, 3, Axis.FIT_LENGTH, name="imr-fit-64"), strategies=_NO_CLEAR),
    _size("small", 12, width=8, depth=1),
    _size("large", 8, width=32, depth=6),
    replace(
        _FIT_4,
        name="imr-tf-keras",
        level="tf_keras",
        axes=(Axis.FRAMEWORK,),
        framework=TF_KERAS,
        epochs=8,
        strategies=("hoist", "clear-session"),
    ),
    replace(_utr("scalar", 8, Axis.TENSOR_SIZE, name="utr-scalar", observe="scalar"), strategies=("reduce",)),
    replace(
        _utr("prediction", 8, Axis.TENSOR_SIZE, name="utr-prediction", observe="prediction"),
        strategies=("reduce",),
    ),
    _utr("activation", 8, Axis.TENSOR_SIZE, Axis.STEPS, name="utr-activation"),
    replace(
        _utr("gradient", 8, Axis.TENSOR_SIZE, name="utr-gradient", observe="gradient"), strategies=("reduce",)
    ),
    replace(_utr("32 steps", 2, Axis.STEPS, name="utr-steps-32"), strategies=("reduce",)),
    replace(_utr("256 steps", 16, Axis.STEPS, name="utr-steps-256"), strategies=("reduce",)),
    # To show that nothing differs takes more blocks than to show that something does.
    Cell("self-test", "A/A", Design.EQUALS, "baseline.py", 16, 12, blocks=30, strategies=()),
    Cell(
        "fixed",
        "fixed programs",
        Design.EQUALS,
        "baseline.py",
        64,
        8,
        observe="activation",
        blocks=90,
        strategies=("hoist", "reduce"),
    ),
)
_BY_NAME = {cell.name: cell for cell in _FULL}
_QUICK_BLOCKS = 6  # the fewest that give a verdict
_QUICK = (
    _BY_NAME["self-test"],
    replace(_BY_NAME["paper"], steps=16, epochs=6, strategies=("hoist", "reduce")),
    replace(_BY_NAME["imr-fit-4"], strategies=("reuse", "hoist")),
    replace(_BY_NAME["imr-fit-64"], strategies=("reuse", "hoist")),
    replace(_BY_NAME["utr-scalar"], steps=4, strategies=("reduce",)),
    replace(_BY_NAME["utr-activation"], strategies=("reduce",)),
)
_QUICK_ON_GPU = (
    replace(_BY_NAME["paper"], strategies=()),
    replace(_BY_NAME["imr-fit-16"], strategies=("hoist",)),
    replace(_BY_NAME["utr-activation"], strategies=("reduce",)),
    _BY_NAME["self-test"],
)


def _practice(cell: Cell, name: str, *axes: Axis, strategies: tuple[str, ...]) -> Cell:
    """A cell of the grid under Adam and with metrics, as most programs train."""
    return replace(cell, name=name, axes=axes, blocks=8, strategies=strategies, optimizer=ADAM, metrics=True)


def _adam_fit(steps: int, *, epochs: int) -> Cell:
    plain = _BY_NAME[f"imr-fit-{steps}"]
    cell = _practice(plain, f"adam-fit-{steps}", Axis.FIT_LENGTH, strategies=("hoist",))
    return replace(cell, epochs=epochs)


_PAPER_ADAM = replace(
    _practice(_BY_NAME["paper"], "paper-adam", strategies=()), level="the paper's design, Adam", blocks=10
)
_ADAM_FIT_4 = _practice(
    _FIT_4,
    "adam-fit-4",
    Axis.FIT_LENGTH,
    Axis.OPTIMIZER,
    Axis.THREADS,
    strategies=("reuse", "hoist", "clear-session"),
)
#: What people run: Adam, metrics, all threads. Beside it, in the same hour, what the first grid has: the cost
#: of the same work differs from hour to hour and from machine to machine. What matters most comes first.
_PRACTICE = (
    _PAPER_ADAM,
    _ADAM_FIT_4,
    replace(_FIT_4, axes=(Axis.OPTIMIZER,), blocks=8, strategies=("hoist",)),
    _adam_fit(64, epochs=4),
    replace(
        _ADAM_FIT_4,
        name="adam-fit-4-threads",
        axes=(Axis.THREADS,),
        strategies=("hoist",),
        default_threads=True,
    ),
    _adam_fit(16, epochs=8),
    replace(
        _PAPER_ADAM,
        name="paper-adam-threads",
        level="the paper's design, Adam, default threads",
        blocks=8,
        default_threads=True,
    ),
    _adam_fit(1, epochs=16),
    replace(_BY_NAME["paper"], blocks=8, strategies=()),
    replace(
        _FIT_4,
        name="sgd-metrics-fit-4",
        axes=(Axis.OPTIMIZER,),
        blocks=8,
        strategies=("hoist",),
        metrics=True,
    ),
    replace(
        _ADAM_FIT_4, name="adam-plain-fit-4", axes=(Axis.OPTIMIZER,), strategies=("hoist",), metrics=False
    ),
)


#: What cells that stand on several axes are called on the others.
_OTHER_LEVELS = {("imr-fit-4", Axis.MODEL_SIZE): "medium", ("imr-fit-4", Axis.FRAMEWORK): "Keras 3"}


def level(cell: Cell, axis: Axis | None) -> str:
    """The name of a cell on an axis, or on none."""
    if axis is Axis.STEPS:
        return f"{cell.steps * cell.epochs} steps"
    if axis is Axis.OPTIMIZER:
        return cell.training
    if axis is Axis.THREADS:
        return "default threads" if cell.default_threads else "one thread"
    return cell.level if axis is None else _OTHER_LEVELS.get((cell.name, axis), cell.level)


# A GPU's energy counter needs runs of 5 s, in which an H100 makes some 700 steps (Keras on JAX, batches of
# 64, after 3 s of compiling), and there a rebuild costs as much as 100 steps, on a CPU as much as 6: hence
# more steps in a run and in a fit. What would still be too short, or take minutes a run, is left out.
_GPU_STEPS = 768
_GPU_LONGER_FITS = 4
_NOT_ON_GPU = ("utr-steps-32",)
_GPU_FEW_FIXES = ("imr-fit-1",)  # 192 rebuilds a run
_GPU_BLOCKS = {"fixed": 20}  # counters vary less


def _for_gpu(cells: Sequence[Cell]) -> Iterator[Cell]:
    for cell in cells:
        if cell.name in _NOT_ON_GPU or cell.default_threads:
            continue
        steps, epochs = cell.steps, cell.epochs * 6
        if cell.design is Design.PAPER:
            steps = 64
        elif cell.program == "imr.py":
            steps *= _GPU_LONGER_FITS
        if cell.program != "utr.py":
            epochs = math.ceil(_GPU_STEPS / steps)
        yield replace(
            cell,
            steps=steps,
            epochs=epochs,
            level=f"{steps} steps" if Axis.FIT_LENGTH in cell.axes else cell.level,
            blocks=_GPU_BLOCKS.get(cell.name, cell.blocks),
            strategies=("hoist",) if cell.name in _GPU_FEW_FIXES else cell.strategies,
        )


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asks for. `blocks` and `longer` (epochs times so many) replace those of the grid.

    `practice` asks for the grid of what people run in place of the first one. `gpu` tells whether the
    programs compute on one.
    """

    quick: bool = False
    practice: bool = False
    only: tuple[str, ...] = ()
    blocks: int | None = None
    longer: int = 1
    gpu: bool = False


def cells(options: Options) -> tuple[Cell, ...]:
    """The cells of the grid, in the order in which they run. Raises LeakscanError for unknown names."""
    grid: Sequence[Cell] = _PRACTICE if options.practice else _FULL
    if options.quick:
        grid = [replace(cell, blocks=_QUICK_BLOCKS) for cell in (_QUICK_ON_GPU if options.gpu else _QUICK)]
    if options.gpu:
        grid = list(_for_gpu(grid))
    known = [cell.name for cell in grid]
    for name in options.only:
        if name not in known:
            raise LeakscanError(f"--only: no cell {name!r}{did_you_mean(name, known)}; see --list")
    return tuple(
        replace(cell, blocks=options.blocks or cell.blocks, epochs=cell.epochs * options.longer)
        for cell in grid
        if not options.only or cell.name in options.only
    )
