"""Findings and their fixes -> new text: edits that do not touch each other, in passes until settled.

Nothing is written before everything is settled: each pass checks the project again with the new texts in the
place of the files, since a fix in one module may remove, or make, a finding in another.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from leakscan.config import ConfigResolver
from leakscan.diagnostics import Applicability, Diagnostic, Edit, FileError, Fix
from leakscan.discovery import absolute
from leakscan.edits import Place, Shift, apply_edits, exclude_each_other, first_place
from leakscan.files import Source, SourceProblemError, decode, encode_like
from leakscan.records import dataclass, field, replace
from leakscan.runner import CheckResult, Listener, Request, Session, config_of

#: A fix may uncover another finding, and fixes that touch wait for a pass; more means that they fight.
MAX_PASSES = 10

_Pair = tuple[Diagnostic, Fix]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which fix a finding gets: up to an applicability, by one strategy only for some codes."""

    unsafe: bool = False
    strategies: Mapping[str, str] = field(default_factory=dict)

    def fix_of(self, item: Diagnostic) -> Fix | None:
        """The fix to apply to a finding, or None."""
        allowed = (
            fix for fix in self._candidates(item) if self.unsafe or fix.applicability is Applicability.SAFE
        )
        return next(allowed, None)

    def hidden_fix_of(self, item: Diagnostic) -> Fix | None:
        """The fix that a finding would get if unsafe ones were allowed, where it gets none."""
        return None if self.fix_of(item) else next(iter(self._candidates(item)), None)

    def declined(self, item: Diagnostic) -> tuple[str, str] | None:
        """The strategy chosen for a finding that cannot be fixed by it, and why."""
        name = self.strategies.get(item.code)
        if name is None:
            return None
        for refusal in item.refusals:
            if refusal.strategy == name:
                return name, refusal.reason
        advice = next((fix for fix in item.fixes if fix.strategy == name and not fix.edits), None)
        return None if advice is None else (name, f"advice that is not applied: {advice.message}")

    def _candidates(self, item: Diagnostic) -> list[Fix]:
        wanted = self.strategies.get(item.code)
        return [
            fix
            for fix in item.fixes
            if fix.edits
            and fix.applicability is not Applicability.DISPLAY
            and (wanted == fix.strategy or (wanted is None and not fix.by_name))
        ]


