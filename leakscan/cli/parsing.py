"""argparse, with hints from the command in use, and help that fits one screen."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, cast

from leakscan.cli.output import say, until_closed
from leakscan.errors import EXIT_CLEAN, EXIT_ERROR

_SCREEN_LINES = 50
_WIDEST = 100
_HELP_COLUMN = 34

#: Lists may be empty: `--ignore ""` ignores nothing. What is no path to check is told elsewhere.
_MAY_BE_EMPTY = ("CODES", "PATTERNS")

#: Takes the words of a command line from the first one that is no sub-command.
Otherwise = Callable[["Parser", argparse.Namespace, Sequence[str]], None]

if TYPE_CHECKING:
    _SubParsers = argparse._SubParsersAction["Parser"]  # noqa: SLF001
else:
    _SubParsers = argparse._SubParsersAction  # noqa: SLF001 (it has no public name)


class Commands(_SubParsers):
    """The sub-commands of a parser. A word that is none of them goes to `otherwise`."""

    otherwise: Otherwise

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.known: list[str] = []
        # With choices argparse would refuse a word before `otherwise` sees it.
        self.choices = None  # type: ignore[assignment]

    def add_parser(self, name: str, **options: Any) -> Parser:
        """Add a sub-command; for the options see `Parser`."""
        self.known.append(name)
        return super().add_parser(name, **options)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Hand the rest of the line to the sub-command that its first word names."""
        if values is not None and values[0] not in self.known:
            self.otherwise(cast("Parser", parser), namespace, values)
        else:
            super().__call__(parser, namespace, values, option_string)


class Parser(argparse.ArgumentParser):
    """A command.

    example and exit_codes: the end of its help. program: the name under which what follows `--` is kept, for
    a command that runs a program; argparse would look for options in it. rare: options that only --help-all
    shows, so that --help fits one screen.
    """

    def __init__(
        self,
        *,
        example: str = "",
        exit_codes: str = "",
        program: str | None = None,
        rare: Sequence[str] = (),
        **options: Any,
    ) -> None:
        lines = (f"Example: {example}", f"Exit codes: {exit_codes}")
        super().__init__(allow_abbrev=False, formatter_class=_Help, epilog="\n".join(lines), **options)
        self._program = program
        self._commands: Commands | None = None
        self._rare = frozenset(rare)
        if rare:
            self.add_argument(
                "--help-all", action=_HelpAll, nargs=0, help="show the rarely used options, too"
            )

    def add_commands(self, otherwise: Otherwise) -> Commands:
        """Let the parser have sub-commands. Words that are none go to `otherwise`, with what follows them."""
        made = self.add_subparsers(title="commands", metavar="COMMAND", prog=self.prog, action=Commands)
        self._commands = cast("Commands", made)
        self._commands.otherwise = otherwise
        return self._commands

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, but each command refuses unknown options itself, with a hint from its own."""
        words = list(args)
        if self._program is not None:
            end = words.index("--") if "--" in words else len(words)
            namespace = argparse.Namespace() if namespace is None else namespace
            setattr(namespace, self._program, words[end + 1 :])
            words = words[:end]
        known, unknown = super().parse_known_args(words, namespace)
        if unknown:
            options = [option for action in self._actions for option in action.option_strings]
            hint = _did_you_mean(unknown[0].partition("=")[0], options)
            self.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
        return known, unknown

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        # leakscan check --diff-base "$BASE", where BASE is not set, would check as if nothing had been said
        may_be = action.metavar in _MAY_BE_EMPTY or isinstance(action, Commands) or action.dest == "paths"
        if not arg_string.strip() and not may_be:
            shown = action.option_strings[-1] if action.option_strings else action.metavar
            self.error(f"{shown} is empty; give a value, or leave it out")
        return super()._get_value(action, arg_string)

    def with_choices(self) -> Parser:
        """Show the sub-commands as argparse does, for who reads the parser."""
        if self._commands is not None:
            self._commands.choices = dict(self._commands._name_parser_map)  # noqa: SLF001
            for child in self._commands.choices.values():
                child.with_choices()
        return self

    def nearest_command(self, word: str) -> str:
        """A hint at the sub-command that is nearly `word`; empty where none is."""
        return "" if self._commands is None else _did_you_mean(word, self._commands.known)

    def error(self, message: str) -> NoReturn:
        """End with one line instead of the usage."""
        say(f"error: {message}")
        self.exit(EXIT_ERROR)

    def format_help(self) -> str:
        """The help without rare options, and where it needs more than a screen without blank lines."""
        rare = {action: action.help for action in self._actions if self._rare & set(action.option_strings)}
        for action in rare:
            action.help = argparse.SUPPRESS
        try:
            text = super().format_help()
        finally:
            for action, words in rare.items():
                action.help = words
        if text.count("\n") <= _SCREEN_LINES:
            return text
        head, first, groups = text.partition("positional arguments:\n")
        return head + first + re.sub(r"\n(?=\n\S[^\n]*:\n)", "", groups)

    def format_whole_help(self) -> str:
        """The help with every option."""
        return super().format_help()


class _HelpAll(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        text = cast("Parser", parser).format_whole_help()
        parser.exit(until_closed(sys.stdout.write, text, code=EXIT_CLEAN))


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str, **options: Any) -> None:
        width = min(shutil.get_terminal_size().columns, _WIDEST)
        super().__init__(prog, **{"max_help_position": _HELP_COLUMN, "width": width, **options})

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        import textwrap

        lines = text.splitlines()
        return "\n".join(textwrap.fill(f"{indent}{line}", width, subsequent_indent="  ") for line in lines)


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    from leakscan.words import did_you_mean  # not needed where nothing is wrong

    return did_you_mean(word, known)


class OneOf:
    """The type of an option with a few values, `words`; what is none of them gets a hint."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words

    def __call__(self, text: str) -> str:
        """The text. Raises argparse.ArgumentTypeError."""
        if text in self.words:
            return text
        hint = _did_you_mean(text, self.words)
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(self.words)}{hint}")


