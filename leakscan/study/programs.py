"""From a cell of the grid to its arms: copies of the paper's programs, as they are and fixed."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from leakscan.errors import LeakscanError
from leakscan.study.grid import BACKENDS, KERAS, TENSORFLOW, TF_KERAS, Cell, Design
from leakscan.validation import variants as v
from leakscan.validation.executions import FlaggedLoop
from leakscan.validation.plan import Arm
from leakscan.validation.results import ArmInfo
from leakscan.validation.targets import script_target
from leakscan.validation.trees import Tree

#: The loop over epochs: the paper's programs are compared iteration by iteration of it.
_EPOCHS = re.compile(r"^ *for epoch in range\(args\.epochs\):$", re.MULTILINE)
#: The same programs for the Keras 2 that lives on as tf_keras, which has no `keras.ops`.
_TF_KERAS_IMPORTS = {
    "import keras": "import tf_keras as keras",
    "from keras import ops": "import tensorflow.experimental.numpy as ops",
    "from keras import layers, ops": (
        "import tensorflow.experimental.numpy as ops\nfrom tf_keras import layers"
    ),
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A cell that can be run: its arms, the first the one that others are compared with, described."""

    cell: Cell
    arms: tuple[Arm, ...]
    infos: tuple[ArmInfo, ...]


def programs_dir() -> Path:
    """The folder of the paper's programs: inside the wheel, or `fixtures/paper` of a checkout.

    Raises LeakscanError when neither is there (a broken installation).
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "fixtures" / "paper", package.parent / "fixtures" / "paper"):
        if (folder / "classifier.py").is_file():
            return folder
    raise LeakscanError(f"no programs of the study found beside {package}; reinstall leakscan")


def missing(cell: Cell, python: str, backend: str) -> str | None:
    """Why the interpreter cannot run a cell, or None. That `keras` runs there, on `backend`, is known."""
    if cell.framework == KERAS:
        return None
    if backend != TENSORFLOW:
        return f"{cell.framework} is for TensorFlow, and Keras computes with {backend} here"
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    done = subprocess.run(  # noqa: S603 - the interpreter that the user chose
        [python, "-c", code, cell.framework], check=False, stderr=subprocess.DEVNULL
    )
    return None if done.returncode == 0 else f"{cell.framework} must be installed for {python}"


@dataclass(frozen=True, slots=True)
class Backend:
    """What Keras computes with (`tensorflow`, `torch`, `jax`), and on a GPU or not."""

    name: str
    on_gpu: bool


_ASK = """
import os, sys
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
name = keras.backend.backend()
if name == "tensorflow":
    import tensorflow
    gpu = bool(tensorflow.config.list_physical_devices("GPU"))
elif name == "torch":
    import torch
    gpu = torch.cuda.is_available()
elif name == "jax":
    import jax
    gpu = jax.default_backend() == "gpu"
else:
    gpu = False
