"""`leakscan rule`: explains rules, makes new ones and checks them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from leakscan.cli import settings
from leakscan.cli.output import print_lines, until_closed
from leakscan.cli.parsing import Commands, Parser, add_color, add_rules_dir
from leakscan.errors import EXIT_CLEAN, EXIT_FINDINGS, LeakscanError

if TYPE_CHECKING:
    from leakscan.registry import LoadedRule
    from leakscan.reporters.text import Line
    from leakscan.rule import Rule

_NO_CHOICE = "give one rule code, or --all"


def add(commands: Commands) -> None:
    """Add the command to those of `leakscan`."""
    parser = commands.add_parser(
        "rule",
        help="explain a rule, make a new one, check rule folders",
        description="Explain the rule of a CODE such as IMR001, or list all rules.",
        usage="leakscan rule CODE\n       leakscan rule --all\n       leakscan rule COMMAND [OPTIONS] ...",
        example="leakscan rule IMR001",
        exit_codes="0 the rule was shown, 2 there is no such rule",
    )
    parser.add_argument("--all", action="store_true", help="list every rule")
    add_rules_dir(parser)
    add_color(parser)
    parser.set_defaults(run=lambda arguments: run(arguments, parser), code=None)
    commands = parser.add_commands(_take_code)
    _add_new(commands)
    _add_test(commands)


def _take_code(parser: Parser, arguments: argparse.Namespace, words: Sequence[str]) -> None:
    """A word that is no command is a code; after it come options."""
    if arguments.code is not None:
        parser.error(_NO_CHOICE)
    arguments.code, *rest = words
    parser.parse_known_args(rest, arguments)


def _add_new(commands: Commands) -> None:
    parser = commands.add_parser(
        "new",
        help="make a rule folder that works, to be changed",
        description="Make a rule folder that works, for its author to change.",
        usage="leakscan rule new [OPTIONS] CODE NAME",
        example="leakscan rule new ABC001 tensor-kept-in-container --dir my_rules",
        exit_codes="0 the folder was made, 2 it could not be made",
    )
    parser.set_defaults(run=_new)
    parser.add_argument("code", metavar="CODE", help="the code of the rule, such as ABC001")
    parser.add_argument("name", metavar="NAME", help="the name of the rule, such as tensor-kept-in-container")
    parser.add_argument("--dir", metavar="DIR", default=".", help="make the folder in DIR (default: .)")
    add_rules_dir(parser)


def _add_test(commands: Commands) -> None:
    parser = commands.add_parser(
        "test",
        help="check rule folders: their files, examples and fixes",
        description="Check rule folders: their files, what is reported in examples, what fixes make.",
        usage="leakscan rule test DIR",
        example="leakscan rule test my_rules",
        exit_codes="0 all is well, 1 there are problems, 2 a rule could not be loaded",
    )
    parser.set_defaults(run=_test)
    parser.add_argument("directory", metavar="DIR", help="a rule folder, or a folder of rule folders")


def run(arguments: argparse.Namespace, parser: Parser) -> int:
    """Show the page of a rule, or the table of all."""
    from leakscan.suppressions import OWN_NAMES, OWN_PAGES
    from leakscan.words import did_you_mean

    if arguments.all == (arguments.code is not None):
        raise LeakscanError(_NO_CHOICE)
    rules = _known_rules(arguments)
    if arguments.all:
        return until_closed(_print_table, rules, code=EXIT_CLEAN)
    names = {**{loaded.rule.code: loaded.rule.name for loaded in rules}, **OWN_NAMES}
    word = arguments.code.lower()
    for loaded in rules:
        if word in (loaded.rule.code.lower(), loaded.rule.name):
            return until_closed(_print_page, _page(loaded), code=EXIT_CLEAN)
    for code, name in OWN_NAMES.items():
        if word in (code.lower(), name):
            return until_closed(_print_page, OWN_PAGES[code], code=EXIT_CLEAN)
    hint = did_you_mean(word, [*names, *names.values()]) or parser.nearest_command(arguments.code)
    raise LeakscanError(f"unknown rule {arguments.code!r}{hint}")


def _known_rules(arguments: argparse.Namespace) -> Sequence[LoadedRule]:
    """Every rule that a check in the current directory would know."""
    return settings.load(settings.rules_dirs(arguments.rules_dir))


def _new(arguments: argparse.Namespace) -> int:
    from leakscan.scaffold import new_rule

    taken = {loaded.rule.code: loaded.folder for loaded in _known_rules(arguments)}
    if arguments.code in taken:
        raise LeakscanError(f"the code {arguments.code} is used by {taken[arguments.code]}")
    folder, files = new_rule(arguments.code, arguments.name, arguments.dir)
    lines = [
        *map(str, files),
        "",
        f"A rule that works, to be changed into yours. Check it with: leakscan rule test {folder}",
        f"Use it with: leakscan check --rules-dir {arguments.dir}",
    ]
    return until_closed(print_lines, [[(line, "")] for line in lines], code=EXIT_CLEAN)


def _test(arguments: argparse.Namespace) -> int:
    from leakscan.reporters.text import plural
    from leakscan.testing import cases_of, load_folders

    folders = load_folders(arguments.directory)
    found = 0
    for folder in folders:
        problems = [problem for case in cases_of(folder) for problem in case.problems()]
        found += len(problems)
        lines = [f"{folder.rule.code} {folder.rule.name}: {folder.contents()}"]
        lines += [f"  {line}" for item in problems for line in str(item).splitlines()]
        until_closed(print_lines, [[(line, "")] for line in lines], code=EXIT_CLEAN)
    end = f"Tested {plural(len(folders), 'rule')}: {plural(found, 'problem') if found else 'all is well'}."
    return until_closed(print_lines, [[(end, "")]], code=EXIT_FINDINGS if found else EXIT_CLEAN)


def _page(loaded: LoadedRule) -> str:
    path = loaded.folder / "README.md"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LeakscanError(f"{path}: cannot be read: {error.strerror}") from error


def _print_page(page: str) -> None:
    from leakscan.cli.terminal import console, is_terminal

    if is_terminal(sys.stdout):
        from rich.markdown import Markdown

        # Where links cannot be clicked their addresses must be read.
        console(sys.stdout).print(Markdown(page, hyperlinks=False))
    else:
        sys.stdout.write(page if page.endswith("\n") else page + "\n")
    sys.stdout.flush()


def _print_table(rules: Sequence[LoadedRule]) -> None:
    from leakscan.cli.terminal import width_of, wrapped

    width = width_of(sys.stdout)
    if width is not None:
        print_lines(wrapped(_listed(rules), width))
        return
    heads = ("code", "name", "severity", "default", "from", "summary")
    rows = [
        (r.code, r.name, r.severity.label, _default(r), loaded.origin, r.summary)
        for loaded, r in ((loaded, loaded.rule) for loaded in rules)
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for row in (heads, *rows):
        cells = (cell.ljust(size) for cell, size in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
    sys.stdout.flush()


def _listed(rules: Sequence[LoadedRule]) -> Iterator[Line]:
    """Two paragraphs for each rule: columns for all of it need more than 120 cells."""
    from leakscan.registry import BUILTIN

    for loaded in rules:
        rule = loaded.rule
        origin = "" if loaded.origin == BUILTIN else f", from {loaded.origin}"
        yield [
            (rule.code, rule.severity.label),
            (f" {rule.name}", "message"),
            (f" ({rule.severity.label}, {_default(rule)}{origin})", ""),
        ]
        yield [("    ", ""), (rule.summary, "")]


def _default(rule: Rule) -> str:
    return "on" if rule.enabled_by_default else "off"
