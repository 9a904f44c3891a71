"""Whatever a program does, no byte of the user's files changes, and nothing is left behind.

Every file is hashed before and after, with a namespace and with copies.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

import pytest
from conftest import ROOT

pytest.importorskip("codecarbon")
from test_results import COUNTER

from leakscan.errors import LeakscanError
from leakscan.validation import mounts
from leakscan.validation.executions import Program, ProgramKind
from leakscan.validation.measurements import Cause
from leakscan.validation.measuring import measure
from leakscan.validation.meters import ReplayingMeter
from leakscan.validation.plan import Arm, Plan
from leakscan.validation.trees import Change, Tree, survey
from leakscan.validation.workspaces import Isolation, Workspaces

pytestmark = pytest.mark.skipif(os.name != "posix", reason="measuring needs process groups")

#: What programs do to their files, in `python train.py` with the folder ROOT, a large file, links to a file
#: and to a folder outside.
HOSTILE = {
    "write": "open('small.txt', 'w').write('spoilt')",
    "write-large": "open('large.bin', 'r+b').write(b'spoilt')",
    "append": "open('log.txt', 'a').write('more')",
    "truncate": "import os; os.truncate('large.bin', 3)",
    "rename-over": "import os; open('new', 'w').write('x'); os.replace('new', 'small.txt')",
    "rename-over-link": "import os; open('new', 'w').write('x'); os.replace('new', 'linked.txt')",
    "delete": "import os, shutil; os.remove('small.txt'); shutil.rmtree('sub')",
    "chmod": "import os; os.chmod('small.txt', 0o600); os.chmod('linked/a.txt', 0o600)",
    "utime": "import os; os.utime('large.bin', (1, 1)); os.utime('linked/a.txt', (1, 1))",
    "mmap": (
        "import mmap; f = open('large.bin', 'r+b'); m = mmap.mmap(f.fileno(), 0); m[0:6] = b'spoilt'\n"
        "m.flush()"
    ),
    "through-link-to-file": "open('linked.txt', 'w').write('spoilt')",
    "through-link-to-folder": "open('linked/a.txt', 'w').write('spoilt'); open('linked/b.txt', 'w')",
    "link-in-linked-folder": "open('linked/on/c.txt', 'w').write('spoilt')",
    "link-to-nothing": "open('nowhere.txt', 'w').write('made')",
    "own-link": "import os; os.symlink('large.bin', 'mine'); open('mine', 'r+b').write(b'spoilt')",
    "own-hard-link": "import os; os.link('small.txt', 'mine'); open('mine', 'w').write('spoilt')",
    "absolute-link-inside": "open('latest/c.txt', 'w').write('spoilt')",
    "beside-file": "import pathlib; (pathlib.Path(__file__).parent / 'small.txt').write_text('spoilt')",
    "resolved": "import pathlib; (pathlib.Path('sub').resolve() / 'c.txt').write_text('spoilt')",
    "subprocess": "import os; assert os.system('echo spoilt > small.txt; rm log.txt') == 0",
    "fork": "import os; os.fork() or open('small.txt', 'w').write('spoilt')",
    "argument": "import sys; open(sys.argv[1] + '/small.txt', 'w').write('spoilt')",
}
#: By absolute paths into the user's tree or outside of it, which only a namespace can redirect.
ABSOLUTE = {
    "absolute": "open('ROOT/small.txt', 'w').write('spoilt')",
    "absolute-outside": "open('OUTSIDE/data/a.txt', 'w').write('spoilt')",
    "absolute-new": "open('ROOT/sub/new.txt', 'w').write('new')",
    "absolute-link": "import os; os.symlink('ROOT/large.bin', 'm'); open('m', 'r+b').write(b'spoilt')",
    "absolute-delete": "import os; os.remove('ROOT/log.txt')",
}
WAYS = [Isolation.NAMESPACE, Isolation.COPY]


def namespaces_work(tmp_path):
    for name in ("upper", "work", "target"):
        (tmp_path / "try" / name).mkdir(parents=True)
    base = str(tmp_path / "try")
    layer = {
        "target": f"{base}/target",
        "lower": [f"{base}/target"],
        "upper": f"{base}/upper",
        "work": f"{base}/work",
        "removed": [],
        "source": None,
    }
    pid = os.fork()
    if pid == 0:
        try:
            mounts.enter([layer], base)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def state(*folders):
    """Every path with its kind, permissions, time of change and content."""
    found = {}
    for folder in folders:
        for path, names, files in os.walk(folder):
            for name in names + files:
                inner = os.path.join(path, name)
                status = os.lstat(inner)
                content = os.readlink(inner) if os.path.islink(inner) else None
                if os.path.isfile(inner) and content is None:
                    with open(inner, "rb") as stream:
                        content = hashlib.sha256(stream.read()).hexdigest()
                found[inner] = (status.st_mode, status.st_ino, status.st_mtime_ns, content)
    return found


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A project with data, links inside and links outside; the temporary folder is a short path."""
    root, outside = tmp_path / "project", tmp_path / "outside"
    (root / "sub").mkdir(parents=True)
    (outside / "data").mkdir(parents=True)
    (outside / "deep").mkdir()
    (root / "small.txt").write_text("small")
    (root / "log.txt").write_text("log\n")
    (root / "sub" / "c.txt").write_text("c")
    (root / "large.bin").write_bytes(b"x" * 10_500_000)
    (outside / "data" / "a.txt").write_text("a")
    (outside / "one.txt").write_text("one")
    (outside / "deep" / "c.txt").write_text("deep")
    (outside / "data" / "on").symlink_to(outside / "deep")
    (root / "linked").symlink_to(outside / "data")
    (root / "linked.txt").symlink_to("../outside/one.txt")
    (root / "nowhere.txt").symlink_to(outside / "none.txt")
    (root / "latest").symlink_to(root / "sub")
    (root / "null").symlink_to("/dev/null")
    # Programs make sockets in it, whose paths must be short: pytest's own folders are too deep.
    temporary = tempfile.mkdtemp(prefix="t", dir="/tmp")
    (tmp_path / "tmp").symlink_to(temporary)
    monkeypatch.setenv("TMPDIR", temporary)
    monkeypatch.setattr("tempfile.tempdir", None)
    yield root
    shutil.rmtree(temporary)


