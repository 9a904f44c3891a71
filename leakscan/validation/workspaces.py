"""A fresh tree for each run: the program may do to it what it likes, and nothing of the user's changes.

Two ways. With a *namespace* (Linux) copy-on-write layers lie over the user's folder and over the folders
that its links lead to, seen by the run alone: every path, absolute ones too, means what it always does, and
what is written lands in a folder of leakscan's. As a *copy*, where the system does not allow that, the tree
is copied for each run. An absolute path into the user's tree cannot be redirected then: whether something was
written there is looked for after each run.

All of it lies in one temporary folder, which is removed in the end; what a killed process leaves behind is
removed by the next one.
"""

from __future__ import annotations

import contextlib
import enum
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from leakscan.errors import LeakscanError
from leakscan.validation import mounts
from leakscan.validation.copies import (
    apply_change,
    copy_error,
    copy_file,
    copy_parents,
    moved_path,
    remove,
    temporary_folder,
    write_change,
)
from leakscan.validation.executions import Layer
from leakscan.validation.measurements import Cause, Fault
from leakscan.validation.traces import copy_changes, layer_changes
from leakscan.validation.trees import MOST_ENTRIES, Link, Survey, Tree, is_below, shortened, survey

_KEPT_BYTES = 1_000_000_000  # of a tree that are copied once, so that editing it meanwhile changes no run
_KEPT_FILE_BYTES = 10_000_000
_LONGEST_TEMPORARY = 60  # characters: paths of sockets, which programs make in it, hold 107
#: Folders that other programs write all the time: a layer over them would hide that.
_SHARED = frozenset("/ /dev/shm /etc /home /mnt /opt /root /tmp /usr /var /var/tmp".split())


class Isolation(enum.Enum):
    """How the user's files are kept from a run."""

    AUTO = "auto"  # a namespace where the system allows it
    NAMESPACE = "namespace"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one run takes place.

    `directory` is the folder to run in, `layers` what to mount first, `moved` pairs of a folder of the user's
    and the copy that stands for it, `environment` the variables to add.
    """

    directory: str
    layers: tuple[Layer, ...]
    moved: tuple[tuple[str, str], ...]
    environment: Mapping[str, str]

    def moved_path(self, word: str) -> str:
        """A word of the command with a path of the user's tree in it turned into that of the copy.

        `/home/me/project/out` and `--out=/home/me/project/out`.
        """
        lead, equals, path = word.rpartition("=")
        for old, new in self.moved:
            if is_below(path, old):
                return f"{lead}{equals}{new}{path[len(old) :]}"
        return word


@dataclass(frozen=True, slots=True)
class Traces:
    """What a run did: to its tree, in words (`made out.txt`); and, as a fault, to the user's own files."""

    changes: tuple[str, ...] = ()
    fault: Fault | None = None


