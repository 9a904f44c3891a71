"""What the user names -> a program: how it is run, the tree that it lives in, its own source files."""

from __future__ import annotations

import ast
import os
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from leakscan.config import ConfigResolver, Overrides
from leakscan.discovery import Excludes, Requested, absolute, find_requested
from leakscan.errors import LeakscanError
from leakscan.files import SourceProblemError, decode
from leakscan.looks import imports_of
from leakscan.modules import ModuleIndex
from leakscan.notebooks import Notebook, cell_bytes, read_notebook
from leakscan.projects import Loader, RootFinder
from leakscan.validation.executions import Program, ProgramKind
from leakscan.validation.trees import Change, is_below

_DYNAMIC = re.compile(rb"\bimport_module\s*\(|\b__import__\s*\(|\bpkgutil\.|\biter_modules\s*\(")
#: A notebook's plots go to no window: there is none.
_NOTEBOOK_ENVIRONMENT = {"MPLBACKEND": "Agg"}
# What IPython has without an import, on the line before the first cell, which no cell has.
_DISPLAY = "import builtins; builtins.display = getattr(builtins, 'display', print)"


@dataclass(frozen=True, slots=True)
class NotebookProgram:
    """A notebook run as a script: the path of the script below the root, and what is left out of it."""

    path: str
    script: str
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be measured: a program, the tree that it lives in, and its own source files in that tree.

    root: real path; what runs get is made of it. directory: where the program is run, at or below the root.
    files: absolute paths of the program and of what it imports from the tree, sorted. name: as users call it.
    changes: what its tree has that the user's has not, by path below the root.
    """

    program: Program
    root: str
    directory: str
    files: tuple[str, ...]
    name: str
    notebook: NotebookProgram | None = None
    changes: dict[str, Change] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


def command_line(program: Program) -> str:
    """The program as it is typed into a shell."""
    words = {"script": ["python", program.target], "module": ["python", "-m", program.target]}
    return shlex.join([*words.get(program.kind.value, [program.target]), *program.arguments])


def script_target(script: str, arguments: Sequence[str]) -> Target:
    """The target of `python SCRIPT ARGUMENTS`, run in the current directory where that is in its project.

    A notebook is run as a script of its cells, in its own folder. Raises LeakscanError for a path that is
    neither a Python file nor a notebook.
    """
    given = absolute(script)
    if not os.path.isfile(given):
        raise LeakscanError(f"{script}: no such file")
    path = _real(given)
    root = _root_of(path)
    if path.endswith(".ipynb"):
        return _notebook_target(script, path, root, arguments)
    if not path.endswith(".py"):
        raise LeakscanError(
            f"{script}: not a Python file; give a .py script, a notebook, -m MODULE or --command"
        )
    _require_readable(path, script)
    directory = _working_directory(root, os.path.dirname(path))
    program = Program(ProgramKind.SCRIPT, os.path.relpath(path, directory), tuple(arguments))
    return Target(program, root, directory, reachable(path, root), script)


def _require_readable(path: str, shown: str) -> None:
    """That a program parses: nothing is found in one that does not, and measuring it would fail at once."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
        decode(data)
        ast.parse(data)
    except OSError as error:
        raise LeakscanError(f"{shown}: cannot be read: {error.strerror}") from None
    except SourceProblemError as problem:
        raise LeakscanError(f"{shown}: {problem.message}") from None
    except SyntaxError as error:
        raise LeakscanError(f"{shown}:{error.lineno or 1}: syntax error: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError):
        raise LeakscanError(f"{shown}: nested too deeply, or with characters that no program has") from None


def _notebook_target(shown: str, path: str, root: str, arguments: Sequence[str]) -> Target:
    directory, name = os.path.split(path)
    stem = re.sub(r"\W", "_", name.removesuffix(".ipynb"))
    script = f"{directory}/_{stem}_cells.py"
    with open(path, "rb") as stream:
        found = notebook_script(stream.read(), shown)
    below = os.path.relpath(script, root)
    program = Program(ProgramKind.SCRIPT, os.path.basename(script), tuple(arguments))
    return Target(
        program,
        root,
        directory,
        reachable(path, root),
        shown,
        NotebookProgram(path, below, tuple(_left_out(found))),
        {below: Change(_with_display(found.text).encode())},
        {} if "MPLBACKEND" in os.environ else _NOTEBOOK_ENVIRONMENT,
    )


def notebook_script(data: bytes, shown: str) -> Notebook:
    """The program of a notebook's code cells. Raises LeakscanError where there is none."""
    try:
        found = read_notebook(data)
    except SourceProblemError as problem:
        raise LeakscanError(f"{shown}: {problem.message}") from None
    if found is None:
        raise LeakscanError(f"{shown}: its kernel does not speak Python")
    return found


def notebook_changes(notebook: NotebookProgram, data: bytes) -> dict[str, Change]:
    """The script of an edited notebook, as a change of the tree."""
    found = notebook_script(data, notebook.path)
    return {notebook.script: Change(_with_display(found.text).encode())}


def _with_display(text: str) -> str:
    first, newline, rest = text.partition("\n")
    return f"{first or _DISPLAY}{newline}{rest}"


def _left_out(found: Notebook) -> Iterator[str]:
    """What of a notebook does not run, in words."""
    lines = found.text.splitlines()
    for line in sorted(found.map.altered):
        if lines[line - 1].strip() in ("", "pass"):
            cell, number = found.map.locate(line)
            yield f"cell {cell}, line {number}: a magic or shell line"
    for problem in found.problems:
        yield f"cell {problem.cell}: {problem.message} (line {problem.line})"


def module_target(module: str, arguments: Sequence[str]) -> Target:
    """The target of `python -m MODULE ARGUMENTS` in the current directory.

    Raises LeakscanError for a module that is not there.
    """
    here = os.path.realpath(".")
    path = _module_file(module, here)
    if path is None:
        raise LeakscanError(f"-m {module}: no such module in {here}; run it from the directory above it")
    root = _root_of(path)
    root = root if is_below(here, root) else here
    program = Program(ProgramKind.MODULE, module, tuple(arguments))
    return Target(program, root, here, reachable(path, root), module)


def _module_file(module: str, directory: str) -> str | None:
    """The file that `python -m MODULE` runs, if it is below the directory."""
    base = os.path.join(directory, *module.split("."))
    names = (f"{base}.py", f"{base}/__main__.py", f"{base}/__init__.py")
    return next((name for name in names if os.path.isfile(name)), None)


def command_target(command: Sequence[str]) -> Target:
    """The target of a command that is run in the current directory.

    What counts are the Python files and modules that the command names, with what they import; where it
    names none (`make train`), every file below the current directory.

    Raises LeakscanError for an empty command.
    """
    if not command:
        raise LeakscanError("--command: give the command, such as --command 'make train'")
    here = os.path.realpath(".")
    root = _root_of(f"{here}/x.py")
    root = root if is_below(here, root) else here
    program = Program(ProgramKind.COMMAND, command[0], tuple(command[1:]))
    named = {path for path in _named(command, here) if is_below(path, root)}
    if named:
        files = {name for path in named for name in reachable(path, root)}
    else:
        files = set(find_requested((here,), _excludes(), force_exclude=False).files)
    return Target(program, root, here, tuple(sorted(files)), " ".join(command))


def _named(command: Sequence[str], here: str) -> Iterator[str]:
    """The files that the words of a command name: `train.py`, and `-m package.train`."""
    for before, word in zip(("", *command), command, strict=False):
        path = absolute(word)
        if word.endswith(".py") and os.path.isfile(path):
            yield _real(path)
        elif before == "-m" and (module := _module_file(word, here)) is not None:
            yield module


def script_targets(directory: str, arguments: Sequence[str]) -> list[Target]:
    """The target of every script in a directory of programs.

    Scripts are the files that say `if __name__ == "__main__":`; where none does, those that do something
    when they are run and that no other file of the directory imports. Raises LeakscanError without any.
    """
    found = find_requested((directory,), _excludes(), force_exclude=False)
    texts: dict[str, bytes] = {}
    for path in sorted(found.files):
        if path.endswith(".py"):
            with open(path, "rb") as stream:
                texts[path] = stream.read()
    scripts = [path for path, data in texts.items() if b"__main__" in data] or _started(texts, directory)
    if not scripts:
        raise LeakscanError(f"{directory}: no scripts (Python files that do something when they are run)")
    return [script_target(os.path.relpath(path), arguments) for path in scripts]


def _started(texts: dict[str, bytes], directory: str) -> list[str]:
    index = ModuleIndex(texts, absolute(directory))
    imported = {
        index.resolve(path, name, line.level)
        for path, data in texts.items()
        for line in imports_of(data)
        for name in (line.module, *(f"{line.module}.{each}".strip(".") for each in line.names))
    }
    return [path for path, data in texts.items() if path not in imported and _acts(data)]


def _acts(data: bytes) -> bool:
    """Whether a file does more than define things when it is run."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return False
    return any(
        isinstance(node, (ast.Expr, ast.For, ast.While, ast.With)) and not _is_text(node)
        for node in tree.body
    )


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _excludes() -> Callable[[str], Excludes]:
    return ConfigResolver(Overrides(), (), isolated=True).excludes_of


def _real(path: str) -> str:
    """A path whose folder is real; a script that is a link stays one, since it is run by that name."""
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def _root_of(path: str) -> str:
    return os.path.realpath(RootFinder(Requested({path: True})).root_of(path))


def _working_directory(root: str, directory: str) -> str:
    here = os.path.realpath(".")
    return here if is_below(here, root) else directory


def reachable(path: str, root: str) -> tuple[str, ...]:
    """The files of its tree that a program imports, directly or not, itself among them; sorted.

    Importing a module runs the `__init__` of each package above it, and a module that imports by computed
    names may import what lies beside and below it.
    """
    known = _modules_of_tree(path, root)
    index = ModuleIndex([*known, path], root)
    reached, pending = {path}, [path]
    while pending:
        for found in _imported(pending.pop(), index, known):
            if found not in reached:
                reached.add(found)
                pending.append(found)
    return tuple(sorted(reached))


def _modules_of_tree(path: str, root: str) -> frozenset[str]:
    finder = RootFinder(Requested({path: True}))
    if finder.marked(os.path.dirname(path)) is not None:
        found = find_requested((root,), _excludes(), force_exclude=False).files
        return frozenset(name for name in found if name.endswith(".py"))
    # Without a project the root may be a home or /tmp: only what a check would read.
    loaded = Loader(Requested({path: True}), _excludes()).load()
    return frozenset(
        path
        for project in loaded.projects
        for path in (*(source.path for source in project.sources), *project.context.files)
    )


def _imported(path: str, index: ModuleIndex, known: frozenset[str]) -> Iterator[str]:
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError:
        return
    if path.endswith(".ipynb"):
        data = cell_bytes(data)
    for line in imports_of(data):
        names = [f"{line.module}.{item}" if line.module else item for item in line.names]
        parts = line.module.split(".")
        heads = [".".join(parts[:count]) for count in range(1, len(parts))]
        for module in (*heads, line.module, *names):
            found = index.resolve(path, module, line.level)
            if found is not None:
                yield found
                yield from _packages_above(found, known)
    if _DYNAMIC.search(data):
        folder = os.path.dirname(path)
        yield from (name for name in known if is_below(name, folder))


def _packages_above(path: str, known: frozenset[str]) -> Iterator[str]:
    folder = os.path.dirname(path)
    while f"{folder}/__init__.py" in known:
        yield f"{folder}/__init__.py"
        folder = os.path.dirname(folder)