def positive(text: str) -> int:
    """A whole number from 1 on. Raises argparse.ArgumentTypeError."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def output_file(text: str) -> str:
    """The path of a file to write. Raises argparse.ArgumentTypeError for a program, which would be lost."""
    # leakscan check --write-baseline train.py
    if text.endswith((".py", ".pyi", ".ipynb")):
        raise argparse.ArgumentTypeError(f"{text!r} names a program; name another file")
    return text


def count(text: str) -> int:
    """A whole number from 0 on. Raises argparse.ArgumentTypeError."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number; give 0 or more")
    return int(text)


_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """The seconds that `90`, `90s`, `10m` or `1.5h` mean. Raises argparse.ArgumentTypeError."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?)\s*(s|m|min|h|)\s*", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; write 90s, 10m or 1h")
    return float(match.group(1)) * _UNITS[match.group(2)]


def percent(text: str) -> float:
    """The fraction that `2` or `2%` means. Raises argparse.ArgumentTypeError."""
    match = re.fullmatch(r"(\d+(?:\.\d*)?)\s*%?", text)
    if match is None or not 0 < float(match.group(1)) < 100:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"{text!r} is not a percentage between 0 and 100")
    return float(match.group(1)) / 100


def add_rules_dir(parser: argparse._ActionsContainer) -> None:
    """The option by which rules are added; their code is run."""
    parser.add_argument(
        "--rules-dir",
        metavar="DIR",
        action="append",
        default=[],
        help="also load rules, which are code, from DIR",
    )


def add_color(parser: argparse._ActionsContainer) -> None:
    """The option that says whether to print in colours."""
    from leakscan.cli.terminal import COLORS

    parser.add_argument(
        "--color",
        metavar="WHEN",
        type=OneOf(COLORS),
        default=COLORS[0],
        help="print in colours: auto (default), always, never",
    )


def add_cache_dir(parser: argparse._ActionsContainer) -> None:
    """The option by which the folder of the cache is told."""
    parser.add_argument("--cache-dir", metavar="DIR", help="keep the cache in DIR")


REPORTS = ("html", "json", "csv", "markdown")


def add_reports(parser: argparse._ActionsContainer) -> None:
    """The options that name files for reports of a measurement."""
    for name in REPORTS:
        title = name.upper() if name != "markdown" else "Markdown"
        parser.add_argument(
            f"--{name}", metavar="FILE", type=output_file, help=f"write the {title} report to FILE"
        )