class Workspaces:
    """The places for the runs of some arms; a context manager, which removes all of it in the end.

    `trees` are by arm. `left_out` are folders that belong to no tree, such as that of the results. Raises
    LeakscanError when entered where a tree cannot be protected, or does not fit on the disk.
    """

    def __init__(
        self,
        trees: Mapping[str, Tree],
        isolation: Isolation = Isolation.AUTO,
        left_out: Collection[str] = (),
    ) -> None:
        self._trees = trees
        self._wanted = isolation
        self._left_out = tuple(os.path.realpath(path) for path in left_out)
        self._surveys: dict[str, Survey] = {}
        self._kept: dict[str, set[str]] = {}
        self._stack = contextlib.ExitStack()
        self._folder = ""
        self.notes: tuple[str, ...] = ()
        self.isolation = Isolation.COPY

    def __enter__(self) -> Workspaces:  # noqa: PYI034 - Self is not there in Python 3.10
        """Look at the trees and choose a way. Raises LeakscanError."""
        with self._stack:
            for root in dict.fromkeys(tree.root for tree in self._trees.values()):
                self._surveys[root] = survey(root, self._left_out)
            self._folder = self._stack.enter_context(temporary_folder(self._avoided()))
            try:
                self.isolation, self.notes = self._choose()
            except OSError as error:
                raise copy_error(error, self._folder) from error
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove everything."""
        self._stack.close()

    @property
    def surveys(self) -> Mapping[str, Survey]:
        """The trees as they were when the experiment began, by root."""
        return self._surveys

    def _avoided(self) -> list[str]:
        roots = [*self._surveys]
        return roots + [link.target for seen in self._surveys.values() for link in seen.outside]

    # -- choosing

    def _choose(self) -> tuple[Isolation, tuple[str, ...]]:
        notes = [
            f"{link.path} is left out of the runs: it leads to {link.target}, which holds the project itself"
            for seen in self._surveys.values()
            for link in _left_out(seen)
        ]
        if self._wanted is not Isolation.COPY:
            reason = self._why_no_namespace()
            if reason is None:
                for seen in self._surveys.values():
                    self._keep(seen)
                return Isolation.NAMESPACE, tuple(notes)
            if self._wanted is Isolation.NAMESPACE:
                raise LeakscanError(f"--isolation namespace: not possible here: {reason}")
            notes.append(
                f"runs get copies of the tree, since a namespace is not possible here ({reason}); what the "
                "program writes by an absolute path into the tree is found out only afterwards"
            )
        self._require_copyable()
        return Isolation.COPY, tuple(notes)

    def _why_no_namespace(self) -> str | None:
        """Try the very layers that the runs need, without running anything in them."""
        if sys.platform != "linux":
            return "only Linux has them"
        tried = {tree.root: name for name, tree in self._trees.items()}
        for root, name in tried.items():
            with self._namespace(name, root) as place:
                task = {"layers": [layer.task() for layer in place.layers], "directory": place.directory}
                done = subprocess.run(  # noqa: S603 - this interpreter, and a file of ours
                    [sys.executable, os.path.realpath(mounts.__file__), json.dumps(task)],
                    capture_output=True,
                    text=True,
                    check=False,
                    cwd=self._folder,
                )
            if done.returncode:
                return (done.stderr.strip().splitlines() or ["the try ended without a word"])[-1]
        return None

    def _require_copyable(self) -> None:
        for seen in self._surveys.values():
            if not seen.whole:
                raise LeakscanError(
                    f"{seen.root} holds more than {MOST_ENTRIES:,} files, too many to copy for each run; "
                    "put the program into a folder of its own, or a pyproject.toml beside it"
                )
            for path, reason in seen.unreadable.items():
                raise LeakscanError(f"{path}: {reason}; the tree cannot be copied for the runs")
        need = max(
            (sum(entry.size_bytes for entry in seen.files.values()) for seen in self._surveys.values()),
            default=0,
        )
        free = shutil.disk_usage(self._folder).free
        if need > 0.95 * free:
            sizes = {
                path: each.size_bytes for seen in self._surveys.values() for path, each in seen.files.items()
            }
            largest = [
                path for path in sorted(sizes, key=lambda path: -sizes[path]) if sizes[path] > need / 20
            ]
            raise LeakscanError(
                f"a run needs a copy of the tree, {need / 1e9:.1f} GB, and {self._folder} has "
                f"{free / 1e9:.1f} GB left; the largest files: "
                f"{shortened(largest)}. Move data out of the tree, "
                "or set TMPDIR to a folder on a larger disk"
            )

    def _keep(self, seen: Survey) -> None:
        """Copy the smaller files of a tree once: from then on they may be edited without changing a run."""
        room = min(_KEPT_BYTES, shutil.disk_usage(self._folder).free // 10)
        kept = self._kept[seen.root] = set[str]()
        for path, entry in sorted(seen.files.items(), key=lambda item: item[1].size_bytes):
            # Of a home or /tmp, where the program lies by itself, only what may be its own.
            if not is_below(path, seen.root) or not (seen.whole or path.endswith(".py")):
                continue
            room -= entry.size_bytes
            if entry.size_bytes > _KEPT_FILE_BYTES or room < 0:
                break
            target = self._kept_folder(seen.root) + path[len(seen.root) :]
            with contextlib.suppress(PermissionError):  # a run can't read it either
                copy_parents(path, target, seen.root)
                copy_file(path, target)
                kept.add(path)

    def _kept_folder(self, root: str) -> str:
        folder = f"{self._folder}/kept-{sorted(self._surveys).index(root)}"
        os.makedirs(folder, exist_ok=True)
        return folder

    # -- a run

    @contextlib.contextmanager
    def fresh(self, name: str, directory: str) -> Iterator[Workspace]:
        """A place for one run of an arm that is run in `directory` (absolute); removed afterwards.

        Raises LeakscanError when the user's files are no longer what they were at the beginning.
        """
        tree = self._trees[name]
        self._require_same(tree)
        make = self._namespace if self.isolation is Isolation.NAMESPACE else self._copy
        with contextlib.ExitStack() as stack:
            try:
                place = stack.enter_context(make(name, directory))
            except OSError as error:
                raise copy_error(error, self._folder) from error
            yield Workspace(self, tree, place)

    def _require_same(self, tree: Tree) -> None:
        before = self._surveys[tree.root]
        if not before.whole:
            return
        kept = self._kept.get(tree.root, set())
        changed = [path for path in survey(tree.root, self._left_out).different(before) if path not in kept]
        if self.isolation is Isolation.NAMESPACE:
            # New files of other programs are seen by the runs, and change nothing that was there.
            changed = [path for path in changed if path in before.files]
        if changed:
            raise LeakscanError(
                f"{shortened(changed)} changed while measuring, so runs would not start from the same tree; "
                "what was finished is kept; measure again"
            )

    @contextlib.contextmanager
    def _run_folder(self) -> Iterator[str]:
        folder = f"{self._folder}/run"
        os.makedirs(folder)
        try:
            yield folder
        finally:
            remove(folder)

    def _environment(self, folder: str) -> dict[str, str]:
        temporary = f"{folder}/tmp"  # noqa: S108 - in a folder of our own
        if len(temporary) > _LONGEST_TEMPORARY:
            return {}
        os.makedirs(temporary)
        return {"TMPDIR": temporary}

    # -- by namespace

    @contextlib.contextmanager
    def _namespace(self, name: str, directory: str) -> Iterator[Place]:
        tree = self._trees[name]
        seen = self._surveys[tree.root]
        with self._run_folder() as folder:
            layers = [self._tree_layer(name, folder)]
            for number, target in enumerate(_outside_folders(seen, self._folder)):
                layers.append(_layer(target, (target,), f"{folder}/outside-{number}"))
            layers += _mount_points([layer.target for layer in layers], folder)
            layers.sort(key=lambda layer: layer.target.count("/"))
            layers += self._single_files(seen, layers, folder)
            yield Place(directory, tuple(layers), (), self._environment(folder))

    def _tree_layer(self, name: str, folder: str) -> Layer:
        tree = self._trees[name]
        seen = self._surveys[tree.root]
        changes = f"{self._folder}/changes-{list(self._trees).index(name)}"
        if not os.path.isdir(changes):
            os.makedirs(changes)
            for path, change in tree.changes.items():
                if not change.removes:
                    copy_parents(f"{tree.root}/{path}", f"{changes}/{path}", tree.root)
                    write_change(f"{changes}/{path}", change, f"{tree.root}/{path}")
        removed = [path for path, change in tree.changes.items() if change.removes]
        removed += [os.path.relpath(link.path, tree.root) for link in _left_out(seen)]
        removed = [path for path in removed if os.path.lexists(f"{tree.root}/{path}")]
        lower = (changes, self._kept_folder(tree.root), tree.root)
        return _layer(tree.root, lower, f"{folder}/tree", tuple(removed))

    def _single_files(self, seen: Survey, layers: Sequence[Layer], folder: str) -> Iterator[Layer]:
        """Linked files in folders that cannot have a layer: a copy is put into the place of each."""
        covered = [layer.target for layer in layers]
        for number, link in enumerate(seen.outside):
            if link.is_folder or link.target not in seen.files:
                continue
            if not any(is_below(link.target, target) for target in covered):
                copy = f"{folder}/file-{number}"
                copy_file(link.target, copy)
                yield Layer(link.target, source=copy)

    # -- by copy

    @contextlib.contextmanager
    def _copy(self, name: str, directory: str) -> Iterator[Place]:
        tree = self._trees[name]
        seen = self._surveys[tree.root]
        with self._run_folder() as folder:
            moved = [(tree.root, f"{folder}/tree")]
            outside = _outermost(
                link.target
                for link in seen.outside
                if link.is_folder and not is_below(tree.root, link.target)
            )
            moved += [(target, f"{folder}/outside-{number}") for number, target in enumerate(outside)]
            self._copy_all(seen, moved, folder)
            for path, change in tree.changes.items():
                apply_change(f"{folder}/tree/{path}", change, f"{tree.root}/{path}")
            environment = self._environment(folder)
            paths = os.environ.get("PYTHONPATH")
            if paths:
                new = [moved_path(path, moved) for path in paths.split(os.pathsep)]
                environment["PYTHONPATH"] = os.pathsep.join(new)
            yield Place(moved_path(directory, moved), (), tuple(moved), environment)

    def _copy_all(self, seen: Survey, moved: Sequence[tuple[str, str]], folder: str) -> None:
        os.makedirs(f"{folder}/tree")
        for path in seen.folders:
            os.makedirs(moved_path(path, moved), exist_ok=True)
        for number, link in enumerate(seen.outside):
            if not link.is_folder and moved_path(link.target, moved) == link.target:
                single = f"{folder}/file-{number}"
                moved = [*moved, (link.target, single)]
        for path in seen.files:
            target = moved_path(path, moved)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            copy_file(path, target)
        for link in seen.links:
            target = moved_path(link.target, moved)
            leads_out = target == link.target  # to what holds the project
            if not leads_out:
                place = moved_path(link.path, moved)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                os.symlink(target, place)
        for link in seen.devices:
            os.symlink(link.target, moved_path(link.path, moved))
        for path in reversed(seen.folders):
            shutil.copystat(path, moved_path(path, moved))


class Workspace:
    """One run's place, and afterwards what the run did."""

    def __init__(self, owner: Workspaces, tree: Tree, place: Place) -> None:
        self._owner = owner
        self._tree = tree
        self.place = place

    def again(self) -> Place:
        """The same place for a second process: a layer's working folder is used once only."""
        for layer in self.place.layers:
            if layer.work is not None:
                remove(layer.work)
                os.makedirs(layer.work)
        return self.place

    def traces(self) -> Traces:
        """What the run did to its tree, and whether it changed files of the user's own."""
        before = self._owner.surveys[self._tree.root]
        if self._owner.isolation is Isolation.NAMESPACE:
            return Traces(tuple(layer_changes(self.place.layers, self._tree)))
        after = survey(before.root, self._owner._left_out)  # noqa: SLF001 - one class in two
        changed = after.different(before)
        fault = None
        if changed:
            fault = Fault(
                Cause.TREE,
                f"{shortened(changed)} of your own tree changed: the program wrote there by an absolute "
                "path, which nothing can redirect where namespaces are not allowed, or somebody else did",
            )
        return Traces(tuple(copy_changes(self.place.moved[0][1], before, self._tree)), fault)


