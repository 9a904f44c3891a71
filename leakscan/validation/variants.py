"""A program and its findings -> one source tree for each arm, with what each fix changes.

The user's files are never touched: every arm is a copy. Small files are copied, large ones (data) are linked.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from leakscan.config import ConfigResolver, Overrides, configured_rules_dirs
from leakscan.diagnostics import Applicability, Diagnostic, FileError, Severity
from leakscan.discovery import DEFAULT_EXCLUDES, Excludes, Requested, absolute, find_requested
from leakscan.errors import LeakscanError
from leakscan.files import SourceProblemError, decode
from leakscan.fixer import Choice, fix, write
from leakscan.modules import ModuleIndex
from leakscan.projects import RootFinder, imports_of
from leakscan.registry import load_rules
from leakscan.runner import CheckResult, Listener, Request, check
from leakscan.validation.plan import Arm
from leakscan.validation.supervisor import FlaggedLoop, Program, ProgramKind

ORIGINAL = "original"
AGAIN = "original-again"
#: Larger files are linked, not copied: they are data. A program that writes into one changes the user's.
LINKED_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be measured: a program, the tree that it lives in, and its own source files in that tree.

    root: absolute; arms are copies of it. directory: where the program is run, below the root.
    files: absolute paths of the program and of what it imports from the tree, sorted.
    """

    program: Program
    root: str
    directory: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A fixed program: an arm, what the fix changes, and what is left of the findings.

    name: of the strategy. diff: unified, with paths below the root. applicability: the least safe of the
    fixes. messages: what the fixes do. left: findings that the arm still reports. refusals: where the
    strategy does not apply, as `path:line` and reason.
    """

    arm: Arm
    diff: str
    applicability: Applicability
    messages: tuple[str, ...]
    left: tuple[Diagnostic, ...]
    refusals: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The strategy that makes the arm."""
        return self.arm.name


