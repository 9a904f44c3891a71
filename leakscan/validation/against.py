"""Two programs of the user's own: the one that is validated beside another file, or beside a git revision."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from leakscan.errors import LeakscanError
from leakscan.validation.executions import FlaggedLoop
from leakscan.validation.plan import Arm
from leakscan.validation.targets import Target, notebook_changes, script_target
from leakscan.validation.trees import Change, Tree
from leakscan.validation.variants import Making, Variant, Variants, diff, fingerprint, moved_lines

_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def hold_against(made: Variants, making: Making, target: Target, names: Sequence[str]) -> Variants:
    """The variants with an arm for each of the other programs, and with loops that stand in all of them.

    A loop that is flagged in any of the programs is counted in all where it is found again; where it is not,
    it has no line. Raises LeakscanError for a name that is neither a file nor a revision.
    """
    others = [_other(target, name) for name in names]
    makings = [Making(other) for other in others]
    texts = making.texts
    loops = list(made.original.loops)
    for other, its in zip(others, makings, strict=True):
        for loop in its.arm.loops:
            back = _found(loop, other, its.texts, target, texts)
            if back.line is not None and back not in loops:
                loops.append(back)
    variants = [
        Variant(
            Arm(
                _name(name, made),
                other.program,
                other.directory,
                tuple(_found(loop, target, texts, other, its.texts) for loop in loops),
                dict(other.environment),
                fingerprint(other.changes),
            ),
            Tree(other.root, other.changes),
            diff(_by_program(target, texts), _by_program(other, its.texts)),
            None,
            (_message(target, other, name),),
            its.result.findings,
            (),
        )
        for name, other, its in zip(names, others, makings, strict=True)
    ]
    fixed = tuple(
        replace(each, arm=replace(each.arm, loops=_extended(each, making, loops))) for each in made.fixed
    )
    if not fixed:
        made = replace(made, advice=(), refused=())
    return replace(made, original=replace(made.original, loops=tuple(loops)), fixed=(*fixed, *variants))


def _extended(variant: Variant, making: Making, loops: Sequence[FlaggedLoop]) -> tuple[FlaggedLoop, ...]:
    known = variant.arm.loops
    return (*known, *(making.shifted(loop, variant.tree.changes) for loop in loops[len(known) :]))


def _name(name: str, made: Variants) -> str:
    taken = {arm.name for arm in made.arms}
    return f"against {name}" if name in taken else name


def _message(target: Target, other: Target, name: str) -> str:
    if other.program == target.program and other.root == target.root:
        return f"the program as it is in the revision {name}"
    return f"the program {name}"


def _other(target: Target, name: str) -> Target:
    if os.path.isfile(name):
        try:
            return script_target(name, target.program.arguments)
        except LeakscanError as error:
            raise LeakscanError(f"--against {error}") from None
    if os.path.exists(name):
        raise LeakscanError(f"--against {name}: not a file; give a script, a notebook or a git revision")
    return _revision(target, name)


# -- loops --------------------------------------------------------------------------------------------------


def _found(
    loop: FlaggedLoop,
    target: Target,
    texts: Mapping[str, str],
    other: Target,
    others: Mapping[str, str],
) -> FlaggedLoop:
    """Where a loop of one program stands in another; without a line where it is not found."""
    path = os.path.relpath(os.path.join(target.directory, loop.path), target.root)
    main, its_main = (os.path.relpath(_main(each), each.root) for each in (target, other))
    there = its_main if path == main else path
    elsewhere = os.path.relpath(os.path.join(other.root, there), other.directory)
    nowhere = replace(loop, path=elsewhere, line=None, column=None)
    if path not in texts or there not in others or loop.line is None:
        return nowhere
    line = moved_lines(texts[path], others[there]).get(loop.line)
    if line is None or not _has_loop(others[there], line):
        return nowhere
    return replace(nowhere, line=line)


def _main(target: Target) -> str:
    return os.path.join(target.directory, target.program.target)


def _has_loop(text: str, line: int) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(node, (*_LOOPS, *_FUNCTIONS)) and node.lineno == line for node in ast.walk(tree))


def _by_program(target: Target, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts with the script itself under one name, so that two scripts are shown as one that changes."""
    main = os.path.relpath(_main(target), target.root)
    return {("the script" if path == main else path): text for path, text in texts.items()}


# -- revisions ----------------------------------------------------------------------------------------------


def _revision(target: Target, revision: str) -> Target:
    """The program in its tree as git has it: files that git tracks are those of the revision."""
    root = target.root
    named = _git(
        root, revision, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    commit = named.decode().strip()
    old = dict(_archived(_git(root, revision, "archive", "--format=tar", commit, "--", ".")))
    tracked = _git(root, revision, "ls-files", "-z", "--", ".").decode("utf-8", "surrogateescape").split("\0")
    changes = {path: change for path, change in old.items() if _differs(os.path.join(root, path), change)}
    changes |= {path: Change() for path in tracked if path and path not in old}
    below = [os.path.relpath(path, root) for path in target.files]
    script = target.notebook.path if target.notebook is not None else _main(target)
    script = os.path.relpath(script, root)
    if os.path.exists(os.path.join(root, script)) and changes.get(script, Change(b"")).removes:
        raise LeakscanError(f"--against {revision}: {script} is not in that revision")
    if target.notebook is not None:
        data = changes[script].data if script in changes else None
        new = target.changes if data is None else notebook_changes(target.notebook, data)
        changes |= new
    files = tuple(
        os.path.join(root, path) for path in below if path not in changes or not changes[path].removes
    )
    return replace(target, files=files, name=revision, changes=changes)


def _git(root: str, revision: str, *words: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - words of ours, and a revision after an end of options
            ["git", "-C", root, *words],  # noqa: S607 - the user's own git
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise LeakscanError(
            f"--against {revision}: no such file, and git does not run: {error.strerror}"
        ) from None
    if done.returncode:
        why = (done.stderr.decode(errors="replace").strip().splitlines() or ["no such revision"])[-1]
        raise LeakscanError(
            f"--against {revision}: neither a file nor a git revision of {root}: "
            f"{why.removeprefix('fatal: ')}"
        )
    return done.stdout


def _archived(data: bytes) -> Iterator[tuple[str, Change]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            path = os.path.normpath(member.name)
            if member.issym():
                yield path, Change(link=member.linkname)
            elif member.isfile():
                stream = archive.extractfile(member)
                yield path, Change(b"" if stream is None else stream.read(), mode=member.mode & 0o777)


def _differs(path: str, change: Change) -> bool:
    if change.link is not None:
        return not os.path.islink(path) or os.readlink(path) != change.link
    try:
        with open(path, "rb") as stream:
            return os.path.islink(path) or stream.read() != change.data
    except OSError:
        return True
