"""Jupyter notebooks as programs: cells in order, joined, with a map back to cell and line."""

from __future__ import annotations

import codecs
import itertools
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from leakscan.diagnostics import Edit
from leakscan.edits import apply_edits, lines_of
from leakscan.files import SourceProblemError, nesting_problem
from leakscan.parsing import parse_quietly
from leakscan.records import dataclass, replace

#: Cell magics that run their body as Python in the notebook's own namespace.
_PYTHON_CELL_MAGICS = frozenset(
    {"capture", "debug", "local", "memit", "mprun", "notify", "prun", "pyinstrument", "scalene", "snakeviz"}
    | {"time", "timeit", "wandb"}
)
_ASSIGNED = re.compile(r"[ \t]*[\w.,\[\]'\" \t]+=[ \t]*(?=[!%][^\s=])")
_TIMER = r"%(?:time|timeit|prun|memit)[ \t]+(?:-\S+(?:[ \t]+\d+)?[ \t]+)*(?=\S)"
_TIMED = re.compile(rf"([ \t]*)({_TIMER})")
_ASSIGNED_TIMED = re.compile(rf"({_ASSIGNED.pattern})({_TIMER})")
_AUTOMAGIC = re.compile(
    r"(?:apt|apt-get|cat|cd|conda|cp|git|ls|man|mkdir|mv|pip|pip3|pwd|rm|wget)(?:[ \t]+[^=\s(.\[].*)?$"
)
_HEAD = "if True:"
_QUOTES = re.compile(r"'''|\"\"\"|'|\"|#|[()\[\]{}]|\\.")


