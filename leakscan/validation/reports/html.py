"""A result as one page that stands alone: no script, no request; light or dark, any width, on paper."""

from __future__ import annotations

from leakscan.validation import wording
from leakscan.validation.reports.html_markup import as_table, bullets, escaped, in_utc, row_cells, section
from leakscan.validation.reports.html_method import environment_table, every_run, method, repeat
from leakscan.validation.reports.html_plots import plot_figures
from leakscan.validation.reports.table import facts, groups
from leakscan.validation.results import ArmResult, Result
from leakscan.validation.verdicts import Comparison

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
        section("Results", _table(result), _facts(result)),
        section("Plots", plot_figures(result)),
        section("What this does not show", bullets(result.limits)),
        section("The fixes", *(_fix(arm) for arm in result.fixes)),
        section("In the form of published studies", _paper(result)),
        section("More statistics of the energy", _statistics(result)),
        section("How it was measured", method(result)),
        section("Machine and software", environment_table(result)),
        section("How to repeat it", repeat(result)),
        section("Every run", every_run(result)),
    ]
    return f"{''.join(parts)}</main>\n</body>\n</html>\n"


def _head(result: Result) -> str:
    command, moment = escaped(result.command), escaped(in_utc(result.created_at))
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
{escaped(result.leakscan_version)}</p>
"""


def _question(result: Result) -> str:
    if result.is_self_test:
        return "Does the program differ from itself?"
    if not any(arm.info.is_fix for arm in result.fixes):
        return "Which program uses less energy?"
    return "Does the fix save energy?"


def _summary(result: Result) -> str:
    banner = (
        "" if result.banner is None else f'<div class="card banner"><p>{escaped(result.banner)}</p></div>\n'
    )
    return (
        f'{banner}<div class="card"><p class="lead">{escaped(result.verdict)}</p>'
        + "".join(f'<p class="but">But: {escaped(line)}</p>' for line in result.reservations)
        + f"<p>{escaped(result.recommendation)}</p></div>\n"
    )


# -- the results --------------------------------------------------------------------------------------------


def _table(result: Result) -> str:
    rows = []
    for group in groups(result):
        basis = f'<span class="muted">{escaped(group.basis)}</span>'
        rows.append(f'<tr class="first"><th colspan="6">{escaped(group.label)} {basis}</th></tr>')
        for row in group.rows:
            kind = "" if row.kind is None else row.kind.value
            cells = row_cells([row.arm]) + row_cells([row.mean], "n") + row_cells([row.sd], "n sd")
            cells += row_cells([row.change], "n") + row_cells([row.interval], "n range")
            verdict = f'<td class="{kind}" title="{escaped(row.note)}">{escaped(row.verdict)}</td>'
            rows.append(f"<tr>{cells}{verdict}</tr>")
    head = "<th>arm</th>" + row_cells(["mean"], "n", tag="th") + row_cells(["sd"], "n sd", tag="th")
    head += (
        row_cells(["change"], "n", tag="th")
        + row_cells(["95 % interval"], "n range", tag="th")
        + "<th>verdict</th>"
    )
    return as_table(head, rows)


def _facts(result: Result) -> str:
    lines = [*facts(result), *(f"warning: {line}" for line in result.warnings)]
    return bullets(lines)


def _fix(arm: ArmResult) -> str:
    kind = "" if arm.verdict is None else arm.verdict.value
    verdict = escaped(wording.verdict(arm.verdict, headline=True))
    applicability = f" ({escaped(arm.info.applicability)})" if arm.info.applicability else ""
    parts = [f'<h3>{escaped(arm.name)}{applicability}: <span class="{kind}">{verdict}</span></h3>']
    parts += [f"<p>{escaped(each)}</p>" for each in (arm.info.message, arm.reason) if each]
    if arm.info.diff:
        parts.append(_diff(arm.info.diff))
    return "".join(parts)


def _diff(text: str) -> str:
    classes = {"+": "a", "-": "d", "@": "h"}
    lines = []
    for line in text.splitlines():
        kind = "h" if line.startswith(("+++", "---")) else classes.get(line[:1], "")
        # A tab is no control character here, but clean() would escape it.
        lines.append(f'<span class="{kind}">{escaped(line.expandtabs(4)) or " "}</span>')
    return f"<pre>{''.join(lines)}</pre>"


# -- plots --------------------------------------------------------------------------------------------------


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
        rows.append(f"<tr>{row_cells([str(block + 1), *cells], 'n')}</tr>")
    for name in ("mean", "sd"):
        cells = [_in_unit(getattr(each, name), factor) for _, each in arms]
        first = ' class="first"' if name == "mean" else ""
        rows.append(f'<tr{first}><th class="n">{name}</th>{row_cells(cells, "n")}</tr>')
    head = row_cells(["block", *(f"{arm.name}, {unit}" for arm, _ in arms)], "n", tag="th")
    basis = result.headline_basis.value
    text = f"<p>Energy of each run ({basis}), and paired tests of the differences, fix less original.</p>"
    tests = [
        f"<tr>{row_cells([arm.name])}{row_cells(_paper_cells(each.comparison), 'n')}</tr>"
        for arm, each in arms
        if each.comparison is not None
    ]
    names = ["change of the mean", "paired t", "df", "p (t)", "p (Wilcoxon, exact)"]
    test_head = row_cells(["fix"], tag="th") + row_cells(names, "n", tag="th")
    return text + as_table(head, rows) + (as_table(test_head, tests) if tests else "")


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
        f"<tr><th>{name}</th>{row_cells(cells, 'n')}</tr>"
        for name, *cells in zip(names, *columns.values(), strict=True)
    ]
    return as_table("<th></th>" + row_cells(list(columns), "n", tag="th"), rows) + bullets(notes)


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


# -- markup -------------------------------------------------------------------------------------------------
