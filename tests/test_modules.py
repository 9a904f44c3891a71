"""Which project file an import means."""

from __future__ import annotations

import pytest

from leakscan.looks import imports_of
from leakscan.modules import ModuleIndex

FILES = [
    "setup.py",
    "train.py",
    "models.py",
    "notebook.ipynb",
    "keras.py",
    "pkg/__init__.py",
    "pkg/models.py",
    "pkg/train.py",
    "pkg/sub/__init__.py",
    "pkg/sub/deep.py",
    "pkg/optuna.py",
    "pkg/json.py",
    "pkg/both.py",
    "pkg/both/__init__.py",
    "scripts/run.py",
    "scripts/helper.py",
    "scripts/lib/tools.py",
    "src/inner/__init__.py",
    "src/inner/core.py",
    "a/x/unique.py",
    "a/y/use.py",
    "a/x/twice.py",
    "a/z/twice.py",
    "b/other.py",
    "a/p/__init__.py",
    "a/p/hidden.py",
]
ROOT = "/home/me/proj"
INDEX = ModuleIndex([f"{ROOT}/{name}" for name in FILES], ROOT)


@pytest.mark.parametrize(
    ("importer", "module", "level", "expected"),
    [
        ("train.py", "models", 0, "models.py"),
        ("train.py", "pkg", 0, "pkg/__init__.py"),
        ("train.py", "pkg.sub.deep", 0, "pkg/sub/deep.py"),
        ("pkg/both.py", "pkg.both", 0, "pkg/both/__init__.py"),  # a package hides the module beside it
        ("pkg/train.py", "models", 0, "models.py"),  # Python 3 looks on sys.path, not in the package
        ("pkg/sub/deep.py", "models", 0, "models.py"),
        ("pkg/train.py", "both", 0, "pkg/both/__init__.py"),  # run as a script
        ("pkg/train.py", "", 1, "pkg/__init__.py"),
        ("pkg/train.py", "models", 1, "pkg/models.py"),
        ("pkg/sub/deep.py", "models", 2, "pkg/models.py"),
        ("pkg/sub/__init__.py", "deep", 1, "pkg/sub/deep.py"),
        ("pkg/sub/deep.py", "x", 9, None),
        ("scripts/run.py", "helper", 0, "scripts/helper.py"),
        ("scripts/run.py", "lib.tools", 0, "scripts/lib/tools.py"),
        ("scripts/run.py", "pkg.models", 0, "pkg/models.py"),
        ("scripts/run.py", "inner.core", 0, "src/inner/core.py"),
        ("scripts/run.py", "proj.pkg.models", 0, "pkg/models.py"),  # the root itself is a package to some
        ("notebook.ipynb", "models", 0, "models.py"),
        ("train.py", "notebook", 0, None),
        ("a/y/use.py", "unique", 0, "a/x/unique.py"),
        ("a/y/use.py", "twice", 0, None),  # two candidates: not guessed
        ("a/y/use.py", "other", 0, None),  # another top-level folder
        ("a/y/use.py", "hidden", 0, None),  # inside a package, so not importable by its bare name
        ("pkg/train.py", "optuna", 0, None),  # the installed package
        ("pkg/optuna.py", "optuna", 0, None),
        ("pkg/train.py", "json", 0, None),
        ("train.py", "keras", 0, "keras.py"),  # it hides the installed one, for Python as well
        ("keras.py", "keras", 0, None),
        ("train.py", "nowhere", 0, None),
        ("train.py", "pkg.nowhere", 0, None),
    ],
)
def test_resolve(importer, module, level, expected):
    found = INDEX.resolve(f"{ROOT}/{importer}", module, level)
    assert found == (None if expected is None else f"{ROOT}/{expected}")


def test_the_order_of_paths_does_not_matter():
    backwards = ModuleIndex([f"{ROOT}/{name}" for name in reversed(FILES)], ROOT)
    for name in FILES:
        for module in ("models", "unique", "twice", "pkg.both", "tools"):
            assert backwards.resolve(f"{ROOT}/{name}", module, 0) == INDEX.resolve(
                f"{ROOT}/{name}", module, 0
            )


@pytest.mark.parametrize(
    "text",
    [
        "from package import a, b",
        "from package import (  # noqa: F401\n    a,\n    b,\n)",
        "from package import (\n    a,  # the first (of two)\n    # from here on\n    b as c,\n)",
        "from package import a, \\\n    b",
        "from package import \\\r\n    a, b",
    ],
)
def test_a_quick_look_finds_every_name_that_is_imported(text):
    (line,) = imports_of(text.encode())
    assert (line.module, line.names) == ("package", ("a", "b"))