@dataclass(frozen=True, slots=True)
class NotebookMap:
    """Where the lines of the joined program come from.

    starts: the first program line (1-based) of each code cell, increasing.
    cells: the number of that cell, counting all cells (markdown too) from 0.
    altered: program lines that the cell holds otherwise, such as magics.
    """

    starts: tuple[int, ...]
    cells: tuple[int, ...]
    altered: frozenset[int] = frozenset()

    def locate(self, line: int) -> tuple[int, int]:
        """The cell (from 0) and the line in it (from 1) of a program line (from 1)."""
        index = max(bisect_right(self.starts, line) - 1, 0)
        return self.cells[index], line - self.starts[index] + 1

    def program_line(self, cell: int, line: int) -> int:
        """The program line (from 1) of a line (from 1) of a code cell; ValueError for another cell."""
        return self.starts[self.cells.index(cell)] + line - 1

    def length(self, cell: int, total: int) -> int:
        """How many lines a code cell has, in a program of `total` lines."""
        index = self.cells.index(cell)
        # The line before each cell belongs to none.
        following = self.starts[index + 1] - 1 if index + 1 < len(self.starts) else total + 1
        return following - self.starts[index]


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that is not Python: it is left out of the program. `cell` from 0, `line` in it from 1."""

    cell: int
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Notebook:
    """The program of a notebook; magics are `pass`, cells that do not parse are blank."""

    text: str
    map: NotebookMap
    problems: tuple[CellProblem, ...] = ()


def read_notebook(data: bytes) -> Notebook | None:
    """The Python program of a notebook (nbformat 3 or 4), or None if its kernel speaks another language.

    Raises SourceProblemError when `data` is not a notebook.
    """
    document = _load(data)
    if not _is_python(document):
        return None
    lines: list[str] = []
    starts: list[int] = []
    numbers: list[int] = []
    problems: list[CellProblem] = []
    altered: set[int] = set()
    for number, source in _code_cells(document):
        program, problem = _cell_program(source)
        # A line of its own before each cell: an indented cell, which IPython accepts, needs a head.
        lines.append(_HEAD if problem is None and _is_indented(program) else "")
        starts.append(len(lines) + 1)
        numbers.append(number)
        if problem is not None:
            line, message = problem
            problems.append(CellProblem(number, line, message))
            program = [""] * len(program)
        cell = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        indented = lines[-1] == _HEAD
        altered.update(
            len(lines) + offset + 1
            for offset, (line, original) in enumerate(zip(program, cell, strict=True))
            # What is inserted into an indented cell would have to be indented too.
            if indented or line != original
        )
        lines.extend(program)
    text = "\n".join(lines) + "\n" if lines else ""
    located = NotebookMap(tuple(starts) or (1,), tuple(numbers) or (0,), frozenset(altered))
    return Notebook(text, located, tuple(problems))


def is_notebook(data: bytes) -> bool:
    """Whether bytes of unknown kind are a notebook; a Python program is none, though a dict may look so."""
    if not data.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"{") or b'"cells"' not in data:
        return False
    try:
        return "nbformat" in _load(data)
    except SourceProblemError:
        return False


def edit_cells(data: bytes, edits: Sequence[Edit]) -> bytes:
    """The bytes of a notebook after edits of whole lines of its cells; all else stays as it is.

    Raises SourceProblemError for a cell whose JSON is written in a way that cannot be kept.
    """
    document = _load(data)
    text = data.decode("utf-8-sig")
    by_cell: dict[int, list[Edit]] = {}
    for edit in edits:
        cell = edit.span.start.cell
        if cell is None:
            raise SourceProblemError("an edit names no cell")
        by_cell.setdefault(cell, []).append(edit)
    spans = _source_spans(text) if by_cell else []
    cells = _cells(document)
    for number, own in sorted(by_cell.items(), reverse=True):
        source = cells[number].get("source", cells[number].get("input"))
        start, end = spans[number]
        text = text[:start] + _edited(text, start, source, own) + text[end:]
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode()


def cell_texts(data: bytes) -> dict[int, str]:
    """The text of each code cell, by its number from 0. Raises SourceProblemError for what is no notebook."""
    return dict(_code_cells(_load(data)))


def _edited(text: str, start: int, source: object, edits: Sequence[Edit]) -> str:
    """The JSON of a cell's source, at `start` of `text`, after edits; items of a list that stay are kept."""
    parts = [source] if isinstance(source, str) else source
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise SourceProblemError("the source of a cell is not text")
    before = "".join(parts)
    spans = [(start, _DECODER.raw_decode(text, start)[1])] if isinstance(source, str) else _items(text, start)
    write = _style(text, [text[begin:end] for begin, end in spans], parts)
    if "\r\n" in before:
        edits = [replace(edit, replacement=edit.replacement.replace("\n", "\r\n")) for edit in edits]
    after = apply_edits(before, edits)
    if isinstance(source, str):
        return write(after)
    head = 0
    while head < len(parts) and after.startswith(parts[head]) and parts[head].endswith("\n"):
        after = after[len(parts[head]) :]
        head += 1
    tail = len(parts)
    while (
        tail > head
        and after.endswith(parts[tail - 1])
        and (tail - 1 == head or parts[tail - 2].endswith("\n"))
    ):
        after = after[: len(after) - len(parts[tail - 1])]
        tail -= 1
    written = [text[begin:end] for begin, end in spans]
    items = [*written[:head], *(write(line) for line in lines_of(after)), *written[tail:]]
    if not spans:
        return f"[{', '.join(items)}]"
    lead = text[start + 1 : spans[0][0]]
    return f"[{lead}{_separator(text, spans, lead).join(items)}{text[spans[-1][1] : _end(text, start)]}"


_DECODER = json.JSONDecoder(strict=False)
_BLANK = re.compile(r"[ \t\r\n]*")


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return position if match is None else match.end()


def _end(text: str, start: int) -> int:
    """Where the JSON value that begins at `start` ends."""
    return _DECODER.raw_decode(text, start)[1]


def _items(text: str, start: int) -> list[tuple[int, int]]:
    """Where the items of the JSON array at `start` begin and end."""
    spans = []
    position = _skip(text, start + 1)
    while text[position] != "]":
        end = _end(text, position)
        spans.append((position, end))
        position = _skip(text, end)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return spans


def _members(text: str, start: int) -> dict[str, int]:
    """Where the values of the JSON object at `start` begin; of a key that comes twice the last one counts."""
    starts = {}
    position = _skip(text, start + 1)
    while text[position] != "}":
        key, end = _DECODER.raw_decode(text, position)
        value = _skip(text, _skip(text, end) + 1)
        starts[key] = value
        position = _skip(text, _end(text, value))
        if text[position] == ",":
            position = _skip(text, position + 1)
    return starts