def run(tree, code, isolation, *, changes=None, prepare=None, times=1):
    """Run a program in fresh trees; what was measured. The tree is hashed around all of it."""
    outside = tree.parent / "outside"
    code = code.replace("ROOT", str(tree)).replace("OUTSIDE", str(outside))
    (tree / "train.py").write_text(code)
    program = Program(ProgramKind.SCRIPT, "train.py", (str(tree),))
    arm = Arm("original", program, str(tree))
    plan = Plan((arm,), prepare=prepare, timeout_seconds=60)
    windows = [{"cpu": 1.0}] * 4 * times
    before = state(tree, outside)
    with Workspaces({"original": Tree(str(tree), changes or {})}, isolation) as places:
        found = [measure(plan, arm, ReplayingMeter((COUNTER,), windows), places) for _ in range(times)]
    return found, before, state(tree, outside)


@pytest.mark.parametrize("isolation", WAYS)
@pytest.mark.parametrize("name", [*HOSTILE, *ABSOLUTE])
def test_no_byte_of_the_users_files_changes(tree, tmp_path, name, isolation):
    if isolation is Isolation.NAMESPACE and not namespaces_work(tmp_path):
        pytest.skip("no namespaces here")
    code = HOSTILE.get(name) or ABSOLUTE[name]
    (found,), before, after = run(tree, code, isolation)
    assert not os.listdir(tmp_path / "tmp")
    if name in ABSOLUTE and isolation is Isolation.COPY:
        # It cannot be redirected, so it is found and said.
        assert before != after
        assert found.fault.cause is Cause.TREE
        changed = [path for path in {*before, *after} if before.get(path) != after.get(path)]
        assert any(os.path.basename(path) in found.fault.message for path in changed)
        return
    assert found.execution.exit_status == 0, found.execution.error_tail
    assert before == after
    assert found.fault is None or not found.fault.cause.is_of_program


