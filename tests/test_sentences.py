"""Sentences of a result: none is stronger than its verdicts, and what weakens a verdict stands beside it."""

import dataclasses
import html
import itertools
import re

import pytest
from test_results import COUNTER, GPU, INFOS, LEAK, MODEL, Shape, judge, make_record, make_run, with_faults
from test_validation_reports import printed

from leakscan.validation import variants
from leakscan.validation.measurements import Cause, Fault, Output, Provenance, Source
from leakscan.validation.reports import render_html
from leakscan.validation.reports.table import facts
from leakscan.validation.results import AGAIN, ArmInfo
from leakscan.validation.verdicts import Verdict

SHAPES = {
    Verdict.LESS: Shape(70.0),
    Verdict.MORE: Shape(130.0),
    Verdict.EQUIVALENT: Shape(100.0),
    Verdict.INCONCLUSIVE: Shape(75.0),
    Verdict.INVALID: Shape(70.0, printed="0.11"),
}


def result_with(verdicts, **options):
    """A result in which the fixes have these verdicts, from runs that make them so."""
    record = make_record(
        {"original": Shape()} | {name: SHAPES[each] for name, each in verdicts.items()}, **options
    )
    unsteady = {name for name, each in verdicts.items() if each is Verdict.INCONCLUSIVE}
    runs = [
        make_run(run.arm, SHAPES[Verdict.INCONCLUSIVE], run.block, run.order, (0.5, 2.0)[run.block % 2])
        if run.arm in unsteady and run.block is not None
        else run
        for run in record.runs
    ]
    infos = [ArmInfo(name, "", "", "safe") for name in verdicts]
    result = judge(dataclasses.replace(record, runs=tuple(runs)), infos)
    assert {arm.name: arm.verdict for arm in result.fixes} == verdicts
    return result


ALL = [(first, second) for first, second in itertools.product(Verdict, repeat=2)]


@pytest.mark.parametrize(("first", "second"), ALL, ids=lambda verdict: verdict.value)
def test_no_sentence_is_stronger_than_its_verdicts(first, second):
    verdicts = {"reuse": first, "hoist": second}
    result = result_with(verdicts)
    said = f"{result.verdict} {result.recommendation}"
    known = set(verdicts.values())
    assert ("No fix saves energy" in said) == (known <= {Verdict.EQUIVALENT, Verdict.MORE})
    assert ("Nothing is shown either way" in said) == (known == {Verdict.INCONCLUSIVE})
    assert ("keep the original" in said) == (
        known <= {Verdict.EQUIVALENT, Verdict.MORE, Verdict.INVALID} and known != {Verdict.INVALID}
    )
    for name, verdict in verdicts.items():
        assert name in result.verdict, "a fix that is not named"
        assert (f"Use {name}." in said) <= (verdict is Verdict.LESS)
        uses = re.search(rf"\b{name} uses [\d.]+ % (\w+) energy", result.verdict)
        of_it = uses or re.search(rf"\b{name} is (\w+)", result.verdict)
        assert of_it.group(1) == verdict.value
        if verdict is Verdict.INCONCLUSIVE:
            assert re.search(
                rf"{name} is inconclusive, estimated [\d.]+ % (less|more) \(95 % interval -.* to \+.*\)", said
            )
    assert ("Use " in said) == (Verdict.LESS in known)
    assert ("would settle" in result.verdict) == (Verdict.INCONCLUSIVE in known)
    if Verdict.INCONCLUSIVE in known and Verdict.LESS not in known:
        assert re.search(r"About (\d+) blocks in all would settle \w+ \(--resume --runs \1\)", said)


@pytest.mark.parametrize("verdict", Verdict, ids=lambda verdict: verdict.value)
def test_a_self_test_speaks_of_the_instrument_and_of_no_fix(verdict):
    assert AGAIN == variants.AGAIN
    result = result_with({AGAIN: verdict})
    said = f"{result.verdict} {result.recommendation}"
    assert "Use " not in said
    assert not re.search(r"[Nn]o fix|keep the original", said)
    assert ("a difference is shown" in said) == (verdict in (Verdict.LESS, Verdict.MORE))
    assert ("passed" in said) == (verdict in (Verdict.EQUIVALENT, Verdict.INCONCLUSIVE))
    assert ("equivalent to itself" in said) == (verdict is Verdict.EQUIVALENT)


def test_a_self_test_of_too_few_blocks_has_not_passed():
    record = make_record({"original": Shape(), AGAIN: Shape()}, blocks=3)
    assert judge(record).verdict == "The self-test has no verdict: a verdict needs at least 6 blocks, not 3."


@pytest.mark.parametrize("blocks", [0, 1, 5])
def test_with_too_few_blocks_nothing_is_shown(blocks):
    result = judge(make_record(LEAK, blocks=blocks), INFOS)
    assert result.verdict.startswith("Nothing is shown either way: reuse is inconclusive, ")
    assert "--resume --runs 6" in result.recommendation
    assert "saves" not in f"{result.verdict} {result.recommendation}"


