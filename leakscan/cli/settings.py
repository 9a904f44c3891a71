"""The options of `check` -> what the engine is asked: a request, the rules, a configuration."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from leakscan.errors import LeakscanError
from leakscan.records import dataclass

if TYPE_CHECKING:
    from leakscan.cache import Cache
    from leakscan.cards import RuleCard, Rules
    from leakscan.cluster import Cluster
    from leakscan.config import ConfigResolver, Strategies
    from leakscan.config.reading import Layer
    from leakscan.registry import LoadedRule
    from leakscan.reporters.formats import RulePage
    from leakscan.rule import Rule
    from leakscan.runner import Request

_CARDS, _BUILTIN = "cards", "built-in"


def request(arguments: argparse.Namespace) -> Request:
    """What is to be checked; standard input is read here. Raises LeakscanError for paths that do not fit."""
    from leakscan.runner import Request, Standard

    paths = tuple(arguments.paths)
    standard = None
    if "-" in paths or (arguments.stdin_filename and not paths):
        if len(paths) > 1:
            raise LeakscanError("- (standard input) cannot be combined with other paths")
        if sys.stdin is None:  # closed by the caller: `<&-`
            raise LeakscanError("standard input is closed; name a file, or send a program")
        stream = sys.stdin.buffer if isinstance(sys.stdin, io.TextIOWrapper) else sys.stdin
        try:
            data = stream.read()
        except (OSError, ValueError) as error:
            raise LeakscanError(f"standard input cannot be read: {error}") from error
        standard = Standard(data.encode() if isinstance(data, str) else data, arguments.stdin_filename)
        paths = ()
    elif arguments.stdin_filename:
        raise LeakscanError("--stdin-filename can only be used with - (standard input)")
    elif not paths:
        paths = (".",)
    return Request(
        paths, standard, arguments.force_exclude, arguments.report_unused_suppressions, arguments.strict
    )


@dataclass(frozen=True, slots=True)
class Given:
    """What `--config` is given: a file to read, and settings over all files."""

    file: str | None = None
    options: Layer | None = None


def given_config(arguments: argparse.Namespace) -> Given:
    """Tell files from settings in the values of `--config`. Raises LeakscanError."""
    from leakscan.config.reading import layer_of_options

    files: list[str] = []
    texts: list[str] = []
    for value in arguments.config or ():
        (texts if "=" in value and not os.path.exists(value) else files).append(value)
    if len(files) > 1:
        raise LeakscanError(f"--config: one file can be read, not {' and '.join(files)}")
    if files and arguments.isolated:
        raise LeakscanError("--config FILE cannot be used with --isolated; leave one out")
    return Given(files[0] if files else None, layer_of_options(texts))


def rules_dirs(given: Iterable[str]) -> tuple[str, ...]:
    """The directories of rules that `--rules-dir` and the configuration of the current directory name."""
    from leakscan.config import configured_rules_dirs
    from leakscan.discovery import absolute

    return tuple(dict.fromkeys([*map(absolute, given), *configured_rules_dirs()]))


def rules_dirs_of_check(arguments: argparse.Namespace, config: Given) -> tuple[str, ...]:
    """The directories of rules of a check: by options and the configuration, of projects only on request."""
    from leakscan.config import configured_rules_dirs, project_rules_dirs
    from leakscan.config.reading import rules_dirs_of
    from leakscan.discovery import absolute

    found = [*map(absolute, arguments.rules_dir)]
    if config.options is not None:
        found += rules_dirs_of([config.options])
    if not arguments.isolated:
        try:
            found += configured_rules_dirs(config.file)
        except LeakscanError:
            if config.file is not None:
                raise
            # One that was found is told where it holds; the rest is checked.
    if arguments.allow_project_rules and not arguments.isolated and config.file is None:
        found += project_rules_dirs(arguments.paths or (".",))
    return tuple(dict.fromkeys(found))


def load(directories: Iterable[str]) -> Sequence[LoadedRule]:
    """The built-in and installed rules, and those of the directories."""
    from leakscan.registry import load_rules

    here = os.getcwd() + os.sep
    return load_rules(directory.removeprefix(here) for directory in directories)


def rules(directories: Sequence[str], cache: Cache | None) -> Rules:
    """The rules of a check; those that a cache knows are loaded when a project must be judged."""
    from leakscan.cards import Rules, cards_from_bytes, cards_to_bytes, rules_of
    from leakscan.rule_sources import may_be_installed

    def loaded() -> Sequence[Rule]:
        return [item.rule for item in load(directories)]

    # What rules of others rest on is not known.
    if directories or may_be_installed():
        return rules_of(loaded())
    data = None if cache is None else cache.get(_CARDS, _BUILTIN)
    cards = None if data is None else cards_from_bytes(data)
    if cards:
        return Rules(cards, loaded, stable=True)
    made = rules_of(loaded(), stable=True)
    if cache is not None:
        cache.put(_CARDS, _BUILTIN, cards_to_bytes(made.cards))
    return made


def pages(directories: Sequence[str]) -> Mapping[str, RulePage]:
    """The page of each rule, by code, for formats that carry them; empty text where a rule has none."""
    from leakscan.reporters.formats import RulePage
    from leakscan.suppressions import OWN_NAMES, OWN_PAGES

    found = {code: RulePage(OWN_NAMES[code].replace("-", " "), page) for code, page in OWN_PAGES.items()}
    for item in load(directories):
        try:
            text = (item.folder / "README.md").read_text(encoding="utf-8")
        except OSError:
            text = item.rule.summary
        found[item.rule.code] = RulePage(item.rule.summary, text)
    return found


def cache(arguments: argparse.Namespace, config: Given) -> Cache | None:
    """The cache of a check, as its options say; None where there is none."""
    if arguments.no_cache:
        return None
    from leakscan.cache import open_cache
    from leakscan.rule_sources import PACKAGE, builtin_rules

    try:
        folder = cache_folder(arguments, config.file)
    except LeakscanError:
        return None  # what is wrong with the configuration is told where it holds
    return None if folder is None else open_cache(folder, (PACKAGE, builtin_rules()))


def cache_folder(arguments: argparse.Namespace, file: str | None) -> str | None:
    """The folder of the cache: as told, else beside the configuration, else that of the user."""
    from leakscan.cache import FOLDER, user_folder
    from leakscan.config import configured_at

    told = arguments.cache_dir or os.environ.get("LEAKSCAN_CACHE_DIR")
    if told:
        return told
    beside = None if arguments.isolated else configured_at(file)
    if beside is not None:
        return os.path.join(beside, FOLDER)
    own = user_folder()
    return None if own is None else os.path.join(own, "results")


def jobs(arguments: argparse.Namespace) -> int:
    """How many processes may work at once."""
    from leakscan.workers import usable_cores

    told: int | None = arguments.jobs
    return told or usable_cores()


def cluster(arguments: argparse.Namespace) -> Cluster | None:
    """The cluster that checks the projects, if one is named. Raises LeakscanError if it does not answer."""
    if arguments.scheduler is None:
        return None
    from leakscan.cluster import Cluster

    return Cluster(arguments.scheduler)


def close(cluster: Cluster | None, cache: Cache | None) -> None:
    """Let go what a check has used."""
    if cluster is not None:
        cluster.close()
    if cache is not None:
        cache.close()


def configs(
    arguments: argparse.Namespace, rules: Sequence[RuleCard], directories: Sequence[str], config: Given
) -> ConfigResolver:
    """The configuration of each directory, under the options. Raises LeakscanError for unknown codes."""
    from leakscan.config import ConfigResolver, Overrides, selector_problem
    from leakscan.diagnostics import Confidence, FailLevel, Severity
    from leakscan.discovery import absolute
    from leakscan.suppressions import OWN_NAMES

    known = [*(rule.code for rule in rules), *OWN_NAMES]
    strategies = {rule.code: rule.strategies for rule in rules}

    def selectors(option: str) -> tuple[str, ...] | None:
        values = _split(getattr(arguments, option))
        if option == "select" and values == ():  # it would check nothing, and pass
            raise LeakscanError("--select: names no rule")
        for value in values or ():
            if problem := selector_problem(value, known):
                raise LeakscanError(f"--{option.replace('_', '-')}: {problem}")
        return values

    overrides = Overrides(
        select=selectors("select"),
        extend_select=selectors("extend_select") or (),
        ignore=selectors("ignore"),
        exclude=_split(arguments.exclude),
        extend_exclude=_split(arguments.extend_exclude) or (),
        min_severity=Severity[arguments.min_severity.upper()] if arguments.min_severity else None,
        min_confidence=Confidence[arguments.min_confidence.upper()] if arguments.min_confidence else None,
        fail_level=FailLevel[arguments.fail_level.upper()] if arguments.fail_level else None,
        unsafe_fixes=arguments.unsafe_fixes,
        strategies=tuple(_strategies(arguments, strategies)),
        rules_dirs=tuple(map(absolute, arguments.rules_dir)),
    )
    return ConfigResolver(
        overrides,
        known,
        file=config.file,
        isolated=arguments.isolated,
        options=config.options,
        strategies=strategies,
        rules_dirs=directories,
    )


def _strategies(arguments: argparse.Namespace, known: Strategies) -> Iterator[tuple[str, str]]:
    from leakscan.config import strategy_problem

    for value in _split(arguments.strategy) or ():
        code, equals, name = value.partition("=")
        if not equals or not name:
            raise LeakscanError(f"--strategy: {value!r} is not CODE=NAME, such as IMR001=reuse")
        if problem := strategy_problem(code, name, known):
            raise LeakscanError(f"--strategy: {problem}")
        yield code, name


def _split(values: list[str] | None) -> tuple[str, ...] | None:
    if values is None:
        return None
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
