"""Which configuration holds in a directory, and whose rules are run."""

from __future__ import annotations

import copy
import os
from collections.abc import Collection, Iterable

from leakscan.config.reading import (
    FILE_NAMES,
    ConfigError,
    Known,
    Layer,
    config_of_layers,
    layers_of_directory,
    layers_of_file,
    rules_dirs_of,
)
from leakscan.config.settings import Config, Overrides, Strategies
from leakscan.discovery import DEFAULT_EXCLUDES, Excludes, absolute
from leakscan.errors import LeakscanError


class ConfigResolver:
    """The configuration of each directory: that of the nearest configuration file.

    file: the only file to read, instead. isolated: read none. options: what is set beside the files, over
    them. strategies: those of each code; None: chosen ones are not checked. rules_dirs: those whose rules are
    loaded; None: whatever a file wants is.

    What is wrong in a file that was found is the `problem` of the Config; raises LeakscanError for what is
    wrong in `file` or `options`.
    """

    def __init__(  # noqa: PLR0913 (each is a word of the command line)
        self,
        overrides: Overrides,
        codes: Collection[str],
        *,
        file: str | None = None,
        isolated: bool = False,
        options: Layer | None = None,
        strategies: Strategies | None = None,
        rules_dirs: Collection[str] | None = None,
    ) -> None:
        self._overrides = overrides
        self._known = Known(codes, strategies, rules_dirs)
        self._options = [] if options is None else [options]
        self._cache: dict[str, Config] = {}
        self._fixed: Config | None = None
        # What is wrong on the command line is said before anything is read.
        without_file = self._config(self._options)
        if isolated:
            self._fixed = without_file
        elif file is not None:
            self._fixed = self._config([*layers_of_file(file), *self._options])

    def for_directory(self, directory: str) -> Config:
        """The configuration that holds in an absolute posix directory."""
        if self._fixed is not None:
            return self._fixed
        unknown: list[str] = []
        here = directory
        found: Config | None = None
        while found is None:
            if (found := self._cache.get(here)) is not None:
                break
            unknown.append(here)
            found = self._found(here)
            parent = os.path.dirname(here)
            if found is None and parent == here:
                found = self._config(self._options)
            here = parent
        self._cache.update(dict.fromkeys(unknown, found))
        return found

    def for_file(self, path: str) -> Config:
        """The configuration that holds for a file, by its absolute posix path."""
        return self.for_directory(path.rpartition("/")[0] or "/")

    def _found(self, directory: str) -> Config | None:
        """The configuration that a directory has itself, with what is wrong in it."""
        try:
            layers = layers_of_directory(directory)
            return self._config([*layers, *self._options]) if layers else None
        except ConfigError as error:
            return self._overrides.apply(Config(origin=error.where, problem=error.message, broken=True))

    def _config(self, layers: list[Layer]) -> Config:
        made = config_of_layers(layers, self._known) if layers else Config()
        return self._overrides.apply(made)

    def everywhere(self, directory: str) -> ConfigResolver:
        """Return a resolver by which the configuration of one directory holds in all."""
        made = copy.copy(self)
        made._fixed = self.for_directory(directory)  # noqa: SLF001 (of the same class)
        return made

    def excludes_of(self, directory: str) -> Excludes:
        """The patterns that leave out entries of a directory."""
        return self.for_directory(directory).excludes


def configured_rules_dirs(file: str | None = None) -> tuple[str, ...]:
    """The `rules-dirs` of a file, or of the configuration that holds in the current directory.

    Rules are code that runs. So only the configuration of the place where leakscan is started can name
    some: that of what is checked may be of somebody else. Raises LeakscanError for what is wrong in it.
    """
    if file is not None:
        return rules_dirs_of(layers_of_file(file))
    return rules_dirs_of(_nearest(absolute(os.curdir)))


def configured_at(file: str | None = None) -> str | None:
    """The directory of a file, or of the configuration that holds in the current directory; None: of none.

    Raises LeakscanError for a configuration that cannot be read.
    """
    if file is not None:
        return os.path.dirname(absolute(file))
    layers = _nearest(absolute(os.curdir))
    return layers[-1].base if layers else None


def _nearest(directory: str) -> list[Layer]:
    """The layers that hold in a directory, with nothing in them checked."""
    while True:
        layers = layers_of_directory(directory)
        parent = os.path.dirname(directory)
        if layers or parent == directory:
            return layers
        directory = parent


def project_rules_dirs(paths: Iterable[str]) -> tuple[str, ...]:
    """The `rules-dirs` of every configuration that holds in or below the paths, for those who trust them."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    for path in map(absolute, paths):
        directory = path if os.path.isdir(path) else os.path.dirname(path)
        above = directory
        while True:
            _note_rules_dirs(above, seen, found)
            if os.path.dirname(above) == above:
                break
            above = os.path.dirname(above)
        for here, directories, files in os.walk(directory):
            directories[:] = sorted(name for name in directories if name not in DEFAULT_EXCLUDES)
            if any(name in files for name in FILE_NAMES):
                _note_rules_dirs(absolute(here), seen, found)
    return tuple(found)


def _note_rules_dirs(directory: str, seen: set[str], found: dict[str, None]) -> None:
    if directory in seen:
        return
    seen.add(directory)
    try:
        found.update(dict.fromkeys(rules_dirs_of(layers_of_directory(directory))))
    except LeakscanError:
        return  # told when it is read