print("backend", name, int(gpu))
"""


def backend(python: str) -> Backend:
    """What Keras computes with under the interpreter `python`; takes seconds, since it imports Keras.

    Raises LeakscanError when Keras, or what it computes with, is not there or does not start.
    """
    done = subprocess.run(  # noqa: S603 - the interpreter that the user chose
        [python, "-c", _ASK], check=False, capture_output=True, text=True
    )
    found = re.search(r"^backend (\w+) ([01])$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or found is None or found[1] not in BACKENDS:
        last = done.stderr.strip().rpartition("\n")[2] or f"it exits with {done.returncode}"
        why = f"Keras computes with {found[1]}" if found else last
        raise LeakscanError(
            f"{python} cannot train with Keras 3 ({why}); install keras and tensorflow there, or name "
            f"another interpreter with --python; KERAS_BACKEND chooses among {', '.join(BACKENDS)}"
        )
    return Backend(found[1], found[2] == "1")


def prepare(cell: Cell, directory: str) -> Prepared:
    """Write the arms of a cell below `directory`, which is empty. Raises LeakscanError."""
    project = os.path.join(directory, "project")
    _copy_programs(cell, project)
    arms: list[Arm] = []
    infos: list[ArmInfo] = []
    for arm, info in _arms(cell, project, os.path.join(directory, "arms")):
        arms.append(arm)
        infos.append(info)
    return Prepared(cell, tuple(arms), tuple(infos))


def _copy_programs(cell: Cell, project: str) -> None:
    os.makedirs(project)
    # A project of its own: settings of the directories above do not reach it.
    Path(project, "pyproject.toml").write_text("[tool.leakscan]\n", encoding="utf-8")
    for source in sorted(programs_dir().glob("*.py")):
        text = source.read_text(encoding="utf-8")
        if cell.framework == TF_KERAS:
            text = "".join(f"{_TF_KERAS_IMPORTS.get(line, line)}\n" for line in text.splitlines())
        Path(project, source.name).write_text(text, encoding="utf-8")


def _arms(cell: Cell, project: str, directory: str) -> Iterator[tuple[Arm, ArmInfo]]:
    if cell.design is Design.FIXES:
        yield from _variants(cell, cell.program, project, f"{directory}/fixes", lambda name: name)
        return
    (baseline, info), *_ = _variants(
        cell, "baseline.py", project, f"{directory}/baseline", lambda _: "baseline"
    )
    yield baseline, info
    if cell.design is Design.EQUALS and not cell.strategies:
        again = f"{directory}/again"
        shutil.copytree(project, again)
        arm = replace(baseline, name="baseline-again", directory=again, fingerprint="again")
        yield arm, ArmInfo(arm.name, "", "the same program again", "")
    for program in ("imr", "utr") if cell.design is Design.PAPER or cell.strategies else ():

        def named(strategy: str, program: str = program) -> str:
            return program if strategy == v.ORIGINAL else f"{program}+{strategy}"

        for arm, info in _variants(cell, f"{program}.py", project, f"{directory}/{program}", named):
            if cell.design is Design.PAPER or arm.name != program:
                yield arm, info


def _variants(
    cell: Cell, program: str, project: str, directory: str, named: Callable[[str], str]
) -> Iterator[tuple[Arm, ArmInfo]]:
    """The program and each of its fixes that the cell asks for. Raises LeakscanError if none applies."""
    target = script_target(os.path.join(project, program), cell.arguments)
    made = v.Making(target).with_fixes()
    wanted = [variant for variant in made.fixed if variant.name in cell.strategies]
    if made.findings and cell.strategies and not wanted:
        raise LeakscanError(f"{program}: none of the fixes {', '.join(cell.strategies)} applies")
    text = Path(project, program).read_text(encoding="utf-8")
    original = made.original
    source = hashlib.sha256(text.encode()).hexdigest()
    original = _written(original, made.tree, f"{directory}/{v.ORIGINAL}")
    arm = replace(original, name=named(v.ORIGINAL), fingerprint=source, loops=_loops(cell, original))
    yield arm, v.original_info(arm)
    for variant in sorted(wanted, key=lambda item: cell.strategies.index(item.name)):
        if variant.left:
            raise LeakscanError(f"{program}: {variant.name} leaves {len(variant.left)} findings")
        written = _written(variant.arm, variant.tree, f"{directory}/{variant.name}")
        arm = replace(written, name=named(variant.name), loops=_loops(cell, written))
        yield arm, replace(variant.info, name=arm.name)


def _written(arm: Arm, tree: Tree, directory: str) -> Arm:
    """The arm in a folder of its own: these programs write nothing, so all of its runs can share it."""
    shutil.copytree(tree.root, directory)
    for path, change in tree.changes.items():
        Path(directory, path).write_bytes(change.data or b"")
    return replace(arm, directory=os.path.join(directory, os.path.relpath(arm.directory, tree.root)))


def _loops(cell: Cell, arm: Arm) -> tuple[FlaggedLoop, ...]:
    """Where iterations are counted: in the flagged loops, or over epochs where clean programs take part."""
    if cell.design is Design.FIXES:
        return arm.loops
    text = Path(arm.directory, arm.program.target).read_text(encoding="utf-8")
    found = _EPOCHS.search(text)
    if found is None:
        raise LeakscanError(f"{arm.program.target}: no loop over epochs")
    return (FlaggedLoop(arm.program.target, text.count("\n", 0, found.start()) + 1),)