def _source_spans(text: str) -> list[tuple[int, int]]:
    """Where the source of each cell begins and ends; (0, 0) for a cell without one."""
    top = _members(text, _skip(text, 0))
    if "cells" in top and text[top["cells"]] == "[":
        arrays = [top["cells"]]
    else:
        sheets = [_members(text, start) for start, _ in _items(text, top["worksheets"]) if text[start] == "{"]
        arrays = [sheet["cells"] for sheet in sheets if "cells" in sheet and text[sheet["cells"]] == "["]
    spans = []
    for start, _ in (span for array in arrays for span in _items(text, array)):
        members = _members(text, start) if text[start] == "{" else {}
        source = members.get("source", members.get("input"))
        spans.append((0, 0) if source is None else (source, _end(text, source)))
    return spans


def _style(text: str, written: Sequence[str], parts: Sequence[str]) -> Callable[[str], str]:
    """How a notebook writes strings, by those of a cell and, where they leave it open, by the rest."""
    # Colab escapes what HTML would take for markup.
    escaped = "".join(char for char in "<>&='" if f"\\u{ord(char):04x}" in text)
    for only, escapes in itertools.product((text.isascii(), not text.isascii()), (escaped, "")):

        def write(line: str, *, only: bool = only, escapes: str = escapes) -> str:
            shown = json.dumps(line, ensure_ascii=only)
            for char in escapes:
                shown = shown.replace(char, f"\\u{ord(char):04x}")
            return shown

        if all(write(part) == shown for part, shown in zip(parts, written, strict=True)):
            return write
    raise SourceProblemError("the JSON of a cell is not as notebook programs write it; save it with Jupyter")


def _separator(text: str, spans: Sequence[tuple[int, int]], lead: str) -> str:
    """What stands between the items of a list."""
    if len(spans) > 1:
        return text[spans[0][1] : spans[1][0]]
    return "," + (lead or (" " if '": ' in text else ""))


def cell_bytes(data: bytes) -> bytes:
    """The code cells as they are, for a quick look; `data` itself when it is no notebook."""
    try:
        document = _load(data)
    except SourceProblemError:
        return data
    return "\n".join(source for _, source in _code_cells(document)).encode()