class Choices:
    """The choice for each finding of a check, by the configuration of its file."""

    def __init__(self, result: CheckResult, configs: ConfigResolver) -> None:
        self._sources = result.sources
        self._configs = configs
        self._known: dict[str, Choice] = {}

    def of(self, item: Diagnostic) -> Choice:
        """The choice that holds in the file of a finding."""
        if item.path not in self._known:
            config = config_of(self._sources[item.path], self._configs)
            self._known[item.path] = Choice(bool(config.unsafe_fixes), dict(config.strategies))
        return self._known[item.path]

    def fixable(self, item: Diagnostic) -> bool:
        """Whether `--fix` would fix a finding."""
        return self.of(item).fix_of(item) is not None

    def hidden(self, item: Diagnostic) -> bool:
        """Whether `--fix` would fix a finding only together with `--unsafe-fixes`."""
        return self.of(item).hidden_fix_of(item) is not None

    def declined(self, item: Diagnostic) -> tuple[str, str] | None:
        """The strategy chosen for a finding that cannot be fixed by it, and why."""
        return self.of(item).declined(item)


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was made; `line` (in `cell`) is where the finding stood, as lines count after all fixes."""

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
    """What fixing came to: the first check, the one after the last pass, and all changes, sorted by path.

    errors: fixes that were not applied because they did not do what they should, and files that cannot be
    edited; what could not be checked is in `last`.
    """

    first: CheckResult
    last: CheckResult
    applied: tuple[Applied, ...]
    changed: tuple[Changed, ...]
    errors: tuple[FileError, ...]

    @property
    def result(self) -> CheckResult:
        """The last check, with all errors."""
        errors = {*self.last.errors, *self.errors}
        return replace(self.last, errors=tuple(sorted(errors, key=lambda item: item.sort_key)))


def fix(
    session: Session,
    request: Request,
    choice: Choice | None = None,
    listener: Listener | None = None,
    first: CheckResult | None = None,
) -> Fixed:
    """Work out the fixes of the requested files, by their configuration or by one choice for all.

    `first` is the check of the same request by the same rules, where it was made already. Nothing is written;
    see `write`.
    """
    return _Fixing(session, request, choice).run(listener or Listener(), first)


def fix_files(session: Session, request: Request, listener: Listener | None = None) -> Fixed:
    """Fix the requested files on disk, by their configuration."""
    fixed = fix(session, request, listener=listener)
    errors = write(fixed.changed)
    if not errors:
        return fixed
    failed = {error.path for error in errors}
    return replace(
        fixed,
        # What could not be written is as it was, and so may be what depends on it.
        last=session.check(request),
        applied=tuple(item for item in fixed.applied if item.path not in failed),
        changed=tuple(item for item in fixed.changed if item.display not in failed),
        errors=(*fixed.errors, *errors),
    )


@dataclass(frozen=True, slots=True)
class _Useless:
    """A fix that does not do what it should, and where its finding stands."""

    code: str
    strategy: str
    place: Place


@dataclass(slots=True)
class _File:
    """A file while it is being fixed. `useless`: what was tried in vain -> why."""

    path: str
    display: str
    notebook: bool
    before: bytes
    now: bytes
    useless: dict[_Useless, str] = field(default_factory=dict)
    applied: list[Applied] = field(default_factory=list)


@dataclass(slots=True)
class _Attempt:
    """The fixes of one file in one pass. base: its bytes before; made: those that are in effect."""

    file: _File
    base: bytes
    pairs: list[_Pair]
    made: list[_Pair] = field(default_factory=list)

    def make(self, pairs: list[_Pair]) -> None:
        """Put these fixes, and no others, into effect. Raises SourceProblemError and changes nothing."""
        edits = _edits(pairs)
        if self.file.notebook:
            from leakscan.notebooks import edit_cells  # few files are notebooks

            after = edit_cells(self.base, edits)
        else:
            after = encode_like(self.base, lambda text: apply_edits(text, edits))
        self.file.now, self.made = after, pairs


def _edits(pairs: Iterable[_Pair]) -> list[Edit]:
    return sorted((edit for _, found in pairs for edit in found.edits), key=first_place)


def _place(item: Diagnostic) -> Place:
    return item.span.start.cell, item.span.start.line


class _Fixing:
    """The state of one run: the files so far, and what went wrong."""

    def __init__(self, session: Session, request: Request, choice: Choice | None) -> None:
        self._session = session
        self._request = request
        self._choice = choice
        self._files: dict[str, _File] = {}
        self._errors: dict[str, FileError] = {}

    def run(self, listener: Listener, first: CheckResult | None) -> Fixed:
        first = result = first or self._session.check(self._request, listener)
        for number in range(MAX_PASSES):
            following = self._pass(result)
            if following is None:
                break
            result = following
            listener.log(f"fixes: pass {number + 1}, {len(result.findings)} findings left")
        files = sorted(self._files.values(), key=lambda item: item.path)
        return Fixed(
            first,
            result,
            tuple(applied for file in files for applied in file.applied),
            tuple(Changed(f.path, f.display, f.before, f.now) for f in files if f.now != f.before),
            (*self._errors.values(), *self._in_vain(), *self._unsettled(result)),
        )

    def _in_vain(self) -> Iterable[FileError]:
        for file in self._files.values():
            for useless, why in file.useless.items():
                cell, line = useless.place
                words = f"the fix {useless.strategy} of {useless.code} is not applied: {why}"
                yield FileError(file.display, words, line, cell)

    def _unsettled(self, result: CheckResult) -> Iterable[FileError]:
        for attempt in self._attempts(result):
            for item, found in attempt.pairs:
                cell, line = _place(item)
                words = (
                    f"the fixes have not settled after {MAX_PASSES} passes; {found.strategy} of {item.code}"
                )
                yield FileError(attempt.file.display, f"{words} is left", line, cell)

    def _check(self, *, fixes: bool = True) -> CheckResult:
        overlay = tuple((file.path, file.display, file.now) for file in self._files.values())
        return self._session.check(replace(self._request, overlay=overlay), fixes=fixes)

    def _pass(self, was: CheckResult) -> CheckResult | None:
        """Make all fixes that can be made at once; return the check after them, or None if there are none."""
        attempts = self._attempts(was)
        if not attempts:
            return None
        failed: list[_Attempt] = []
        for attempt in attempts:
            try:
                attempt.make(attempt.pairs)
            except SourceProblemError:
                failed.append(attempt)
        now = self._check()
        failed += [item for item in attempts if item.made and self._why_not(item, was, now)]
        for attempt in failed:
            attempt.make([])
        for attempt in failed:
            self._add(attempt, attempt.pairs, was)
        for attempt in attempts:
            self._settle(attempt)
        return self._check() if failed else now

    def _attempts(self, result: CheckResult) -> list[_Attempt]:
        """The fixes to make next, by file: of those that exclude each other the first one."""
        choices = Choices(result, self._session.configs)
        attempts: dict[str, _Attempt] = {}
        for item in result.findings:
            found = (self._choice or choices.of(item)).fix_of(item)
            source = result.sources[item.path]
            if found is None or (file := self._file(source)) is None:
                continue
            if _Useless(item.code, found.strategy, _place(item)) in file.useless:
                continue
            attempt = attempts.setdefault(item.path, _Attempt(file, file.now, []))
            if not any(exclude_each_other(source.text, found.edits, o.edits) for _, o in attempt.pairs):
                attempt.pairs.append((item, found))
        return list(attempts.values())

    def _file(self, source: Source) -> _File | None:
        """The file of a program, read when it is first changed; None if it cannot be edited."""
        if source.path in self._files or source.path in self._errors:
            return self._files.get(source.path)
        notebook = source.notebook is not None
        try:
            data = self._bytes(source.path)
            found = None
            if notebook:
                from leakscan.notebooks import read_notebook

                found = read_notebook(data)
            program = found.text if found is not None else decode(data)
            if not notebook:
                encode_like(data, lambda text: text)  # fails once for a file, not once for each fix
        except (SourceProblemError, OSError) as problem:
            why = problem.message if isinstance(problem, SourceProblemError) else problem.strerror
        else:
            if program == source.text:
                self._files[source.path] = _File(source.path, source.display, notebook, data, data)
                return self._files[source.path]
            why = "it was changed by another program meanwhile; run the fix again"
        self._errors[source.path] = FileError(source.display, f"cannot be fixed: {why}")
        return None

    def _bytes(self, path: str) -> bytes:
        standard = self._request.standard
        if standard is not None and absolute(standard.place) == path:
            return standard.data
        with open(path, "rb") as stream:
            return stream.read()

    def _add(self, attempt: _Attempt, pairs: list[_Pair], was: CheckResult) -> None:
        """Make those of the fixes that do what they should, beside those that are made already."""
        made, data = attempt.made, attempt.file.now
        try:
            attempt.make([*made, *pairs])
            why = self._why_not(attempt, was, self._check(fixes=False))
        except SourceProblemError as problem:
            why = problem.message
        if why is None:
            return
        attempt.made, attempt.file.now = made, data
        if len(pairs) > 1:
            half = len(pairs) // 2
            self._add(attempt, pairs[:half], was)
            self._add(attempt, pairs[half:], was)
        else:
            ((item, found),) = pairs
            attempt.file.useless[_Useless(item.code, found.strategy, _place(item))] = why

    @staticmethod
    def _why_not(attempt: _Attempt, was: CheckResult, now: CheckResult) -> str | None:
        """Why the fixes that are made do not do what they should, or None."""
        path = attempt.file.display
        known = Counter(error.message for error in was.problems if error.path == path)
        broken = Counter(error.message for error in now.problems if error.path == path) - known
        if broken:
            return f"the result cannot be checked: {next(iter(broken))}"
        shift = Shift(_edits(attempt.made))
        for item, found in attempt.made:
            # Only a finding's own lines count: the fix of one may uncover another elsewhere.
            before = shift.replaced(found.edits) | {_place(item)}
            after = shift.inserted(found.edits) | set(shift.places(*_place(item)))
            gone = sum(other.code == item.code and _place(other) in before for other, _ in attempt.made)
            if _count(now, item, after) > _count(was, item, before) - gone:
                return f"{item.code} is still reported in its lines"
        return None

    @staticmethod
    def _settle(attempt: _Attempt) -> None:
        """Note what was made, and where the lines of the file are now."""
        file = attempt.file
        file.applied += [
            Applied(file.display, item.span.start.line, item.span.start.cell, item.code, found)
            for item, found in attempt.made
        ]
        shift = Shift(_edits(attempt.made))

        def moved(cell: int | None, line: int) -> Place:
            return next(iter(shift.places(cell, line)), (cell, line))

        file.applied = [replace(item, line=moved(item.cell, item.line)[1]) for item in file.applied]
        file.useless = {replace(item, place=moved(*item.place)): why for item, why in file.useless.items()}


def _count(result: CheckResult, like: Diagnostic, places: set[Place]) -> int:
    return sum(
        item.path == like.path and item.code == like.code and _place(item) in places
        for item in result.findings
    )


def texts(item: Changed) -> Iterator[tuple[str, str, str]]:
    """What is changed, as text: name, before and after of the file, or of each cell that differs."""
    if not item.path.endswith(".ipynb"):
        yield item.display, decode(item.before), decode(item.after)
        return
    from leakscan.notebooks import cell_texts

    after = cell_texts(item.after)
    for number, text in cell_texts(item.before).items():
        if after[number] != text:
            yield f"{item.display}:cell {number + 1}", text, after[number]


def write(changed: Iterable[Changed]) -> list[FileError]:
    """Replace the files, each in one step; return why some could not be. The others are done."""
    errors: list[FileError] = []
    for item in changed:
        try:
            _replace(item)
        except OSError as error:
            words = f"cannot be written: {error.strerror}; nothing in it is changed"
            errors.append(FileError(item.display, words))
        except _MeanwhileError:
            words = "cannot be written: it was changed by another program meanwhile; run the fix again"
            errors.append(FileError(item.display, words))
    return errors


class _MeanwhileError(Exception):
    """The file on disk is no longer the one that was checked."""


def _replace(item: Changed) -> None:
    target = os.path.realpath(item.path)
    with open(target, "rb") as stream:
        found = stream.read()
    if found == item.after:  # reached by another path as well, through a link
        return
    if found != item.before:
        raise _MeanwhileError
    status = os.stat(target)
    # Root may write to a file that its owner protects: the protection counts.
    if not os.access(target, os.W_OK) or not status.st_mode & stat.S_IWUSR:
        raise PermissionError(13, "the file is read-only")
    import tempfile  # a check need not wait for it

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


__all__ = [
    "MAX_PASSES",
    "Applied",
    "Changed",
    "Choice",
    "Choices",
    "Fixed",
    "fix",
    "fix_files",
    "texts",
    "write",
]
