"""A program and its findings -> the arms: the original, one for each strategy that applies, other programs.

Nothing is written and nothing runs: an arm is what it changes in the user's tree, worked out in memory.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from leakscan.config import ConfigResolver, Overrides, configured_rules_dirs
from leakscan.diagnostics import Applicability, Diagnostic, FileError, Severity
from leakscan.errors import LeakscanError
from leakscan.files import SourceProblemError, decode
from leakscan.fixer import Choice, fix
from leakscan.registry import load_rules
from leakscan.rule import Rule
from leakscan.runner import Request, Session
from leakscan.validation.counted import find_compiled
from leakscan.validation.executions import FlaggedLoop
from leakscan.validation.plan import Arm
from leakscan.validation.results import OWN, ArmInfo, Described
from leakscan.validation.targets import Target, notebook_changes
from leakscan.validation.trees import Change, Tree, is_below

ORIGINAL = "original"
AGAIN = "original-again"


@dataclass(frozen=True, slots=True)
class Variant:
    """Another program than the original: an arm, its tree, what it changes, the findings that are left.

    diff: unified, with paths below the root. applicability: the least safe of the fixes; None for a program
    of the user's own. messages: what the fixes do. refusals: where the strategy does not apply, as
    `path:line` and reason. builds_once: see `Strategy`.
    """

    arm: Arm
    tree: Tree
    diff: str
    applicability: Applicability | None
    messages: tuple[str, ...]
    left: tuple[Diagnostic, ...]
    refusals: tuple[tuple[str, str], ...]
    builds_once: bool = False

    @property
    def name(self) -> str:
        """The strategy that makes the arm, or the name of the program."""
        return self.arm.name

    @property
    def info(self) -> ArmInfo:
        """What reports say of it."""
        applicability = OWN if self.applicability is None else self.applicability.value
        return ArmInfo(self.name, self.diff, "; ".join(self.messages), applicability)


def original_info(arm: Arm) -> ArmInfo:
    """What reports say of the original."""
    return ArmInfo(arm.name, "", "the program as it is", "")


@dataclass(frozen=True, slots=True)
class Variants:
    """The arms of an experiment. `same` names strategies whose program equals that of another arm."""

    original: Arm
    tree: Tree
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

    @property
    def trees(self) -> dict[str, Tree]:
        """What each arm's runs start from, by its name."""
        return {self.original.name: self.tree} | {variant.name: variant.tree for variant in self.fixed}

    @property
    def described(self) -> tuple[Described, ...]:
        """What is known of each arm beside its runs."""
        fixed = (Described(variant.info, variant.builds_once) for variant in self.fixed)
        return (Described(original_info(self.original)), *fixed)


