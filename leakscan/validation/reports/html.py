"""A result as one page that stands alone: no script, no request; light or dark, any width, on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from leakscan.reporters.text import clean
from leakscan.validation import noise, trends, wording
from leakscan.validation.measurements import Run, Source
from leakscan.validation.reports import plots
from leakscan.validation.reports.table import facts, groups, setting_rows
from leakscan.validation.results import ArmResult, Basis, Metric, Quantity, Result
from leakscan.validation.series import run_energies, window_of
from leakscan.validation.verdicts import Comparison, Verdict

_CSS = """
:root { color-scheme: light dark; --ink: #1f2328; --muted: #57606a; --grid: #d8dee4; --paper: #ffffff;
  --card: #f6f8fa; --good: #116329; --bad: #a40e26; --warn: #7a4d00; --warn-card: #fff5d6; --added: #dafbe1;
  --removed: #ffebe9; --series-0: #57606a; --series-1: #0072b2; --series-2: #d55e00; --series-3: #007a5a;
  --series-4: #aa4499; --series-5: #8a6d00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --muted: #9aa5b1; --grid: #333b45;
  --paper: #0d1117; --card: #161b22; --good: #56d364; --bad: #ff8a80; --warn: #f2cc60; --warn-card: #2b2410;
  --added: #12361f; --removed: #4a1b1e; --series-0: #9aa5b1; --series-1: #56b4e9; --series-2: #ff9248;
  --series-3: #3fc9a0; --series-4: #e08bd5; --series-5: #e3c04a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 74rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--grid); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p, ul { margin: .5rem 0; max-width: 60rem; } ul { padding-left: 1.2rem; }
code, pre { font: .86em/1.5 ui-monospace, SFMono-Regular, Consolas, monospace; }
code { overflow-wrap: anywhere; }
.muted { color: var(--muted); }
.card { background: var(--card); border: 1px solid var(--grid); border-radius: 8px; padding: .75rem 1rem;
  margin: 1rem 0; }
.card p:first-child { margin-top: 0; } .card p:last-child { margin-bottom: 0; }
.lead { font-size: 1.1rem; font-weight: 600; }
.banner { background: var(--warn-card); border-left: 5px solid var(--warn); }
.but { color: var(--warn); font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin-bottom: .75rem; font-size: .9rem;
  font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; vertical-align: top; white-space: nowrap; }
th { font-weight: 600; } thead th { border-bottom: 1px solid var(--muted); }
tbody tr.first td, tbody tr.first th { border-top: 1px solid var(--grid); }
th .muted { font-weight: 400; }
@media screen and (max-width: 40rem) { table { font-size: .78rem; } th, td { padding-right: .45rem; }
  .sd { display: none; } .range { white-space: normal; } }
td.n, th.n { text-align: right; } td.wrap { white-space: normal; overflow-wrap: anywhere; min-width: 14rem; }
summary { cursor: pointer; }
.less { color: var(--good); font-weight: 600; } .more, .invalid { color: var(--bad); font-weight: 600; }
.inconclusive { color: var(--warn); font-weight: 600; } .equivalent { font-weight: 600; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1rem; }
figure { margin: 0; padding: .75rem; border: 1px solid var(--grid); border-radius: 8px; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { color: var(--muted); font-size: .85rem; margin-top: .4rem; }
pre { overflow-x: auto; background: var(--card); border: 1px solid var(--grid); border-radius: 8px;
  padding: .6rem 0; margin: .5rem 0; }
pre span { display: block; padding: 0 .8rem; min-width: max-content; }
pre .a { background: var(--added); } pre .d { background: var(--removed); } pre .h { color: var(--muted); }
@media print { :root { color-scheme: light; --ink: #000; --muted: #444; --grid: #bbb; --paper: #fff;
  --card: #fff; --good: #116329; --bad: #a40e26; --warn: #7a4d00; --warn-card: #fff; --added: #e6ffec;
  --removed: #ffebe9; --series-0: #57606a; --series-1: #0072b2; --series-2: #d55e00; --series-3: #007a5a;
  --series-4: #aa4499; --series-5: #8a6d00; }
  body { max-width: none; padding: 0; font-size: 10pt; } h2 { break-after: avoid; }
  figure, .card, tr { break-inside: avoid; } .scroll { overflow: visible; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; } pre span { min-width: 0; }
  table { font-size: 8pt; } th, td { padding-right: .5rem; white-space: normal; } }
"""


def render_html(result: Result) -> str:
    """The page. Everything that comes from programs or files is escaped."""
    parts = [
        _head(result),
        _summary(result),
        _section("Results", _table(result), _facts(result)),
        _section("Plots", _plots(result)),
        _section("What this does not show", _list(result.limits)),
        _section("The fixes", *(_fix(arm) for arm in result.fixes)),
        _section("In the form of published studies", _paper(result)),
        _section("More statistics of the energy", _statistics(result)),
        _section("How it was measured", _method(result)),
        _section("Machine and software", _environment(result)),
        _section("How to repeat it", _repeat(result)),
        _section("Every run", _runs(result)),
    ]
    return f"{''.join(parts)}</main>\n</body>\n</html>\n"


def _head(result: Result) -> str:
    command, moment = _text(result.command), _text(_moment(result.created_at))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>leakscan: {command}</title>
<style>{_CSS}</style>
</head>
<body>
<main>
<h1>{_question(result)}</h1>
<p class="muted"><code>{command}</code><br>measured from {moment} on, with leakscan \
{_text(result.leakscan_version)}</p>
"""


def _question(result: Result) -> str:
    if result.is_self_test:
        return "Does the program differ from itself?"
    if not any(arm.info.is_fix for arm in result.fixes):
        return "Which program uses less energy?"
    return "Does the fix save energy?"


def _moment(text: str) -> str:
    """`2026-01-01 12:30 UTC`; text that is no time stays as it is."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(dt.timezone.utc).strftime("%Y-%m-%d %H:%M UTC") if moment.tzinfo else text


def _summary(result: Result) -> str:
    banner = (
        "" if result.banner is None else f'<div class="card banner"><p>{_text(result.banner)}</p></div>\n'
    )
    return (
        f'{banner}<div class="card"><p class="lead">{_text(result.verdict)}</p>'
        + "".join(f'<p class="but">But: {_text(line)}</p>' for line in result.reservations)
        + f"<p>{_text(result.recommendation)}</p></div>\n"
    )


# -- the results --------------------------------------------------------------------------------------------


def _table(result: Result) -> str:
    rows = []
    for group in groups(result):
        basis = f'<span class="muted">{_text(group.basis)}</span>'
        rows.append(f'<tr class="first"><th colspan="6">{_text(group.label)} {basis}</th></tr>')
        for row in group.rows:
            kind = "" if row.kind is None else row.kind.value
            cells = _cells([row.arm]) + _cells([row.mean], "n") + _cells([row.sd], "n sd")
            cells += _cells([row.change], "n") + _cells([row.interval], "n range")
            verdict = f'<td class="{kind}" title="{_text(row.note)}">{_text(row.verdict)}</td>'
            rows.append(f"<tr>{cells}{verdict}</tr>")
    head = "<th>arm</th>" + _cells(["mean"], "n", tag="th") + _cells(["sd"], "n sd", tag="th")
    head += (
        _cells(["change"], "n", tag="th")
        + _cells(["95 % interval"], "n range", tag="th")
        + "<th>verdict</th>"
    )
    return _as_table(head, rows)


def _facts(result: Result) -> str:
    lines = [*facts(result), *(f"warning: {line}" for line in result.warnings)]
    return _list(lines)


def _fix(arm: ArmResult) -> str:
    kind = "" if arm.verdict is None else arm.verdict.value
    verdict = _text(wording.verdict(arm.verdict, headline=True))
    applicability = f" ({_text(arm.info.applicability)})" if arm.info.applicability else ""
    parts = [f'<h3>{_text(arm.name)}{applicability}: <span class="{kind}">{verdict}</span></h3>']
    parts += [f"<p>{_text(each)}</p>" for each in (arm.info.message, arm.reason) if each]
    if arm.info.diff:
        parts.append(_diff(arm.info.diff))
    return "".join(parts)


def _diff(text: str) -> str:
    classes = {"+": "a", "-": "d", "@": "h"}
    lines = []
    for line in text.splitlines():
        kind = "h" if line.startswith(("+++", "---")) else classes.get(line[:1], "")
        # A tab is no control character here, but clean() would escape it.
        lines.append(f'<span class="{kind}">{_text(line.expandtabs(4)) or " "}</span>')
    return f"<pre>{''.join(lines)}</pre>"


# -- plots --------------------------------------------------------------------------------------------------


def _plots(result: Result) -> str:
    if not result.used_blocks:
        return "<p>No block is complete: there is nothing to draw.</p>"
    figures = [*_energy_plots(result), *_power_plots(result), *_memory_plots(result)]
    return f'<div class="plots">{"".join(figures)}</div>'


def _energy_plots(result: Result) -> Iterator[str]:
    is_cut = result.window == "pass"
    energy, wall = (
        (Metric.ENERGY_PER_PASS, Metric.WALL_PER_PASS) if is_cut else (Metric.ENERGY, Metric.WALL_TIME)
    )
    metric = wall if result.headline_basis is Basis.ABSENT else energy
    label, unit = metric.label, metric.unit
    found = [(number, arm, arm.quantity(metric)) for number, arm in enumerate(result.arms)]
    drawn = [(number, arm, each) for number, arm, each in found if each is not None and each.mean is not None]
    original = result.original.quantity(metric)
    if original is None or not drawn:
        return
    rows = [
        plots.Bar(arm.name, each.mean or 0.0, each.sd, each.basis is not Basis.MEASURED, number)
        for number, arm, each in drawn
    ]
    yield _figure(
        plots.bars(rows, title=f"Mean {label}", unit=unit, style=plots.PAGE),
        f"One standard deviation to either side; {original.basis.value}.",
    )
    pairs = [
        plots.Pair(arm.name, _known(original), _known(each), number) for number, arm, each in drawn if number
    ]
    if pairs:
        yield _figure(
            plots.slopes(pairs, title=f"{label.capitalize()}, block by block", unit=unit, style=plots.PAGE),
            "Each thin line is one block; the thick one joins the means.",
        )
    ratios = [
        plots.Estimate(
            arm.name if arm.verdict is not Verdict.INVALID else f"{arm.name}, invalid",
            ratio.estimate,
            ratio.low,
            ratio.high,
            wording.percent(100 * (ratio.estimate - 1)),
            number,
        )
        for number, arm, each in drawn
        if each.comparison is not None and (ratio := each.comparison.effect.ratio) is not None
    ]
    if ratios:
        yield _figure(
            plots.forest(
                ratios, title=f"Ratio of {label} to the original's", margin=result.margin, style=plots.PAGE
            ),
            f"95 % intervals; shaded: within the margin of {100 * result.margin:g} %.",
        )
    dots = list(_dots(result, metric))
    if dots:
        names = [arm.name for arm in result.arms]
        yield _figure(
            plots.timeline(
                dots, names, title=f"{label.capitalize()} in the order of time", unit=unit, style=plots.PAGE
            ),
            "Crosses are runs that do not count; warm-ups are left out.",
        )


def _known(quantity: Quantity) -> tuple[float, ...]:
    return tuple(value for value in quantity.values if value is not None)


def _dots(result: Result, metric: Metric) -> Iterator[plots.Dot]:
    numbers = {arm.name: number for number, arm in enumerate(result.arms)}
    used = set(result.used_blocks)
    for place, (run, joules) in enumerate(run_energies(result)):
        window = window_of(run, result.window)
        value = joules if metric.is_energy else window.wall_seconds
        if value is not None:
            cause = None if run.block in used else "its block does not count"
            fault = run.fault
            yield plots.Dot(place, value, numbers[run.arm], cause if fault is None else fault.message)


def _power_plots(result: Result) -> Iterator[str]:
    """The power over time of one run of each arm: that whose energy is the median of the used ones."""
    chosen = [
        (number, run)
        for number, arm in enumerate(result.arms)
        if (run := _middle_run(result, arm)) is not None
    ]
    for device in sorted({trace.device for _, run in chosen for trace in run.power}):
        series = [
            plots.Curve(
                run.arm,
                tuple(plots.CurvePoint(seconds, watts) for seconds, watts in trace.points),
                number,
                band=True,
            )
            for number, run in chosen
            for trace in run.power
            if trace.device == device and trace.points
        ]
        if series:
            blocks = ", ".join(f"{run.arm} of block {(run.block or 0) + 1}" for _, run in chosen)
            yield _figure(
                plots.curves(
                    series,
                    title=f"Power of the {device.upper()} over a run",
                    x=plots.Scale("seconds since the start of the process"),
                    y=plots.Scale("W"),
                    style=plots.PAGE,
                ),
                f"The run of median energy of each arm ({blocks}), from start to exit, as the counter goes "
                "on. Measured.",
            )


def _middle_run(result: Result, arm: ArmResult) -> Run | None:
    used = set(result.used_blocks)
    found = [
        (joules, run)
        for run, joules in run_energies(result)
        if run.arm == arm.name and run.block in used and run.power and joules is not None
    ]
    found.sort(key=lambda each: each[0])
    return found[len(found) // 2][1] if found else None


def _memory_plots(result: Result) -> Iterator[str]:
    loop = None if result.loop is None else result.loop.number
    used = set(result.used_blocks)
    for name, value in (("memory", lambda tick: tick.rss_bytes), ("GPU memory", lambda tick: tick.gpu_bytes)):
        lines = []
        for number, arm in enumerate(result.arms):
            runs = [run for run in result.runs if run.arm == arm.name and run.block in used]
            lines.append((number, arm.name, trends.curve(runs, loop, value)))
        if not any(points for _, _, points in lines):
            continue
        largest = max(point.high for _, _, points in lines for point in points)
        factor, unit = wording.scale("B", largest)
        series = [
            plots.Curve(
                arm,
                tuple(
                    plots.CurvePoint(
                        each.iteration, each.median / factor, each.low / factor, each.high / factor
                    )
                    for each in points
                ),
                number,
                band=True,
            )
            for number, arm, points in lines
            if points
        ]
        yield _figure(
            plots.curves(
                series,
                title=f"Resident {name} over the iterations",
                x=plots.Scale("iteration of the flagged loop"),
                y=plots.Scale(unit),
                style=plots.PAGE,
            ),
            "At the top of each iteration: the median of all blocks; the band spans all of them. Measured.",
        )


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{_text(caption)}</figcaption></figure>"


# -- statistics ---------------------------------------------------------------------------------------------


def _paper(result: Result) -> str:
    original = result.original.headline
    if original is None or original.mean is None:
        return "<p>The energy was not measured.</p>"
    factor, unit = wording.scale("J", original.mean)
    arms = [(arm, each) for arm in result.arms if (each := arm.headline) is not None]
    rows = []
    for place, block in enumerate(result.used_blocks):
        cells = [_in_unit(each.values[place], factor) for _, each in arms]
        rows.append(f"<tr>{_cells([str(block + 1), *cells], 'n')}</tr>")
    for name in ("mean", "sd"):
        cells = [_in_unit(getattr(each, name), factor) for _, each in arms]
        first = ' class="first"' if name == "mean" else ""
        rows.append(f'<tr{first}><th class="n">{name}</th>{_cells(cells, "n")}</tr>')
    head = _cells(["block", *(f"{arm.name}, {unit}" for arm, _ in arms)], "n", tag="th")
    basis = result.headline_basis.value
    text = f"<p>Energy of each run ({basis}), and paired tests of the differences, fix less original.</p>"
    tests = [
        f"<tr>{_cells([arm.name])}{_cells(_paper_cells(each.comparison), 'n')}</tr>"
        for arm, each in arms
        if each.comparison is not None
    ]
    names = ["change of the mean", "paired t", "df", "p (t)", "p (Wilcoxon, exact)"]
    test_head = _cells(["fix"], tag="th") + _cells(names, "n", tag="th")
    return text + _as_table(head, rows) + (_as_table(test_head, tests) if tests else "")


def _in_unit(value: float | None, factor: float) -> str:
    return "" if value is None else f"{value / factor:#.4g}".removesuffix(".")


def _paper_cells(comparison: Comparison) -> list[str]:
    paper = comparison.paper
    return [
        wording.percent(paper.percent_change),
        "-" if paper.t is None else f"{paper.t:.3g}",
        "-" if paper.degrees_of_freedom is None else str(paper.degrees_of_freedom),
        wording.p_value(paper.t_p),
        wording.p_value(paper.wilcoxon_p),
    ]


def _statistics(result: Result) -> str:
    columns, notes = {}, []
    for arm in result.fixes:
        found = arm.headline
        if found is not None and found.comparison is not None:
            columns[arm.name] = _statistics_cells(found.comparison)
            notes += [f"{arm.name}: {note}" for note in found.comparison.notes]
    if not columns:
        return "<p>There is nothing to compare.</p>"
    names = ["used less in", "p, adjusted", "p (equivalence)", "Hodges-Lehmann", "its interval"]
    names += ["rank biserial", "d<sub>z</sub>", "p (sign flip)", "p (Shapiro-Wilk)", "drift per block"]
    # A line for each number: as columns they would be wider than a page.
    rows = [
        f"<tr><th>{name}</th>{_cells(cells, 'n')}</tr>"
        for name, *cells in zip(names, *columns.values(), strict=True)
    ]
    return _as_table("<th></th>" + _cells(list(columns), "n", tag="th"), rows) + _list(notes)


def _statistics_cells(comparison: Comparison) -> list[str]:
    ranks, effect = comparison.ranks, comparison.effect
    median = ranks.hodges_lehmann
    bounds = ""
    if median is not None and median.low is not None and median.high is not None:
        low, high = (wording.percent(100 * (each - 1)) for each in (median.low, median.high))
        bounds = f"{low.removesuffix(' %')} to {high}"
    drift = comparison.drift
    return [
        f"{comparison.wins} of {comparison.blocks}",
        wording.p_value(comparison.p_difference),
        wording.p_value(comparison.p_equivalence),
        "-" if median is None else wording.percent(100 * (median.estimate - 1)),
        bounds,
        "-" if ranks.rank_biserial is None else f"{ranks.rank_biserial:.2f}",
        "-" if effect.standardized is None else f"{effect.standardized:.2f}",
        wording.p_value(ranks.sign_flip_p),
        wording.p_value(comparison.shapiro_p),
        "-" if drift is None else wording.percent(100 * drift.per_iteration),
    ]


# -- how ----------------------------------------------------------------------------------------------------


def _method(result: Result) -> str:
    return _list([*_method_lines(result), *(_source_line(source) for source in result.sources)])


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


def _environment(result: Result) -> str:
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
    return _as_table("", [f'<tr><th>{_text(a)}</th><td class="wrap">{_text(b)}</td></tr>' for a, b in rows])


def _repeat(result: Result) -> str:
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
        return f"<pre><span>{_text(result.command)}</span></pre>{_list(lines)}"
    packages = "".join(
        f"<span>{_text(f'{name}=={version}')}</span>" for name, version in setting.packages.items()
    )
    return (
        f"<pre><span>{_text(setting.command)}</span></pre>{_pairs(setting_rows(result))}{_list(lines)}"
        f"<details><summary>The {len(setting.packages)} packages of the program's interpreter</summary>"
        f"<pre>{packages}</pre></details>"
    )


def _runs(result: Result) -> str:
    used = set(result.used_blocks)
    rows = [
        f"<tr>{_cells(_run_lead(run))}{_cells(_run_numbers(run), 'n')}{_run_remark(run, used)}</tr>"
        for run in result.runs
    ]
    head = _cells(["block", "arm"], tag="th")
    names = ["body, s", "process, s", "body CPU, s", "body energy", "process energy", "peak memory"]
    head += _cells([*names, "iterations", "foreign CPU"], "n", tag="th") + "<th>counts</th>"
    return _as_table(head, rows)


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
    return f'<td class="wrap">{_text(text)}</td>'


# -- markup -------------------------------------------------------------------------------------------------


def _text(text: str) -> str:
    return escape(clean(text))


def _section(title: str, *parts: str) -> str:
    return f"<section>\n<h2>{_text(title)}</h2>\n{''.join(parts)}\n</section>\n"


def _list(lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_text(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def _cells(values: Sequence[str], kind: str = "", *, tag: str = "td") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return "".join(f"<{tag}{attribute}>{_text(value)}</{tag}>" for value in values)


def _as_table(head: str, rows: Iterable[str]) -> str:
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<div class="scroll" tabindex="0"><table>{top}<tbody>{"".join(rows)}</tbody></table></div>\n'
