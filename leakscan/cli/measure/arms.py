"""The options of `validate` -> the program, its arms and the plan."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace

from leakscan.errors import LeakscanError
from leakscan.validation import targets as t
from leakscan.validation import verdicts
from leakscan.validation.against import hold_against
from leakscan.validation.carbon import Carbon, carbon_from_country, carbon_from_intensity
from leakscan.validation.counted import count_loops
from leakscan.validation.forecast import MOST_BLOCKS
from leakscan.validation.measurements import Source
from leakscan.validation.meters import is_physical
from leakscan.validation.plan import FOREIGN_CPU_LIMIT, Plan
from leakscan.validation.variants import ORIGINAL, Making, Variants
from leakscan.words import did_you_mean

_DEFAULT_BLOCKS = 10
_IDLE_SECONDS = 10.0


def require_sense_of_cuts(arguments: argparse.Namespace) -> None:
    """Raises LeakscanError where runs cannot be cut as the options say."""
    is_cut = arguments.iterations is not None or arguments.until is not None
    if arguments.loop is not None and not is_cut:
        raise LeakscanError("--loop chooses where runs end: give --iterations N or --until TIME with it")
    if is_cut and arguments.command is not None:
        raise LeakscanError("--iterations and --until need a Python script or -m MODULE, not --command")


def targets(arguments: argparse.Namespace) -> list[t.Target]:
    """The programs that are named: one, or all scripts of a directory."""
    rest = [*([arguments.script] if arguments.script is not None else []), *arguments.arguments]
    if arguments.module is not None:
        return [t.module_target(arguments.module, rest)]
    if arguments.command is not None:
        return [t.command_target([*shlex.split(arguments.command), *rest])]
    if arguments.script is None:
        raise LeakscanError("give a script, -m MODULE or --command; see leakscan validate --help")
    if os.path.isdir(arguments.script):
        return t.script_targets(arguments.script, arguments.arguments)
    return [t.script_target(arguments.script, arguments.arguments)]


def variants(target: t.Target, arguments: argparse.Namespace) -> Variants:
    """The arms that were asked for: all fixes, the programs of `--against`, or those that `--arms` names."""
    making = Making(target)
    if arguments.iterations is not None or arguments.until is not None:
        making.arm = replace(
            making.arm, loops=count_loops(making.arm.loops, target, making.texts, arguments.loop)
        )
        if arguments.until is None and not any(loop.is_counted for loop in making.arm.loops):
            raise LeakscanError(
                "--iterations: no loop is flagged here; choose one with --loop [FILE:]LINE, or a time with "
                "--until"
            )
    if arguments.self_test:
        return replace(making.original(), fixed=(making.again(),), refused=(), advice=())
    wanted = _names(arguments.arms)
    made = making.original() if arguments.against and wanted is None else making.with_fixes(wanted)
    if arguments.against:
        made = hold_against(made, making, target, arguments.against)
    if wanted is not None:
        _require_known(wanted, made, making)
        made = replace(
            made, fixed=tuple(arm for arm in made.fixed if arm.name in wanted), refused=(), advice=()
        )
    return made


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [word.strip() for word in text.split(",") if word.strip()]


def _require_known(wanted: Sequence[str], made: Variants, making: Making) -> None:
    known = [arm.name for arm in made.arms]
    aliases = dict(made.same)
    for name in wanted:
        if name in aliases:
            raise LeakscanError(f"--arms: {name} gives the same program as {aliases[name]}; name that one")
        if name not in known:
            available = [arm.name for arm in making.with_fixes().arms]
            known = list(dict.fromkeys([*known, *available]))
            raise LeakscanError(
                f"--arms: no arm {name!r}{did_you_mean(name, known)}; there are {', '.join(known)}"
            )
    if not set(wanted) - {ORIGINAL}:
        raise LeakscanError(f"--arms: name at least one arm besides {ORIGINAL}")


def interpreter(arguments: argparse.Namespace) -> str:
    """The absolute path of the arms' interpreter, since they run in other folders.

    Links are not resolved: the one of a virtual environment is what makes it that environment.
    """
    if arguments.python is None:
        return sys.executable
    found: str | None = shutil.which(arguments.python)
    if found is None:
        raise LeakscanError(f"--python: {arguments.python}: no such program")
    return os.path.abspath(found)


def plan(made: Variants, python: str, sources: Sequence[Source], arguments: argparse.Namespace) -> Plan:
    """What is run, how often, and what makes a run invalid."""
    physical = is_physical(sources)
    return Plan(
        arms=made.arms,
        python=python,
        blocks=arguments.runs or _default_blocks(arguments),
        warm_ups=arguments.warmup,
        prepare=arguments.prepare,
        outputs_may_differ=arguments.outputs_may_differ,
        seed=arguments.seed,
        program_seed=arguments.seed,
        # Neither happens without a counter or sensor, so neither is taken off a budget.
        cooldown_seconds=arguments.cooldown if physical else 0.0,
        idle_seconds=_IDLE_SECONDS if physical else 0.0,
        timeout_seconds=arguments.timeout,
        budget_seconds=arguments.budget,
        foreign_cpu_limit=None if arguments.keep_disturbed else FOREIGN_CPU_LIMIT,
        passes=arguments.iterations,
        body_seconds=arguments.until,
    )


def _default_blocks(arguments: argparse.Namespace) -> int:
    if arguments.runs == 0:
        return MOST_BLOCKS
    is_cut = arguments.iterations is not None or arguments.until is not None
    return verdicts.MINIMUM_BLOCKS if is_cut else _DEFAULT_BLOCKS


def carbon(arguments: argparse.Namespace) -> Carbon | None:
    """How grams of CO2e are made of joules, where that was asked for."""
    if arguments.carbon_intensity is not None:
        return carbon_from_intensity(arguments.carbon_intensity)
    if arguments.country is not None:
        return carbon_from_country(arguments.country)
    return None