class Making:
    """Makes the variants of one program.

    `result` is the check of its files, `texts` are theirs by path below the root, `arm` is the original.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._rules: Sequence[Rule] = [loaded.rule for loaded in load_rules(configured_rules_dirs())]
        # What a project hides from a check it hides here too, but for its lowest severity.
        overrides = Overrides(min_severity=Severity.LOW)
        configs = ConfigResolver(overrides, [rule.code for rule in self._rules])
        self._session = Session(configs, self._rules)
        here = os.path.realpath(".")
        # As the user would name them.
        shown = tuple(os.path.relpath(p) if is_below(p, here) else p for p in target.files)
        changed = {os.path.join(target.root, path): change.data for path, change in target.changes.items()}
        self._request = Request(
            shown,
            overlay=tuple(
                (path, name, data)
                for path, name in zip(target.files, shown, strict=True)
                if (data := changed.get(path)) is not None
            ),
        )
        self.result = self._session.check(self._request)
        self.texts = _texts(target)
        self.arm = Arm(
            ORIGINAL,
            target.program,
            target.directory,
            find_compiled(_loops(target, self.result.findings, self.texts), target, self.texts),
            dict(target.environment),
            fingerprint(target.changes),
        )

    def original(self) -> Variants:
        """The program alone, with its findings."""
        findings = self.result.findings
        return Variants(
            self.arm,
            Tree(self._target.root, self._target.changes),
            findings,
            self.result.errors,
            (),
            _advice(findings),
            _refused(findings),
        )

    def with_fixes(self, wanted: Sequence[str] | None = None) -> Variants:
        """The program and an arm for each strategy that applies to a finding, or for the wanted ones."""
        made = self.original()
        strategies = dict.fromkeys(
            fix.strategy
            for item in made.findings
            for fix in item.fixes
            if fix.applicability is not Applicability.DISPLAY
        )
        known = {_meaning(self.texts): ORIGINAL}
        fixed: list[Variant] = []
        same: list[tuple[str, str]] = []
        for strategy in strategies:
            if wanted is not None and strategy not in wanted:
                continue
            variant, after = self._fixed(strategy)
            meaning = _meaning(after)
            if meaning in known:
                same.append((strategy, known[meaning]))
                continue
            known[meaning] = strategy
            fixed.append(variant)
        return replace(made, fixed=tuple(fixed), same=tuple(same))

    def again(self) -> Variant:
        """The original once more, as an arm of its own: comparing it with itself shows what noise can do."""
        arm = replace(self.arm, name=AGAIN)
        tree = Tree(self._target.root, self._target.changes)
        return Variant(arm, tree, "", Applicability.SAFE, ("nothing: the original again",), (), ())

    def _fixed(self, strategy: str) -> tuple[Variant, dict[str, str]]:
        """Apply a strategy to every finding, in memory."""
        target, findings = self._target, self.result.findings
        having = [rule for rule in self._rules if strategy in {item.name for item in rule.strategies}]
        choice = Choice(unsafe=True, strategies={rule.code: strategy for rule in having})
        codes = {rule.code for rule in having}
        first = replace(self.result, findings=tuple(item for item in findings if item.code in codes))
        done = fix(self._session.with_rules(having), self._request, choice, first=first)
        if done.errors:
            raise LeakscanError(f"{done.errors[0].path}: {done.errors[0].message}")
        changes = dict(target.changes)
        overlay = []
        for item in done.changed:
            path = _real(item.path)
            changes[os.path.relpath(path, target.root)] = Change(item.after)
            overlay.append((item.path, item.display, item.after))
            if target.notebook is not None and path == target.notebook.path:
                changes.update(notebook_changes(target.notebook, item.after))
        after = _texts(target, changes)
        loops = tuple(self.shifted(loop, changes) for loop in self.arm.loops)
        arm = replace(self.arm, name=strategy, loops=loops, fingerprint=fingerprint(changes))
        fixes = [each for item in findings for each in item.fixes if each.strategy == strategy]
        unsafe = any(each.applicability is not Applicability.SAFE for each in fixes)
        left = done.last.findings
        if len(first.findings) < len(findings):
            request = replace(self._request, overlay=tuple(overlay))
            left = self._session.check(request).findings
        variant = Variant(
            arm,
            Tree(target.root, changes),
            diff(self.texts, after),
            Applicability.UNSAFE if unsafe else Applicability.SAFE,
            tuple(dict.fromkeys(each.message for each in fixes)),
            left,
            tuple(
                (f"{item.path}:{item.span.start.line}", refusal.reason)
                for item in findings
                for refusal in item.refusals
                if refusal.strategy == strategy
            ),
            any(item.builds_once for rule in having for item in rule.strategies if item.name == strategy),
        )
        return variant, after

    def shifted(self, loop: FlaggedLoop, changes: Mapping[str, Change]) -> FlaggedLoop:
        """Where a loop of the original stands in a changed tree."""
        path = os.path.relpath(os.path.join(self._target.directory, loop.path), self._target.root)
        data = changes[path].data if path in changes else None
        if loop.line is None or data is None or path not in self.texts:
            return loop
        return replace(loop, line=moved_lines(self.texts[path], decode(data)).get(loop.line, loop.line))


def _real(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def fingerprint(changes: Mapping[str, Change]) -> str:
    """A digest of what an arm changes in its tree."""
    found = hashlib.sha256()
    for path, change in sorted(changes.items()):
        parts = (path.encode("utf-8", "surrogateescape"), change.data or b"", (change.link or "").encode())
        found.update(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
    return found.hexdigest()


def _loops(
    target: Target, findings: Sequence[Diagnostic], texts: Mapping[str, str]
) -> tuple[FlaggedLoop, ...]:
    """The loops that the findings are about, each once, with paths below the working directory."""
    found: dict[FlaggedLoop, None] = {}
    for item in findings:
        if item.loop is None:
            continue
        path, line = _real(os.path.abspath(item.loop.path)), item.loop.position.line
        if item.loop.position.cell is not None:
            if target.notebook is None or path != target.notebook.path:
                continue
            line = _program_line(path, item.loop.position.cell, line)
            path = os.path.join(target.root, target.notebook.script)
        text = texts.get(os.path.relpath(path, target.root))
        column = item.loop.position.column - 1
        if text is not None:
            # Python's own positions count bytes.
            column = len(text.splitlines()[line - 1][:column].encode())
        found[FlaggedLoop(os.path.relpath(path, target.directory), line, column)] = None
    return tuple(found)


def _program_line(notebook: str, cell: int, line: int) -> int:
    from leakscan.validation.targets import notebook_script

    with open(notebook, "rb") as stream:
        return notebook_script(stream.read(), notebook).map.program_line(cell, line)


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


# -- texts --------------------------------------------------------------------------------------------------


def _texts(target: Target, changes: Mapping[str, Change] | None = None) -> dict[str, str]:
    """The text of each Python file of a program, by its path below the root, with changes in it."""
    changes = target.changes if changes is None else changes
    found: dict[str, str] = {}
    for path in {*(os.path.relpath(path, target.root) for path in target.files), *changes}:
        try:
            if path in changes:
                data = changes[path].data
            else:
                with open(os.path.join(target.root, path), "rb") as stream:
                    data = stream.read()
            if data is not None and path.endswith(".py"):
                found[path] = decode(data)
        except (OSError, SourceProblemError):
            continue
    return found


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """How texts differ, as a unified diff."""
    parts: list[str] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path, ""), after.get(path, "")
        if old != new:
            lines = difflib.unified_diff(
                old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{path}", f"b/{path}"
            )
            parts += [line if line.endswith("\n") else f"{line}\n" for line in lines]
    return "".join(parts)


def _meaning(texts: Mapping[str, str]) -> str:
    """A digest that formatting and comments do not change."""
    digest = hashlib.sha256()
    for path in sorted(texts):
        try:
            shape = ast.dump(ast.parse(texts[path]))
        except (SyntaxError, ValueError, RecursionError):
            shape = texts[path]
        digest.update(f"{path}\0{shape}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def moved_lines(old: str, new: str) -> dict[int, int]:
    """The lines (from 1) of `new` that are those of `old`, as far as they are unchanged."""
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    return {
        block.a + offset + 1: block.b + offset + 1
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
