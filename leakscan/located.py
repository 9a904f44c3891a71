"""The syntax trees of files with findings: where the nodes that facts number stand, and the fixes.

This is a second parse, by LibCST, for files that are named in findings only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import libcst as cst

from leakscan.codemods.rewriting import Code
from leakscan.diagnostics import Applicability, Fix, Span
from leakscan.edits import line_edits
from leakscan.facts.authority import Tokens, locate
from leakscan.facts.model import ModuleFacts
from leakscan.files import Source
from leakscan.interpreter.project import Project
from leakscan.parsing import parse_quietly
from leakscan.records import dataclass
from leakscan.rule import Report, Strategy


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree of a file, its nodes by the numbers that facts have, and what it is written with."""

    module: cst.Module
    nodes: Mapping[int, cst.CSTNode]
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class File:
    """A file as LibCST reads it, with the facts that it sees; tree: None where it cannot read it."""

    facts: ModuleFacts
    tree: Tree | None
    spans: Mapping[int, Span]


def locate_file(source: Source, wanted: Collection[int]) -> File:
    """Read a file again; its spans are those of the wanted nodes, as far as there are such nodes."""
    found = locate(source.text, wanted)
    spans = {number: source.span(*found.ranges[number]) for number in wanted if number in found.ranges}
    tree = None
    if found.tree is not None and found.tokens is not None:
        tree = Tree(found.tree, found.nodes, found.tokens)
    return File(found.facts, tree, spans)


def code_of(tree: Tree, linked: Project, module: int) -> Code:
    """Return a module of a project as codemods see it."""
    return Code(tree.module, tree.nodes, linked, module, tree.tokens)


def remedy(strategy: Strategy, report: Report, code: Code, source: Source) -> Fix:
    """Return the fix of a report. Raises RefusedError, UneditableError, and what a strategy may raise."""
    rewrite = strategy.rewrite(report, code)
    if rewrite.tree is None:
        return Fix(strategy.name, Applicability.DISPLAY, rewrite.message)
    changed = _with_the_end_of(source.text, code.written(rewrite.tree))
    _must_parse(changed)
    read = _with_the_end_of(source.text, code.source) if "\f" in source.text else None
    edits = line_edits(source, changed, read)
    return Fix(strategy.name, rewrite.applicability, rewrite.message, edits, rewrite.by_name)


def _with_the_end_of(text: str, changed: str) -> str:
    """Return `changed`, made from the tree of `text`, with the whitespace at its end as `text` has it.

    LibCST loses lines of blanks before a last one that has no end and is indented less than the code.
    """
    return changed.rstrip() + text[len(text.rstrip()) :]


def _must_parse(changed: str) -> None:
    """Raise an error for a fix that is not Python: a mistake of the strategy."""
    try:
        parse_quietly(changed)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass  # it may be newer than the Python that runs this
    else:
        return
    try:
        cst.parse_module(changed)
    except cst.ParserSyntaxError as error:
        raise ValueError(f"the result does not parse: {error.message} at line {error.raw_line}") from error


__all__ = ["File", "Tree", "code_of", "locate_file", "remedy"]
