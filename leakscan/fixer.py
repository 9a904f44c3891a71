"""Findings and their fixes -> new text: edits that do not touch each other, in passes until settled.

Nothing is written before everything is settled: each pass checks the project again with the new texts in the
place of the files, since a fix in one module may remove, or make, a finding in another.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leakscan.config import ConfigResolver
from leakscan.diagnostics import Applicability, Diagnostic, Edit, FileError, Fix
from leakscan.discovery import absolute
from leakscan.edits import apply_edits, first_place, touch
from leakscan.files import SourceProblemError, encode_like
from leakscan.notebooks import edit_cells
from leakscan.rule import Rule
from leakscan.runner import CheckResult, Listener, Request, check

#: A fix may uncover another finding, and fixes that touch wait for a pass; more means that they fight.
MAX_PASSES = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """Which fixes are applied: up to an applicability, by the named strategy for some codes."""

    unsafe: bool = False
    strategies: Mapping[str, str] = field(default_factory=dict)

    def fix_of(self, item: Diagnostic) -> Fix | None:
        """The fix to apply to a finding, or None."""
        return self.any_fix_of(item) if self.unsafe else self.safe_fix_of(item)

    def safe_fix_of(self, item: Diagnostic) -> Fix | None:
        """The first fix of a finding that is safe."""
        safe = (fix for fix in self._candidates(item) if fix.applicability is Applicability.SAFE)
        return next(safe, None)

    def any_fix_of(self, item: Diagnostic) -> Fix | None:
        """The first fix of a finding that can be applied at all."""
        return next(iter(self._candidates(item)), None)

    def _candidates(self, item: Diagnostic) -> list[Fix]:
        wanted = self.strategies.get(item.code)
        return [fix for fix in item.fixes if fix.edits and wanted in (None, fix.strategy)]


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was made; `line` is where the finding stood when it was made."""

    path: str
    line: int
    cell: int | None
    code: str
    fix: Fix


@dataclass(frozen=True, slots=True)
class Changed:
    """A file before and after, as bytes; `path` is absolute, `display` as the user gave it."""

    path: str
    display: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Fixed:
    """What fixing came to: the first check, the one after the last pass, and all changes, sorted by path."""

    first: CheckResult
    last: CheckResult
    applied: tuple[Applied, ...]
    changed: tuple[Changed, ...]
    errors: tuple[FileError, ...]


def fix(
    request: Request,
    configs: ConfigResolver,
    rules: Sequence[Rule],
    choice: Choice,
    listener: Listener | None = None,
) -> Fixed:
    """Work out the fixes of the requested files. Nothing is written; see `write`."""
    return _Fixing(request, configs, rules, choice).run(listener or Listener())