@pytest.mark.parametrize("isolation", WAYS)
def test_each_run_starts_from_the_same_tree(tree, tmp_path, isolation):
    if isolation is Isolation.NAMESPACE and not namespaces_work(tmp_path):
        pytest.skip("no namespaces here")
    code = (
        "import os, tempfile\nprint(os.path.exists('done.txt'), os.listdir(tempfile.gettempdir()), "
        "open('small.txt').read(), open('linked/a.txt').read())\n"
        "open('done.txt', 'w').write('x'); open('small.txt', 'a').write('+')\n"
        "open('linked/a.txt', 'a').write('+')\n"
        "tempfile.mkstemp()\n"
    )
    found, before, after = run(tree, code, isolation, times=3)
    assert before == after
    assert len({each.execution.output.digest for each in found}) == 1
    assert {"made done.txt", "changed small.txt"} <= set(found[0].tree_changes)


@pytest.mark.parametrize("isolation", WAYS)
def test_an_arm_has_other_files_new_ones_and_fewer(tree, tmp_path, isolation):
    if isolation is Isolation.NAMESPACE and not namespaces_work(tmp_path):
        pytest.skip("no namespaces here")
    changes = {
        "small.txt": Change(b"other"),
        "fresh/new.txt": Change(b"new"),
        "log.txt": Change(),
        "there": Change(link="small.txt"),
    }
    code = (
        "import os\nassert open('small.txt').read() == open('there').read() == 'other'\n"
        "assert open('fresh/new.txt').read() == 'new' and not os.path.exists('log.txt')\n"
        "assert open('large.bin', 'rb').read(1) == b'x' and os.path.exists('null')\n"
    )
    (found,), before, after = run(tree, code, isolation, changes=changes)
    assert found.execution.exit_status == 0, found.execution.error_tail
    assert before == after
    assert found.tree_changes == ()


@pytest.mark.parametrize("isolation", WAYS)
def test_what_prepares_a_run_works_in_its_tree(tree, tmp_path, isolation):
    if isolation is Isolation.NAMESPACE and not namespaces_work(tmp_path):
        pytest.skip("no namespaces here")
    code = "assert open('ready.txt').read() == 'ready\\n'"
    (found,), before, after = run(tree, code, isolation, prepare="echo ready > ready.txt")
    assert found.execution.exit_status == 0, found.execution.error_tail
    assert before == after
    with pytest.raises(LeakscanError, match=r"--prepare: 'exit 3' failed: ended with exit status 3"):
        run(tree, code, isolation, prepare="exit 3")


def test_a_file_that_changes_meanwhile_ends_the_experiment(tree):
    (tree / "train.py").write_text("")
    with Workspaces({"original": Tree(str(tree))}, Isolation.COPY) as places:
        (tree / "large.bin").write_bytes(b"y")
        with (
            pytest.raises(LeakscanError, match=r"large\.bin changed while measuring"),
            places.fresh("original", str(tree)),
        ):
            pass


def test_sources_may_be_edited_meanwhile_where_namespaces_keep_them(tree, tmp_path):
    if not namespaces_work(tmp_path):
        pytest.skip("no namespaces here")
    (tree / "train.py").write_text("print(open('small.txt').read())")
    arm = Arm("original", Program(ProgramKind.SCRIPT, "train.py"), str(tree))
    with Workspaces({"original": Tree(str(tree))}, Isolation.NAMESPACE) as places:
        digests = set()
        for text in ("small", "edited"):
            (tree / "small.txt").write_text(text)
            meter = ReplayingMeter((COUNTER,), [{"cpu": 1.0}] * 4)
            digests.add(measure(Plan((arm,)), arm, meter, places).execution.output.digest)
    assert len(digests) == 1


def test_a_link_to_what_holds_the_project_is_left_out(tree):
    (tree / "up").symlink_to("..")
    (found,), before, after = run(tree, "import os; assert not os.path.lexists('up')", Isolation.AUTO)
    assert found.execution.exit_status == 0, found.execution.error_tail
    assert before == after


def test_a_tree_that_does_not_fit_on_the_disk_is_refused_with_the_disk_named(tree, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("", (), {"free": 1000, "total": 0, "used": 0}))
    with (
        pytest.raises(LeakscanError, match=r"TMPDIR") as caught,
        Workspaces({"original": Tree(str(tree))}, Isolation.COPY),
    ):
        pass
    assert os.environ["TMPDIR"] in str(caught.value)
    assert "large.bin" in str(caught.value)
    assert not os.listdir(tmp_path / "tmp")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small disk")
