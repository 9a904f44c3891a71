"""What a report says for those who measure again: command, revision, packages, variables, limits, clock."""

import dataclasses
import os
import subprocess
import sys

import pytest
from test_results import COUNTER, Shape, judge, make_record

from leakscan.validation import cgroup, machine
from leakscan.validation.interpreter import probe
from leakscan.validation.measurements import PowerTrace, Setting, decode, encode
from leakscan.validation.reports import render_html
from leakscan.validation.setting import describe_setting, revision


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")


# -- control groups


@pytest.mark.parametrize(
    ("groups", "files", "limits"),
    [
        ("0::/", {}, {}),
        (None, {}, {}),
        ("0::/", {"cpu.max": "max 100000", "memory.max": "max"}, {}),
        ("0::/", {"cpu.max": "150000 100000", "memory.max": "1024"}, {"cpus": "1.5", "memory_bytes": "1024"}),
        # the tightest one on the way up
        (
            "0::/jobs/one",
            {
                "jobs/cpu.max": "100000 100000",
                "jobs/one/cpu.max": "200000 100000",
                "jobs/one/memory.max": "9",
            },
            {"cpus": "1", "memory_bytes": "9"},
        ),
        # in a container the path is the host's, which is not there
        ("0::/../host", {"memory.max": "77"}, {"memory_bytes": "77"}),
        (
            "0::/one",
            {"cpuset.cpus.effective": "0-7", "one/cpuset.cpus.effective": "0-3"},
            {"cpuset": "0-3"},
        ),
        ("0::/one", {"cpuset.cpus.effective": "0-7", "one/cpuset.cpus.effective": "0-7"}, {}),
        (
            "4:memory:/box\n2:cpu:/box\n9:name=systemd:/\n3:cpuset:/box",
            {
                "memory/box/memory.limit_in_bytes": "512",
                "memory/memory.limit_in_bytes": "9223372036854771712",
                "cpu/box/cpu.cfs_quota_us": "50000",
                "cpu/box/cpu.cfs_period_us": "100000",
                "cpu/cpu.cfs_quota_us": "-1",
                "cpu/cpu.cfs_period_us": "100000",
                "cpuset/cpuset.cpus": "0-1",
                "cpuset/box/cpuset.cpus": "1",
            },
            {"cpus": "0.5", "memory_bytes": "512", "cpuset": "1"},
        ),
    ],
)
def test_the_limits_of_control_groups_are_read(tmp_path, groups, files, limits):
    write(tmp_path, files)
    assert cgroup.limits(groups, str(tmp_path)) == limits


@pytest.mark.parametrize(
    ("files", "allowed"),
    [
        ({}, None),
        ({"intel_pstate/no_turbo": "0"}, True),
        ({"intel_pstate/no_turbo": "1"}, False),
        ({"cpufreq/boost": "1"}, True),
        ({"cpufreq/boost": "0"}, False),
    ],
)
def test_turbo_is_read(tmp_path, files, allowed):
    write(tmp_path, files)
    assert machine.turbo(str(tmp_path)) is allowed


def test_this_machine_can_be_described():
    found = machine.environment()
    assert decode(type(found), encode(found)) == found
    assert found.usable_cpus is None or 1 <= found.usable_cpus <= os.cpu_count()


# -- the program


def git(root, *words):
    options = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", root, *options, *words], check=True, capture_output=True)


def test_the_revision_is_the_commit_and_tells_that_files_differ(tmp_path):
    assert revision(str(tmp_path)) is None
    git(tmp_path, "init", "-q")
    write(tmp_path, {"train.py": "print(1)"})
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    commit = revision(str(tmp_path))
    assert len(commit) == 40
    write(tmp_path, {"train.py": "print(2)"})
    assert revision(str(tmp_path)) == f"{commit}-dirty"
    git(tmp_path, "commit", "-qam", "second")
    git(tmp_path, "tag", "v1")
    assert revision(str(tmp_path)).startswith("v1-0-g")


def test_asking_for_the_revision_writes_nothing(tmp_path):
    git(tmp_path, "init", "-q")
    write(tmp_path, {"train.py": "print(1)"})
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    os.utime(tmp_path / "train.py", (1, 1))  # git would note in its index that it is the same all the same
    index = (tmp_path / ".git/index").read_bytes()
    assert not revision(str(tmp_path)).endswith("-dirty")
    assert (tmp_path / ".git/index").read_bytes() == index


def test_the_setting_has_the_whole_command_line_and_all_packages(tmp_path):
    words = ["validate", "train it.py", "--measure", "--", "--name", "a b"]
    found = describe_setting(words, str(tmp_path), probe(sys.executable), {"OMP_NUM_THREADS": "1"}, "ab" * 32)
    assert found.command == "leakscan validate 'train it.py' --measure -- --name 'a b'"
    assert found.packages["pytest"] == pytest.__version__
    assert found.python == sys.executable
    assert found.revision is None
    assert decode(Setting, encode(found)) == found


# -- in the report

SETTING = Setting(
    "leakscan validate train.py --measure --runs 12",
    "v1-0-gabc-dirty",
    "cd" * 32,
    "/usr/bin/python3",
    "cpython 3.11.7",
    {"keras": "3.15.1", "tensorflow": "2.21.0"},
    {"OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "<2>"},
)


def test_the_page_says_how_to_repeat_it():
    record = make_record({"original": Shape(), "reuse": Shape(70.0)})
    environment = dataclasses.replace(
        record.header.environment, kernel="#1 SMP", turbo=True, usable_cpus=2, cgroup_limits={"cpus": "1.5"}
    )
    header = dataclasses.replace(record.header, setting=SETTING, environment=environment)
    result = judge(dataclasses.replace(record, header=header))
    page = render_html(result)
    for text in (
        SETTING.command,
        SETTING.revision,
        SETTING.tree_hash,
        "/usr/bin/python3 (cpython 3.11.7)",
        "keras==3.15.1",
        "OMP_NUM_THREADS=1; TF_CPP_MIN_LOG_LEVEL=&lt;2&gt;",
        "<th>turbo</th>",
        "limit of the control group, cpus",
        "#1 SMP",
    ):
        assert text in page, text
    assert encode(result)["setting"]["packages"]["keras"] == "3.15.1"


def test_the_power_of_the_run_of_median_energy_is_drawn_for_each_arm():
    record = make_record({"original": Shape(), "reuse": Shape(70.0)}, source=COUNTER)
    trace = PowerTrace("cpu", ((0.5, 20.0), (1.0, 35.0), (1.5, 30.0)))
    runs = tuple(dataclasses.replace(run, power=(trace,)) for run in record.runs)
    page = render_html(judge(dataclasses.replace(record, runs=runs)))
    assert page.count("Power of the CPU over a run") == 2  # as its title, and for those who do not see it
    assert "The run of median energy of each arm (original of block " in page
    assert "Power of the" not in render_html(judge(record))