# -- layers -------------------------------------------------------------------------------------------------


def _left_out(seen: Survey) -> list[Link]:
    """The links of the tree itself to folders that hold it: what is written through them can't be caught."""
    return [
        link
        for link in seen.outside
        if link.is_folder and is_below(seen.root, link.target) and is_below(link.path, seen.root)
    ]


def _layer(target: str, lower: tuple[str, ...], folder: str, removed: tuple[str, ...] = ()) -> Layer:
    upper, work = f"{folder}-upper", f"{folder}-work"
    os.makedirs(upper)
    os.makedirs(work)
    # The covered folder shows the permissions of its uppermost layer.
    shutil.copymode(target, upper)
    return Layer(target, lower, upper, work, removed)


def _outside_folders(seen: Survey, own: str) -> list[str]:
    """The folders outside of a tree that its links lead to, or that hold what they lead to."""
    found = []
    for link in seen.outside:
        folder = link.target if link.is_folder else os.path.dirname(link.target)
        if folder in _SHARED or not os.path.isdir(folder):
            continue
        if is_below(seen.root, folder) or is_below(own, folder):
            continue
        found.append(folder)
    return _outermost(found)


def _outermost(folders: Iterable[str]) -> list[str]:
    """Folders without those that lie in another of them."""
    kept: list[str] = []
    for folder in sorted(set(folders)):
        if not any(is_below(folder, other) for other in kept):
            kept.append(folder)
    return kept


_OCTAL = re.compile(r"\\([0-7]{3})")


def _character(match: re.Match[str]) -> str:
    """A blank or the like, which mountinfo writes as an octal number."""
    return chr(int(match.group(1), 8))


def _mount_points(targets: Sequence[str], folder: str) -> list[Layer]:
    """Layers for other file systems below the targets: a layer does not show what is mounted there."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
            points = {_OCTAL.sub(_character, line.split()[4]) for line in stream}
    except OSError:
        return []
    below = sorted(
        point
        for point in points
        if point not in targets and os.path.isdir(point) and any(is_below(point, each) for each in targets)
    )
    return [_layer(point, (point,), f"{folder}/mounted-{n}") for n, point in enumerate(below)]
