"""Which loop's passes end the runs that `--iterations` and `--until` cut."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from leakscan.errors import LeakscanError
from leakscan.validation import marking
from leakscan.validation.executions import FlaggedLoop, ProgramKind
from leakscan.validation.targets import Target

_NEAREST = 3  # lines that are named where the wanted one has no loop


@dataclass(frozen=True, slots=True)
class Choice:
    """`--loop [FILE:]LINE`: a line, and a file of the program; None for the script itself."""

    path: str | None
    line: int


def parse_choice(text: str) -> Choice:
    """What `12` or `train.py:12` mean. Raises ValueError."""
    path, _, line = text.rpartition(":")
    if not line.isdigit() or not int(line):
        raise ValueError(f"{text!r} is neither LINE nor FILE:LINE, such as 12 or train.py:12")
    return Choice(path or None, int(line))


def count_loops(
    loops: Sequence[FlaggedLoop], target: Target, texts: Mapping[str, str], chosen: Choice | None
) -> tuple[FlaggedLoop, ...]:
    """The loops, with those marked whose passes end a run: the chosen one, or the outermost flagged ones.

    A flagged loop that stands within another one of its file is not counted. The chosen loop need not be
    flagged. `texts` are those of the program's files, by path below the root.

    Raises LeakscanError where the chosen line has no loop.
    """
    if chosen is not None:
        wanted = _chosen(target, texts, chosen)
        others = [replace(loop, is_counted=False) for loop in loops if not _is_same(loop, wanted)]
        known = [replace(loop, is_counted=True) for loop in loops if _is_same(loop, wanted)][:1]
        return (*others, *(known or [wanted]))
    trees = {path: _parsed(text) for path, text in texts.items()}
    nodes = [_node(trees.get(_key(target, loop)), loop) for loop in loops]
    inner = {id(below) for node in nodes if node is not None for below in _below(node)}
    return tuple(
        replace(loop, is_counted=id(node) not in inner and not loop.is_compiled)
        for loop, node in zip(loops, nodes, strict=True)
    )


def find_compiled(
    loops: Sequence[FlaggedLoop], target: Target, texts: Mapping[str, str]
) -> tuple[FlaggedLoop, ...]:
    """The loops, with those marked that run in a graph: within `@tf.function`, `tf.function(f)`, `jit`."""
    trees = {path: _parsed(text) for path, text in texts.items()}
    compiled = {path: _compiled(tree) for path, tree in trees.items() if tree is not None}
    found = []
    for loop in loops:
        path = _key(target, loop)
        node = _node(trees.get(path), loop)
        found.append(replace(loop, is_compiled=node is not None and id(node) in compiled[path]))
    return tuple(found)


def _compiled(tree: ast.Module) -> set[int]:
    """The nodes, by identity, within functions that are compiled."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    names = {node.args[0].id for node in calls if _compiles(node.func) and isinstance(node.args[0], ast.Name)}
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return {
        id(below)
        for node in functions
        if node.name in names or any(map(_compiles, node.decorator_list))
        for below in _below(node)
    }


def _compiles(function: ast.AST) -> bool:
    """Whether `tf.function`, `jax.jit` and the like are meant, also when called with options."""
    if isinstance(function, ast.Call):
        return _compiles(function.func)
    name = getattr(function, "attr", getattr(function, "id", None))
    return name in ("function", "jit", "njit")


def _is_same(loop: FlaggedLoop, wanted: FlaggedLoop) -> bool:
    return (os.path.normpath(loop.path), loop.line) == (os.path.normpath(wanted.path), wanted.line)


def _key(target: Target, loop: FlaggedLoop) -> str:
    return os.path.relpath(os.path.join(target.directory, loop.path), target.root)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _node(tree: ast.Module | None, loop: FlaggedLoop) -> ast.AST | None:
    if tree is None or loop.line is None:
        return None
    return marking.find_loop(tree, loop.line, loop.column)


def _below(node: ast.AST) -> Iterator[ast.AST]:
    return (each for each in ast.walk(node) if each is not node)


def _chosen(target: Target, texts: Mapping[str, str], chosen: Choice) -> FlaggedLoop:
    path = chosen.path
    if path is None:
        if target.program.kind is not ProgramKind.SCRIPT:
            raise LeakscanError(f"--loop {chosen.line}: name the file too: --loop FILE:{chosen.line}")
        path = target.program.target
    place = os.path.realpath(os.path.join(target.directory, path))
    if not os.path.isfile(place) and chosen.path is not None:
        place = os.path.realpath(chosen.path)
    text = texts.get(os.path.relpath(place, target.root))
    if text is None:
        raise LeakscanError(f"--loop: {path} is not a Python file of this program")
    tree = _parsed(text)
    node = None if tree is None else marking.find_loop(tree, chosen.line, None)
    if tree is None or node is None:
        raise LeakscanError(
            f"--loop: no loop and no function begins at {path}:{chosen.line}{_nearest(tree, chosen)}"
        )
    column = getattr(node, "col_offset", None)
    return FlaggedLoop(os.path.relpath(place, target.directory), chosen.line, column)


def _nearest(tree: ast.Module | None, chosen: Choice) -> str:
    lines = {
        node.lineno
        for node in ast.walk(tree or ast.Module([], []))
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef))
    }
    nearest = sorted(lines, key=lambda line: (abs(line - chosen.line), line))[:_NEAREST]
    return f"; the nearest at {', '.join(map(str, sorted(nearest)))}" if nearest else ""
