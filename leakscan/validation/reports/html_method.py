"""How it was measured, where, how to repeat it, and every run: the end of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leakscan.validation import noise, wording
from leakscan.validation.measurements import Run, Source
from leakscan.validation.reports.html_markup import as_table, bullets, escaped, row_cells
from leakscan.validation.reports.table import setting_rows
from leakscan.validation.results import Result


def method(result: Result) -> str:
    """The instruments, the protocol and what the statistics are."""
    return bullets([*_method_lines(result), *(_source_line(source) for source in result.sources)])


def _method_lines(result: Result) -> Iterator[str]:
    window = {
        "body": "the body of the script, without start-up and imports",
        "pass": "a pass of the loop after its first one: runs end early",
        "process": "the whole process, from start to exit",
    }[result.window]
    yield f"Energy, CPU time and wall time are those of {window}."
    yield (
        "One warm-up of each arm is thrown away. Then come blocks: each arm runs once in each block, in an "
        f"order that is random and balanced (seed {result.plan.get('seed')})."
    )
    yield "A block counts when all of its runs do. Runs are dropped by cause, never by value."
    yield "The change is the ratio of geometric means, with a 95 % t-interval of the blocks' log ratios."
    yield (
        f"Verdicts: equivalent when the change is shown to lie within {100 * result.margin:g} % (two "
        "one-sided tests); else less or more when a paired t-test of the log ratios shows a difference; else "
        f"inconclusive. The level is {result.alpha:g}, adjusted for the fixes by Holm's method, for each "
        "metric on its own. Fewer than 6 blocks give no verdict; a fix that fails or prints other numbers is "
        "invalid."
    )
    yield (
        "Memory per iteration is the median over blocks of each run's Theil-Sen slope, with the interval of "
        "the sign test."
    )
    if result.loop is not None:
        yield f"Iterations are those of the loop at {result.loop.path}:{result.loop.line} in the original."


def _source_line(source: Source) -> str:
    return f"Energy of the {source.device.upper()}: {source.provenance.value}; {source.detail}."


def environment_table(result: Result) -> str:
    """The machine and the software."""
    machine = result.environment
    versions = {each.package: each.version for run in result.runs for each in run.versions}
    yes = {True: "yes", False: "no", None: "not known"}
    rows = [
        ("system", f"{machine.system}, {machine.machine}"),
        ("processor", machine.cpu_model or "not known"),
        ("logical CPUs", str(machine.logical_cpus)),
        (
            "memory",
            "not known" if machine.memory_bytes is None else wording.amount(machine.memory_bytes, "B"),
        ),
        ("GPU", ", ".join(machine.gpus) or "none"),
        ("virtualisation", machine.virtualisation or "none seen"),
        ("kernel", machine.kernel or "not known"),
        ("usable CPUs", "not known" if machine.usable_cpus is None else str(machine.usable_cpus)),
        *((f"limit of the control group, {name}", value) for name, value in machine.cgroup_limits.items()),
        ("frequency governor", machine.governor or "not known"),
        ("turbo", yes[machine.turbo]),
        ("on battery", yes[machine.on_battery]),
        (
            "load average before",
            "not known" if machine.load_average is None else f"{machine.load_average:.2f}",
        ),
        ("leakscan", machine.leakscan_version),
        ("codecarbon", machine.codecarbon_version or "not used"),
        *((f"{package} (of the program)", version) for package, version in sorted(versions.items())),
    ]
    rows += [
        (
            f"idle power {idle.when}",
            wording.digits(idle.window.energy_joules / idle.window.wall_seconds) + " W",
        )
        for idle in result.idles
        if idle.window.energy_joules is not None and idle.window.wall_seconds > 0
    ]
    rows += [("noise before the experiment", noise.in_words(found)) for found in result.noises]
    return _pairs(rows)


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    return as_table(
        "", [f'<tr><th>{escaped(a)}</th><td class="wrap">{escaped(b)}</td></tr>' for a, b in rows]
    )


def repeat(result: Result) -> str:
    """The commands and settings that make the measurement again."""
    plan = result.plan
    seed = plan.get("program_seed")
    seeding = "not seeded" if seed is None else f"seeded with {seed} where they do not seed themselves"
    lines = [
        f"Order of the runs: seed {plan.get('seed')}; the programs' generators are {seeding}.",
        f"Interpreter: {plan.get('python')}. Blocks wanted: {plan.get('blocks')}.",
        f"Printed numbers agree within a relative {plan.get('tolerance')}.",
        "The JSON report holds every run; leakscan report FILE.json --html OUT.html makes this page.",
    ]
    setting = result.setting
    if setting is None:
        return f"<pre><span>{escaped(result.command)}</span></pre>{bullets(lines)}"
    packages = "".join(
        f"<span>{escaped(f'{name}=={version}')}</span>" for name, version in setting.packages.items()
    )
    return (
        f"<pre><span>{escaped(setting.command)}</span></pre>{_pairs(setting_rows(result))}{bullets(lines)}"
        f"<details><summary>The {len(setting.packages)} packages of the program's interpreter</summary>"
        f"<pre>{packages}</pre></details>"
    )


def every_run(result: Result) -> str:
    """A table of all runs, used or not."""
    used = set(result.used_blocks)
    rows = [
        f"<tr>{row_cells(_run_lead(run))}{row_cells(_run_numbers(run), 'n')}{_run_remark(run, used)}</tr>"
        for run in result.runs
    ]
    head = row_cells(["block", "arm"], tag="th")
    names = ["body, s", "process, s", "body CPU, s", "body energy", "process energy", "peak memory"]
    head += row_cells([*names, "iterations", "foreign CPU"], "n", tag="th") + "<th>counts</th>"
    return as_table(head, rows)


def _run_lead(run: Run) -> list[str]:
    return ["warm-up" if run.block is None else str(run.block + 1), run.arm]


def _run_numbers(run: Run) -> list[str]:
    body = run.body
    foreign = run.foreign_cpu_share
    return [
        "-" if body is None else f"{body.wall_seconds:.2f}",
        f"{run.process.wall_seconds:.2f}",
        "-" if body is None or body.cpu_seconds is None else f"{body.cpu_seconds:.2f}",
        "-" if body is None else wording.amount(body.energy_joules, "J"),
        wording.amount(run.process.energy_joules, "J"),
        wording.amount(run.peak_rss_bytes, "B"),
        ", ".join(str(count) for count in run.iterations) or "-",
        "-" if foreign is None else f"{100 * foreign:.1f} %",
    ]


def _run_remark(run: Run, used: set[int]) -> str:
    if run.fault is not None:
        text = f"no: {run.fault.cause.value}, {run.fault.message}"
    elif run.block is None:
        text = "no: warm-up"
    else:
        text = "yes" if run.block in used else "no: the block is not complete"
    if run.disagreement is not None:
        text += f"; {run.disagreement}"
    return f'<td class="wrap">{escaped(text)}</td>'