class _Fixing:
    """The state of one run: the texts so far, and the fixes that did not do what they should."""

    def __init__(
        self, request: Request, configs: ConfigResolver, rules: Sequence[Rule], choice: Choice
    ) -> None:
        self._request = request
        self._configs = configs
        self._rules = rules
        self._choice = choice
        self._texts: dict[str, Changed] = {}
        self._applied: list[Applied] = []
        self._errors: list[FileError] = []
        self._useless: set[tuple[str, str, str, str]] = set()

    def run(self, listener: Listener) -> Fixed:
        first = result = check(self._request, self._configs, self._rules, listener)
        for _ in range(MAX_PASSES):
            before = dict(self._texts)
            made = self._pass(result)
            if not made:
                break
            following = self._check()
            worse = self._without_effect(result, following, made)
            if worse:
                for path in worse:
                    self._undo(path, before)
                following = self._check()
            self._applied += [item for item in made if item.path not in worse]
            result = following
        else:
            self._errors += [
                FileError(item.path, f"fixes of {item.code} do not settle after {MAX_PASSES} passes", None)
                for item in result.findings
                if self._wanted(item) is not None
            ]
        changed = tuple(self._texts[path] for path in sorted(self._texts))
        return Fixed(first, result, tuple(self._applied), changed, tuple(dict.fromkeys(self._errors)))

    def _check(self) -> CheckResult:
        overlay = tuple((item.path, item.display, item.after) for item in self._texts.values())
        return check(replace(self._request, overlay=overlay), self._configs, self._rules, Listener())

    def _wanted(self, item: Diagnostic) -> Fix | None:
        found = self._choice.fix_of(item)
        if found is None or (item.path, item.code, found.strategy, item.message) in self._useless:
            return None
        return found

    def _pass(self, result: CheckResult) -> list[Applied]:
        """Apply what can be applied at once; return it."""
        chosen: dict[str, list[tuple[Diagnostic, Fix]]] = {}
        for item in result.findings:
            found = self._wanted(item)
            if found is None:
                continue
            taken = chosen.setdefault(item.path, [])
            if not any(touch(found.edits, other.edits) for _, other in taken):
                taken.append((item, found))
        made: list[Applied] = []
        for path, pairs in chosen.items():
            source = result.sources[path]
            for count in (len(pairs), 1):
                edits = sorted((e for _, fix in pairs[:count] for e in fix.edits), key=first_place)
                if self._edit(source.path, path, edits, notebook=source.notebook is not None):
                    for item, found in pairs[:count]:
                        start = item.span.start
                        made.append(Applied(path, start.line, start.cell, item.code, found))
                    break
            else:
                self._give_up(pairs)
        return made

    def _edit(self, path: str, display: str, edits: Sequence[Edit], *, notebook: bool) -> bool:
        """Change a text; False if the result is not a program in the file's encoding."""
        known = self._texts.get(path)
        try:
            before = known.after if known is not None else self._bytes(path)
            if notebook:
                after = edit_cells(before, edits)
            else:
                after = encode_like(before, lambda text: apply_edits(text, edits))
        except SourceProblemError as problem:
            self._errors.append(FileError(display, f"cannot be fixed: {problem.message}", problem.line))
            return False
        except OSError as error:
            self._errors.append(FileError(display, f"cannot be fixed: {error.strerror}"))
            return False
        original = known.before if known is not None else before
        self._texts[path] = Changed(path, display, original, after)
        return True

    def _bytes(self, path: str) -> bytes:
        standard = self._request.standard
        if standard is not None and absolute(standard.name or "-") == path:
            return standard.data
        with open(path, "rb") as stream:
            return stream.read()

    def _give_up(self, pairs: Iterable[tuple[Diagnostic, Fix]]) -> None:
        for item, found in pairs:
            self._useless.add((item.path, item.code, found.strategy, item.message))

    def _without_effect(
        self, before: CheckResult, after: CheckResult, made: Sequence[Applied]
    ) -> dict[str, None]:
        """Return the files whose fixes broke them or left the finding: those are taken back."""
        worse: dict[str, None] = {}
        broken = {error.path for error in after.errors} - {error.path for error in before.errors}
        for path in dict.fromkeys(item.path for item in made):
            codes = {item.code for item in made if item.path == path}
            fixed = sum(item.path == path for item in made)
            was = sum(item.path == path and item.code in codes for item in before.findings)
            now = sum(item.path == path and item.code in codes for item in after.findings)
            if path in broken or now > was - fixed:
                worse[path] = None
                why = "the result cannot be checked" if path in broken else "the finding is still reported"
                for item in made:
                    if item.path == path:
                        words = f"the fix {item.fix.strategy} of {item.code} was not applied: {why}"
                        self._errors.append(FileError(path, words, item.line, item.cell))
                        self._useless.update(
                            (path, found.code, item.fix.strategy, found.message)
                            for found in before.findings
                            if found.path == path and found.code == item.code
                        )
        return worse

    def _undo(self, display: str, before: Mapping[str, Changed]) -> None:
        for path, changed in list(self._texts.items()):
            if changed.display == display:
                if path in before:
                    self._texts[path] = before[path]
                else:
                    del self._texts[path]


def write(changed: Iterable[Changed]) -> list[FileError]:
    """Replace the files, each in one step; return why some could not be. The others are done."""
    errors: list[FileError] = []
    for item in changed:
        try:
            _replace(item)
        except OSError as error:
            errors.append(FileError(item.display, f"cannot be written: {error.strerror}; it is unchanged"))
        except _MeanwhileError:
            words = "was changed by another program meanwhile; it is left as it is, run the fix again"
            errors.append(FileError(item.display, words))
    return errors


class _MeanwhileError(Exception):
    """The file on disk is no longer the one that was checked."""


def _replace(item: Changed) -> None:
    target = os.path.realpath(item.path)
    with open(target, "rb") as stream:
        if stream.read() != item.before:
            raise _MeanwhileError
    status = os.stat(target)
    if not os.access(target, os.W_OK) or not status.st_mode & stat.S_IWUSR:
        raise PermissionError(13, "read-only")
    descriptor, temporary = tempfile.mkstemp(prefix=".leakscan-", dir=os.path.dirname(target))
    try:
        with open(descriptor, "wb") as stream:
            stream.write(item.after)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(OSError, AttributeError):
            os.chown(temporary, status.st_uid, status.st_gid)
        os.chmod(temporary, stat.S_IMODE(status.st_mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def available(findings: Iterable[Diagnostic], choice: Choice) -> int:
    """How many of the findings `choice` would fix."""
    return sum(choice.fix_of(item) is not None for item in findings)


__all__ = ["Applied", "Changed", "Choice", "Fixed", "available", "fix", "write"]
