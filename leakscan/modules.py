"""Which project file an import statement means: dictionary look-ups over the project's paths."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterable

#: Installed packages that project files are often named after (`integrations/optuna.py` says
#: `import optuna`). Such a name means a project file only where Python itself would find that first.
_INSTALLED = frozenset(
    {
        "bayes_opt",
        "cv2",
        "gym",
        "gymnasium",
        "hyperopt",
        "jax",
        "joblib",
        "keras",
        "keras_tuner",
        "matplotlib",
        "mlflow",
        "numpy",
        "optuna",
        "pandas",
        "ray",
        "scipy",
        "skimage",
        "sklearn",
        "skopt",
        "tensorboard",
        "tensorflow",
        "tensorflow_datasets",
        "tensorflow_hub",
        "tensorflow_probability",
        "tf_agents",
        "tf_keras",
        "torch",
        "tqdm",
        "transformers",
        "wandb",
    }
)
_NOT_GUESSED = _INSTALLED | sys.stdlib_module_names


class ModuleIndex:
    """Resolves imports among the files of one project.

    `paths` are absolute posix paths; notebooks among them can import but are never imported. The search
    stands in for a `sys.path` that is not known: scripts are run from their own directory, from the
    project root, or installed from `src`.
    """

    def __init__(self, paths: Iterable[str], root: str) -> None:
        self.root = root
        self._files = frozenset(path for path in paths if path.endswith(".py"))
        self._packages = frozenset(posixpath.dirname(p) for p in self._files if p.endswith("/__init__.py"))
        self._by_stem: dict[str, list[str]] = {}
        for path in sorted(self._files):
            base = path.removesuffix("/__init__.py").removesuffix(".py")
            self._by_stem.setdefault(posixpath.basename(base), []).append(path)
        self._bases: dict[str, tuple[tuple[str, ...], str | None]] = {}
        self._memo: dict[tuple[str, str, int], str | None] = {}

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """The project file that `module` means in `importer`, or None if it is not in the project.

        `module` is dotted and may be empty (`from . import x`); `level` counts the leading dots.
        A package is its `__init__.py`.
        """
        directory = posixpath.dirname(importer)
        key = (directory, module, level)
        try:
            found = self._memo[key]
        except KeyError:
            found = self._memo[key] = self._search(directory, module, level)
        # `optuna.py` that says `import optuna` does not mean itself.
        return None if found == importer and level == 0 else found

    def _search(self, directory: str, module: str, level: int) -> str | None:
        tail = module.replace(".", "/")
        if level:
            for _ in range(level - 1):
                directory = posixpath.dirname(directory)
            return self._at(directory, tail)
        if not tail:
            return None
        bases, package = self._search_path(directory)
        for base in bases:
            if found := self._at(base, tail):
                return found
        if module.partition(".")[0] in _NOT_GUESSED:
            return None
        # A script inside a package imports its neighbours without a dot: `python pkg/train.py`.
        if package is not None and (found := self._at(package, tail)):
            return found
        return self._unique(directory, tail)

    def _at(self, base: str, tail: str) -> str | None:
        stem = posixpath.join(base, tail) if tail else base
        package = stem + "/__init__.py"
        if package in self._files:
            return package
        module = stem + ".py"
        return module if tail and module in self._files else None

    def _search_path(self, directory: str) -> tuple[tuple[str, ...], str | None]:
        """The directories that may be on `sys.path`, nearest first, and the importer's own package if any."""
        known = self._bases.get(directory)
        if known is not None:
            return known
        chain = []
        here = directory
        while here.startswith(self.root) and len(here) >= len(self.root):
            chain.append(here)
            if here == self.root or here == posixpath.dirname(here):
                break
            here = posixpath.dirname(here)
        # The directory above a root that is itself a package, or that its own files name as one.
        bases = [base for base in chain if base not in self._packages]
        bases += [posixpath.join(self.root, "src"), posixpath.dirname(self.root)]
        package = directory if directory in self._packages else None
        self._bases[directory] = (tuple(bases), package)
        return self._bases[directory]

    def _unique(self, directory: str, tail: str) -> str | None:
        """The only importable file in the top-level folder of the importer whose path ends in `tail`."""
        top = self._top(directory)
        found = None
        for path in self._by_stem.get(posixpath.basename(tail), ()):
            stem = path.removesuffix("/__init__.py").removesuffix(".py")
            if not stem.endswith("/" + tail) or not (path.startswith(top + "/")):
                continue
            # What holds the first component must be a possible sys.path entry: not itself a package.
            if stem[: -len(tail) - 1] in self._packages:
                continue
            if found is not None:
                return None
            found = path
        return found

    def _top(self, directory: str) -> str:
        if not directory.startswith(self.root + "/"):
            return self.root
        first = directory[len(self.root) + 1 :].partition("/")[0]
        return posixpath.join(self.root, first)
