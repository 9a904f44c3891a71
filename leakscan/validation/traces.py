"""What a run did to its tree, in words such as `made out.txt`."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from leakscan.validation.executions import Layer
from leakscan.validation.trees import Entry, Survey, Tree, survey

_MOST_NOTED = 20


def layer_changes(layers: Sequence[Layer], tree: Tree) -> Iterator[str]:
    """What lies in the upper folders, in words."""
    count = 0
    for layer in layers:
        if layer.upper is None:
            continue
        for path, _, names in os.walk(layer.upper):
            for name in sorted(names):
                inner = os.path.join(path, name)
                below = os.path.relpath(inner, layer.upper)
                if "__pycache__" in below or below in layer.removed:
                    continue
                count += 1
                if count > _MOST_NOTED:
                    return
                shown = below if layer.target == tree.root else f"{layer.target}/{below}"
                found = os.lstat(inner)
                gone = stat.S_ISCHR(found.st_mode) and found.st_rdev == 0
                there = any(os.path.lexists(f"{lower}/{below}") for lower in layer.lower)
                yield f"{'removed' if gone else 'changed' if there else 'made'} {shown}"


def copy_changes(root: str, before: Survey, tree: Tree) -> Iterator[str]:
    """How the copy differs from the tree that it was made of, in words."""
    after = survey(root)
    old = {os.path.relpath(path, before.root): entry for path, entry in before.files.items()}
    old = {path: entry for path, entry in old.items() if not path.startswith("../")}
    new = {os.path.relpath(path, root): entry for path, entry in after.files.items()}
    words = []
    for path in sorted({*old, *new}):
        if path in tree.changes or path.startswith("../"):
            continue
        if path not in new:
            words.append(f"removed {path}")
        elif path not in old:
            words.append(f"made {path}")
        elif _differs(old[path], new[path]):
            words.append(f"changed {path}")
    yield from words[:_MOST_NOTED]


def _differs(original: Entry, copy: Entry) -> bool:
    return any(
        getattr(original, name) != getattr(copy, name) for name in ("size_bytes", "modified_ns", "mode")
    )