@dataclass(frozen=True, slots=True)
class Variants:
    """The arms of an experiment. `same` names strategies whose program equals that of another arm."""

    original: Arm
    findings: tuple[Diagnostic, ...]
    errors: tuple[FileError, ...]
    fixed: tuple[Variant, ...]
    advice: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str, str], ...]
    same: tuple[tuple[str, str], ...] = ()

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The original first."""
        return (self.original, *(variant.arm for variant in self.fixed))


# -- targets ------------------------------------------------------------------------------------------------


def script_target(script: str, arguments: Sequence[str]) -> Target:
    """The target of `python SCRIPT ARGUMENTS`, run in the current directory where that is in its project.

    Raises LeakscanError for a path that is no Python file.
    """
    path = absolute(script)
    if not os.path.isfile(path):
        raise LeakscanError(f"{script}: no such file")
    if not path.endswith(".py"):
        raise LeakscanError(f"{script}: not a Python file; give a .py script, -m MODULE or --command")
    root = RootFinder(Requested({path: True})).root_of(path)
    directory = _working_directory(root, os.path.dirname(path))
    program = Program(ProgramKind.SCRIPT, os.path.relpath(path, directory), tuple(arguments))
    return Target(program, root, directory, _reachable(path, root))


def module_target(module: str, arguments: Sequence[str]) -> Target:
    """The target of `python -m MODULE ARGUMENTS` in the current directory.

    Raises LeakscanError for a module that is not there.
    """
    here = absolute(".")
    path = _module_file(module, here)
    if path is None:
        raise LeakscanError(f"-m {module}: no such module in {here}; run it from the directory above it")
    root = RootFinder(Requested({path: True})).root_of(path)
    root = root if _is_below(here, root) else here
    return Target(Program(ProgramKind.MODULE, module, tuple(arguments)), root, here, _reachable(path, root))


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
    here = absolute(".")
    root = RootFinder(Requested({f"{here}/x.py": True})).root_of(f"{here}/x.py")
    root = root if _is_below(here, root) else here
    program = Program(ProgramKind.COMMAND, command[0], tuple(command[1:]))
    named = {path for path in _named(command, here) if _is_below(path, root)}
    if named:
        files = {name for path in named for name in _reachable(path, root)}
    else:
        files = set(find_requested((here,), _excludes(), force_exclude=False).files)
    return Target(program, root, here, tuple(sorted(files)))


def _named(command: Sequence[str], here: str) -> Iterator[str]:
    """The files that the words of a command name: `train.py`, and `-m package.train`."""
    for before, word in zip(("", *command), command, strict=False):
        path = absolute(word)
        if word.endswith(".py") and os.path.isfile(path):
            yield path
        elif before == "-m" and (module := _module_file(word, here)) is not None:
            yield module


def script_targets(directory: str, arguments: Sequence[str]) -> list[Target]:
    """The target of every script in a directory of programs: the files that run when they are started.

    Raises LeakscanError where there is none.
    """
    found = find_requested((directory,), _excludes(), force_exclude=False)
    scripts = []
    for path in sorted(found.files):
        with open(path, "rb") as stream:
            if path.endswith(".py") and b"__main__" in stream.read():
                scripts.append(script_target(path, arguments))
    if not scripts:
        raise LeakscanError(f'{directory}: no scripts (files with `if __name__ == "__main__":`)')
    return scripts


def _excludes() -> Callable[[str], Excludes]:
    return ConfigResolver(Overrides(), (), isolated=True).excludes_of


def _working_directory(root: str, directory: str) -> str:
    here = absolute(".")
    return here if _is_below(here, root) else directory


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _reachable(path: str, root: str) -> tuple[str, ...]:
    """The files that a program imports from its tree, directly or not, itself among them."""
    found = find_requested((root,), _excludes(), force_exclude=False)
    files = {name for name in found.files if name.endswith(".py")} | {path}
    index = ModuleIndex(sorted(files), root)
    reached, pending = {path}, [path]
    while pending:
        name = pending.pop()
        try:
            with open(name, "rb") as stream:
                data = stream.read()
        except OSError:
            continue
        for line in imports_of(data):
            modules = [line.module] if not line.names else []
            modules += [f"{line.module}.{item}" if line.module else item for item in line.names]
            for module in (line.module, *modules):
                target = index.resolve(name, module, line.level)
                if target is not None and target not in reached:
                    reached.add(target)
                    pending.append(target)
    return tuple(sorted(reached))


# -- arms ---------------------------------------------------------------------------------------------------


def build(target: Target, directory: str) -> Variants:
    """Make the arms of a target below `directory`: the original, and one for each strategy that applies."""
    original = _tree(target, directory, ORIGINAL)
    before = _texts(target.root, target.files)
    here = absolute(".")
    # As the user would name them.
    result = _checked(tuple(os.path.relpath(p) if _is_below(p, here) else p for p in target.files))
    strategies = list(
        dict.fromkeys(
            fix.strategy
            for item in result.findings
            for fix in item.fixes
            if fix.applicability is not Applicability.DISPLAY
        )
    )
    arm = Arm(ORIGINAL, target.program, _below(target, original), _loops(target, result.findings))
    known = {_meaning(before): ORIGINAL}
    fixed: list[Variant] = []
    same: list[tuple[str, str]] = []
    for strategy in strategies:
        tree = _tree(target, directory, strategy)
        variant, after = _fixed(target, tree, strategy, before, arm, result.findings)
        meaning = _meaning(after)
        if meaning in known:
            same.append((strategy, known[meaning]))
            continue
        known[meaning] = strategy
        fixed.append(variant)
    return Variants(
        arm,
        result.findings,
        result.errors,
        tuple(fixed),
        _advice(result.findings),
        _refused(result.findings),
        tuple(same),
    )


def again(target: Target, original: Arm, directory: str) -> Variant:
    """The original once more, as an arm of its own: comparing it with itself shows what noise can do."""
    tree = _tree(target, directory, AGAIN)
    arm = replace(original, name=AGAIN, directory=_below(target, tree), fingerprint=AGAIN)
    return Variant(arm, "", Applicability.SAFE, ("nothing: the original again",), (), ())


def _tree(target: Target, directory: str, name: str) -> str:
    tree = f"{directory}/{name}"
    copy_tree(target.root, tree)
    return tree


def _below(target: Target, tree: str) -> str:
    """The working directory within a tree."""
    return os.path.normpath(os.path.join(tree, os.path.relpath(target.directory, target.root)))


def _checked(paths: tuple[str, ...]) -> CheckResult:
    """Check files, as the user would at the lowest severity; nothing is written."""
    rules = [loaded.rule for loaded in load_rules(configured_rules_dirs())]
    return check(Request(paths), _configs([rule.code for rule in rules]), rules, Listener())


def _fixed(
    target: Target,
    tree: str,
    strategy: str,
    before: dict[str, str],
    original: Arm,
    findings: Sequence[Diagnostic],
) -> tuple[Variant, dict[str, str]]:
    files = tuple(os.path.join(tree, os.path.relpath(path, target.root)) for path in target.files)
    left = _apply(files, strategy)
    after = _texts(tree, files)
    diff = _diff(before, after)
    loops = tuple(_shifted(target, tree, loop, before, after) for loop in original.loops)
    fixes = [fix for item in findings for fix in item.fixes if fix.strategy == strategy]
    arm = Arm(
        strategy, target.program, _below(target, tree), loops, hashlib.sha256(diff.encode()).hexdigest()
    )
    unsafe = any(fix.applicability is not Applicability.SAFE for fix in fixes)
    variant = Variant(
        arm,
        diff,
        Applicability.UNSAFE if unsafe else Applicability.SAFE,
        tuple(dict.fromkeys(fix.message for fix in fixes)),
        left,
        tuple(
            (f"{item.path}:{item.span.start.line}", refusal.reason)
            for item in findings
            for refusal in item.refusals
            if refusal.strategy == strategy
        ),
    )
    return variant, after


def _apply(paths: tuple[str, ...], strategy: str) -> tuple[Diagnostic, ...]:
    """Apply a strategy to every finding in the files of a tree; return the findings that are left."""
    rules = [loaded.rule for loaded in load_rules(configured_rules_dirs())]
    having = [rule for rule in rules if strategy in {item.name for item in rule.strategies}]
    choice = Choice(unsafe=True, strategies={rule.code: strategy for rule in having})
    fixed = fix(Request(paths), _configs([rule.code for rule in rules]), having, choice)
    errors = [*fixed.errors, *write(fixed.changed)]
    if errors:
        raise LeakscanError(f"{errors[0].path}: {errors[0].message}")
    return _checked(paths).findings


def _configs(codes: Sequence[str]) -> ConfigResolver:
    # What a project hides from a check it hides here too, but for its lowest severity.
    return ConfigResolver(Overrides(min_severity=Severity.LOW), codes)


def _loops(target: Target, findings: Sequence[Diagnostic]) -> tuple[FlaggedLoop, ...]:
    """The loops that the findings are about, each once, with paths below the working directory."""
    found: dict[FlaggedLoop, None] = {}
    for item in findings:
        loop = item.loop
        if loop is not None and loop.position.cell is None:
            path = os.path.relpath(os.path.abspath(loop.path), target.directory)
            found[FlaggedLoop(path, loop.position.line, loop.position.column - 1)] = None
    return tuple(found)


def _shifted(
    target: Target, tree: str, loop: FlaggedLoop, before: dict[str, str], after: dict[str, str]
) -> FlaggedLoop:
    """Where a loop of the original stands in a fixed tree."""
    path = os.path.relpath(os.path.join(_below(target, tree), loop.path), tree)
    line = _moved(before[path], after[path]).get(loop.line, loop.line) if path in before else loop.line
    return replace(loop, line=line)


def _advice(findings: Sequence[Diagnostic]) -> tuple[tuple[str, str], ...]:
    """The strategies that are only described, with what they say."""
    display = (fix for item in findings for fix in item.fixes if fix.applicability is Applicability.DISPLAY)
    return tuple(dict.fromkeys((fix.strategy, fix.message) for fix in display))


def _refused(findings: Sequence[Diagnostic]) -> tuple[tuple[str, str, str], ...]:
    """Where strategies do not apply: strategy, place, reason."""
    return tuple(
        dict.fromkeys(
            (refusal.strategy, f"{item.path}:{item.span.start.line}", refusal.reason)
            for item in findings
            for refusal in item.refusals
        )
    )


# -- trees --------------------------------------------------------------------------------------------------


def copy_tree(root: str, destination: str) -> None:
    """Copy a source tree: small files as they are, large ones as links; no caches, no environments.

    Raises LeakscanError for what cannot be read or written.
    """
    try:
        _copy(root, destination, os.path.realpath(destination))
    except OSError as error:
        raise LeakscanError(f"{error.filename}: {error.strerror}; the program cannot be copied") from error


def _copy(source: str, destination: str, avoid: str) -> None:
    os.makedirs(destination)
    with os.scandir(source) as entries:
        for entry in sorted(entries, key=lambda item: item.name):
            target = f"{destination}/{entry.name}"
            if entry.is_symlink():
                os.symlink(os.path.realpath(entry.path), target)
            elif entry.is_dir():
                # An output folder within the project holds the arms themselves.
                if entry.name not in DEFAULT_EXCLUDES and not _is_below(avoid, os.path.realpath(entry.path)):
                    _copy(entry.path, target, avoid)
            elif not entry.is_file():
                continue  # sockets and pipes
            elif entry.stat().st_size > LINKED_BYTES:
                os.symlink(os.path.abspath(entry.path), target)
            else:
                shutil.copy2(entry.path, target)


def _texts(root: str, files: Iterable[str]) -> dict[str, str]:
    """The text of each file that is Python, by its path below the root."""
    found: dict[str, str] = {}
    for path in files:
        try:
            with open(path, "rb") as stream:
                found[os.path.relpath(path, root)] = decode(stream.read())
        except (OSError, SourceProblemError):
            continue
    return found


def _diff(before: dict[str, str], after: dict[str, str]) -> str:
    parts: list[str] = []
    for path in sorted(before):
        old, new = before[path], after.get(path, before[path])
        if old != new:
            lines = difflib.unified_diff(
                old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{path}", f"b/{path}"
            )
            parts += [line if line.endswith("\n") else f"{line}\n" for line in lines]
    return "".join(parts)


def _meaning(texts: dict[str, str]) -> str:
    """A digest that formatting and comments do not change."""
    digest = hashlib.sha256()
    for path in sorted(texts):
        try:
            shape = ast.dump(ast.parse(texts[path]))
        except (SyntaxError, ValueError, RecursionError):
            shape = texts[path]
        digest.update(f"{path}\0{shape}\0".encode())
    return digest.hexdigest()


def _moved(old: str, new: str) -> dict[int, int]:
    """The lines (from 1) of `new` that are those of `old`, as far as they are unchanged."""
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    return {
        block.a + offset + 1: block.b + offset + 1
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