# -- what the verdict has to be read with


def everywhere(result, text):
    """Whether the terminal and the page say it right after the verdict and before the recommendation."""
    terminal = " ".join(printed(result, 80).split())
    page = render_html(result)
    for whole in (terminal, html.unescape(page)):
        verdict = whole.index(result.verdict[:40])
        assert verdict < whole.index(text, verdict) < whole.index(result.recommendation[:40], verdict)
    return any(text in line for line in result.reservations)


def printing(record, outputs):
    """The record whose runs print what `outputs(run, number)` says."""
    runs = tuple(
        dataclasses.replace(run, output=outputs(run, number)) for number, run in enumerate(record.runs)
    )
    return dataclasses.replace(record, runs=runs)


SAVES = {"original": Shape(), "reuse": Shape(70.0)}


def test_numbers_that_vary_are_named_where_the_verdict_stands():
    record = printing(
        make_record(SAVES), lambda _, number: Output(f"{number:064}", 9, (f"0.{number + 1}", "0.93"))
    )
    result = judge(record)
    assert everywhere(result, "reuse: 1 of 2 printed numbers vary between the original's runs: not compared")


def test_a_program_that_prints_no_numbers_is_named_where_the_verdict_stands():
    result = judge(printing(make_record(SAVES), lambda *_: Output("ab" * 32, 0)))
    assert everywhere(result, "The program prints no numbers")


def test_long_output_is_named_where_the_verdict_stands():
    result = judge(
        printing(make_record(SAVES), lambda *_: Output("ab" * 32, 9_000_000, ("0.93",), kept_all=False))
    )
    assert everywhere(
        result, "original, reuse: the output is long: only its beginning and its end are compared"
    )


def test_disturbed_runs_that_were_kept_are_named_where_the_verdict_stands():
    record = make_record(SAVES)
    runs = tuple(
        dataclasses.replace(run, foreign_cpu_share=0.8 if run.block in (1, 3) else 0.01, steal_share=0.001)
        for run in record.runs
    )
    result = judge(dataclasses.replace(record, runs=runs))
    assert everywhere(
        result,
        "4 of 20 runs were disturbed and kept: other programs used up to 80 % of the run's own CPU time",
    )
    stolen = tuple(dataclasses.replace(run, steal_share=0.5) for run in record.runs)
    result = judge(dataclasses.replace(record, runs=stolen))
    assert everywhere(result, "20 of 20 runs were disturbed and kept: the hypervisor took up to 50 %")


def test_a_share_that_the_kernel_s_clock_cannot_tell_is_no_disturbance():
    record = make_record({"original": Shape(1.0), "reuse": Shape(0.7)})  # a fifth of a second of CPU time
    runs = tuple(dataclasses.replace(run, foreign_cpu_share=0.25) for run in record.runs)
    assert judge(dataclasses.replace(record, runs=runs)).reservations == ()


def test_a_result_without_reservations_names_none():
    result = judge(make_record(SAVES))
    assert result.reservations == ()
    assert "But:" not in printed(result, 80)


# -- other words


@pytest.mark.parametrize(("count", "words"), [(1, "1 process outlived"), (4, "4 processes outlived")])
def test_processes_that_were_left_are_counted_in_english(count, words):
    record = make_record(SAVES)
    runs = (*record.runs[:-1], dataclasses.replace(record.runs[-1], leftover_processes=count))
    assert any(words in line for line in judge(dataclasses.replace(record, runs=runs)).warnings)


def test_an_original_whose_only_run_failed_does_not_vary():
    fault = Fault(Cause.FAILED, "ended with exit status 1: no data")
    record = make_record(SAVES, blocks=1)
    result = judge(with_faults(record, {("original", None): fault}))
    said = " ".join(facts(result))
    assert "original: it does not run: ended with exit status 1: no data" in said
    assert "varies from run to run" not in said


ABSENT = Source("gpu", Provenance.ABSENT, "no counter")


@pytest.mark.parametrize(
    ("sources", "margin"),
    [
        ((MODEL,), 0.03),
        ((COUNTER,), 0.01),
        ((MODEL, GPU), 0.03),
        ((COUNTER, GPU), 0.01),
        ((COUNTER, ABSENT), 0.01),
    ],
)
@pytest.mark.parametrize("blocks", [0, 6])
def test_the_margin_is_that_of_the_instruments_with_and_without_blocks(sources, margin, blocks):
    present = tuple(source for source in sources if source is not ABSENT)
    shapes = {"original": Shape(gpu_joules=10.0), "reuse": Shape(70.0, gpu_joules=10.0)}
    record = make_record(shapes, blocks=blocks, sources=present)
    header = dataclasses.replace(record.header, sources=sources)
    assert judge(dataclasses.replace(record, header=header)).margin == margin