@pytest.mark.parametrize("isolation", ["namespace", "copy"])
def test_a_full_temporary_disk_is_named_and_nothing_is_left_on_it(tree, isolation):
    (tree / "train.py").write_text("open('small.txt', 'w').write('spoilt')")
    code = (
        "import os, sys\nfrom leakscan.errors import LeakscanError\n"
        "from leakscan.validation.trees import Tree\n"
        "from leakscan.validation.workspaces import Isolation, Workspaces\n"
        "root, isolation = sys.argv[1:]\n"
        "try:\n    with Workspaces({'original': Tree(root)}, Isolation(isolation)) as places:\n"
        "        with places.fresh('original', root):\n            pass\n"
        "except LeakscanError as error:\n    print(error)\n"
        "print(os.listdir(os.environ['TMPDIR']))\n"
    )
    disk = os.environ["TMPDIR"]
    mount = 'mount -t tmpfs -o size=2m tmpfs "$TMPDIR" && exec "$@"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", mount, "sh", sys.executable, "-c", code, str(tree), isolation],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(done.stderr)
    if isolation == "copy":
        assert disk in done.stdout
        assert "TMPDIR" in done.stdout
    assert "train.py" not in done.stdout
    assert done.stdout.endswith("[]\n"), done.stdout + done.stderr


def test_a_temporary_folder_inside_the_tree_is_not_used(tree, monkeypatch):
    (tree / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tree / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (found,), before, after = run(tree, "open('small.txt', 'w').write('spoilt')", Isolation.AUTO)
    assert found.execution.exit_status == 0, found.execution.error_tail
    assert before == after


def test_folders_without_permissions_are_removed_too(tree, tmp_path):
    code = "import os; os.makedirs('d/e'); open('d/e/f', 'w'); os.chmod('d/e', 0); os.chmod('d', 0)"
    _, before, after = run(tree, code, Isolation.COPY)
    assert before == after
    assert not os.listdir(tmp_path / "tmp")


@contextmanager
def started(tree, *options):
    """`leakscan validate` on a program that trains until it is stopped."""
    (tree / "keras").mkdir()
    (tree / "keras" / "__init__.py").write_text(
        "import time\nclass Sequential:\n    def __init__(self, layers=()): pass\n"
        "    def compile(self, *a): pass\n    def fit(self, *a): time.sleep(0.2)\n"
    )
    (tree / "train.py").write_text(
        "import keras\nopen('started.txt', 'w').write('x')\nfor fold in range(1000):\n"
        "    model = keras.Sequential([])\n    model.compile('sgd')\n    model.fit(fold)\n"
    )
    (tree / "pyproject.toml").write_text("")
    process = subprocess.Popen(
        [sys.executable, "-m", "leakscan", "validate", "train.py", *options],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("waited in vain")


def children_of(pid):
    from leakscan.validation.worker import descendants

    return descendants(pid)


def alive(pids):
    from leakscan.validation.worker import stat_fields

    return [pid for pid in pids if (fields := stat_fields(pid)) is not None and fields[0] not in ("Z", "X")]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_however_it_ends(tree, tmp_path, number):
    temporary = tmp_path / "tmp"
    with started(tree, "--smoke", "--arms", "clear-session") as process:
        before = state(tree)
        wait_for(lambda: list(temporary.glob("leakscan-runs-*/run/*")) and len(children_of(process.pid)) > 1)
        time.sleep(0.3)
        below = children_of(process.pid)
        process.send_signal(number)
        process.wait(60)
        wait_for(lambda: not alive(below))
        assert state(tree) == before
        left = list(temporary.glob("leakscan-runs-*"))
        assert bool(left) == (number == signal.SIGKILL)
    if left:
        # The next one clears up.
        with Workspaces({"original": Tree(str(tree))}):
            assert not [path for path in left if path.exists()]
            assert len(list(temporary.glob("leakscan-runs-*"))) == 1
        assert not list(temporary.glob("leakscan-runs-*"))


def test_a_survey_sees_what_changes(tree):
    first = survey(str(tree))
    (tree / "small.txt").write_text("other")
    (tree / "sub" / "new.txt").write_text("new")
    (tree / "log.txt").unlink()
    names = {os.path.relpath(path, tree) for path in survey(str(tree)).different(first)}
    assert names == {"small.txt", "sub/new.txt", "log.txt"}
    assert survey(str(tree), [str(tree / "sub")]).different(survey(str(tree), [str(tree / "sub")])) == ()