def _load(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SourceProblemError("not a notebook: not valid utf-8") from error
    except json.JSONDecodeError as error:
        raise SourceProblemError(f"not a notebook: invalid JSON ({error.msg})", error.lineno) from error
    except RecursionError as error:
        raise SourceProblemError("not a notebook: JSON nested too deeply") from error
    except ValueError as error:  # an integer of more than 4,300 digits
        raise SourceProblemError(f"not a notebook: invalid JSON ({error})") from error
    if not isinstance(document, dict) or not (
        isinstance(document.get("cells"), list) or isinstance(document.get("worksheets"), list)
    ):
        raise SourceProblemError("not a notebook: no cells")
    return document


def _is_python(document: dict[str, Any]) -> bool:
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return True
    for table, key in (("language_info", "name"), ("kernelspec", "language")):
        entry = metadata.get(table)
        if isinstance(entry, dict) and isinstance(entry.get(key), str):
            return str(entry[key]).lower().startswith(("python", "ipython"))
    return True


def _cells(document: dict[str, Any]) -> list[Any]:
    cells = document.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = [sheet for sheet in document["worksheets"] if isinstance(sheet, dict)]  # nbformat 3
    return [cell for sheet in sheets for cell in sheet.get("cells") or ()]


def _code_cells(document: dict[str, Any]) -> list[tuple[int, str]]:
    found = []
    for number, cell in enumerate(_cells(document)):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        if str(cell.get("language", "python")).lower() not in ("python", "python3", "python2", "ipython"):
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        if isinstance(source, str):
            found.append((number, source.encode("utf-8", "replace").decode()))
    return found


def _cell_program(source: str) -> tuple[list[str], tuple[int, str] | None]:
    """The lines of a cell as Python, and (line, message) if it is none."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not source.strip() or _problem(lines) is None:
        return lines, None
    first = next(index for index, line in enumerate(lines) if line.strip())
    if lines[first].startswith("%%"):
        words = lines[first][2:].split()
        if not words or words[0] not in _PYTHON_CELL_MAGICS:
            return [""] * len(lines), None
        lines[first] = "pass"
    lines = _without_magics(lines)
    problem = _problem(lines)
    if problem is not None:
        lines = [_without_automagic(line) for line in lines]
        problem = problem if _problem(lines) else None
    if problem is not None and _libcst_parses(lines):
        problem = None
    return lines, problem


def _libcst_parses(lines: list[str]) -> bool:
    """Whether LibCST knows the syntax, which may be newer than the Python that runs this."""
    source = "\n".join(([_HEAD] if _is_indented(lines) else []) + lines)
    if nesting_problem(source) is not None:
        return False
    import libcst  # heavy; most cells never get here

    try:
        libcst.parse_module(source)
    except (libcst.ParserSyntaxError, libcst.CSTLogicError, libcst.CSTValidationError, RecursionError):
        return False
    return True


def _is_indented(lines: list[str]) -> bool:
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return first[:1] in (" ", "\t")


def _problem(lines: list[str]) -> tuple[int, str] | None:
    """(line, message) of the first syntax error."""
    head = [_HEAD] if _is_indented(lines) else []
    source = "\n".join(head + lines)
    if nesting_problem(source) is not None:  # the parser's own limit is that of the process at the moment
        return 1, "nested too deeply to be parsed"
    try:
        parse_quietly(source)
    except SyntaxError as error:
        return max((error.lineno or 1) - len(head), 1), f"syntax error: {error.msg}"
    except (RecursionError, MemoryError):
        return 1, "nested too deeply to be parsed"
    except ValueError:  # Python up to 3.11
        return 1, "not Python text (it holds NUL characters)"
    return None


def _without_automagic(line: str) -> str:
    return "pass" if _AUTOMAGIC.match(line) else line


def _without_magics(lines: list[str]) -> list[str]:
    """Magics, shell lines and help requests as `pass` of the same indentation; line numbers stay."""
    result: list[str] = []
    scan = _LineScan()
    continued = False  # the magic before ended in a backslash
    for line in lines:
        if continued:
            result.append("")
            continued = line.endswith("\\")
            continue
        python = _as_python(line) if scan.fresh else None
        continued = python is not None and line.endswith("\\")
        result.append(line if python is None else python)
        scan.feed(result[-1])
    return result


def _as_python(line: str) -> str | None:
    """A line of IPython as Python, or None for any other line."""
    stripped = line.lstrip()
    indent = line[: len(line) - len(stripped)]
    if match := _TIMED.match(line):
        # `%time model.fit(x)` runs Python: keep it, in its columns.
        return f"{indent}pass;{' ' * (len(match.group(2)) - 5)}{line[match.end() :]}"
    if match := _ASSIGNED_TIMED.match(line):
        return f"{match.group(1)}{' ' * len(match.group(2))}{line[match.end() :]}"
    # `/f x`, `,f x y` and `;f x y` are calls to IPython, and nothing to Python.
    if stripped.startswith(("%", "!", "?", "/", ",", ";")) or _ASSIGNED.match(line):
        return indent + "pass"
    bare = stripped.rstrip()
    if bare.endswith("?") and "#" not in bare and re.fullmatch(r"[\w.%*\[\]()'\"]+\?{1,2}", bare):
        return indent + "pass"
    return None


class _LineScan:
    """Whether the next line begins a statement: outside strings and brackets, not after a backslash."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._backslash = False

    @property
    def fresh(self) -> bool:
        return not self._depth and not self._quote and not self._backslash

    def feed(self, line: str) -> None:
        for match in _QUOTES.finditer(line):
            mark = match.group()
            if self._quote:
                if mark == self._quote:
                    self._quote = ""
                elif len(self._quote) == 1 and mark[:1] == self._quote:
                    self._quote = ""  # `''''`: a quote that closes, then others
            elif mark == "#":
                break
            elif mark[0] in "'\"":
                self._quote = mark
            elif mark in "([{":
                self._depth += 1
            elif mark in ")]}":
                self._depth = max(self._depth - 1, 0)
        self._backslash = line.endswith("\\")
        if len(self._quote) == 1 and not self._backslash:
            self._quote = ""  # a plain string cannot cross lines: an apostrophe that only looked like one
