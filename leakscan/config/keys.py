"""The keys of a configuration, which the reference in docs/configuration.md is made from."""

from __future__ import annotations

import enum

from leakscan.records import dataclass


class Kind(enum.Enum):
    """What the value of a key is."""

    SELECTORS = enum.auto()
    PATTERNS = enum.auto()
    PER_FILE = enum.auto()
    SEVERITY = enum.auto()
    CONFIDENCE = enum.auto()
    FAIL_LEVEL = enum.auto()
    FLAG = enum.auto()
    STRATEGIES = enum.auto()
    DIRECTORIES = enum.auto()
    NAMES = enum.auto()
    FILE = enum.auto()


_SHOWN = {
    Kind.SELECTORS: "list of codes",
    Kind.PATTERNS: "list of patterns",
    Kind.PER_FILE: "table",
    Kind.SEVERITY: "level",
    Kind.CONFIDENCE: "level",
    Kind.FAIL_LEVEL: "level",
    Kind.FLAG: "true or false",
    Kind.STRATEGIES: "table",
    Kind.DIRECTORIES: "list of directories",
    Kind.NAMES: "list of names",
    Kind.FILE: "file",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One key. default and example are TOML, meaning is Markdown of one line.

    adds: what a file that `extend`s another says is added to what the other says, not put in its place.
    option: the option of `check` that does the same.
    """

    name: str
    kind: Kind
    default: str
    meaning: str
    example: str
    adds: bool = False
    option: str | None = None


KEYS = (
    Key(
        "extend",
        Kind.FILE,
        "none",
        "another configuration file, relative to this one, whose keys hold where this one does not set them",
        '"../pyproject.toml"',
    ),
    Key(
        "select",
        Kind.SELECTORS,
        "the rules that are on by default",
        'codes or prefixes of the rules to run; `"ALL"` for every one',
        '["IMR", "UTR001"]',
        option="--select",
    ),
    Key(
        "extend-select",
        Kind.SELECTORS,
        "none",
        "rules to run as well",
        '["IMR006"]',
        adds=True,
        option="--extend-select",
    ),
    Key(
        "ignore",
        Kind.SELECTORS,
        "none",
        "rules not to run; of two prefixes that mean a rule the longer one wins, at equal length `ignore`",
        '["UTR005"]',
        option="--ignore",
    ),
    Key(
        "per-file-ignores",
        Kind.PER_FILE,
        "none",
        "pattern -> codes or prefixes that are not reported in the files that it means",
        '{ "tests/*" = ["IMR"] }',
    ),
    Key(
        "min-severity",
        Kind.SEVERITY,
        '"low"',
        '`"low"`, `"medium"` or `"high"`: findings below it are hidden',
        '"medium"',
        option="--min-severity",
    ),
    Key(
        "min-confidence",
        Kind.CONFIDENCE,
        '"medium"',
        "the same, for confidence",
        '"high"',
        option="--min-confidence",
    ),
    Key(
        "fail-level",
        Kind.FAIL_LEVEL,
        '"medium"',
        '`"low"`, `"medium"`, `"high"` or `"never"`: from which severity on a run exits 1',
        '"high"',
        option="--fail-level",
    ),
    Key(
        "exclude",
        Kind.PATTERNS,
        "none",
        "files and directories to leave out, beside the usual ones (`.git`, `.venv`, `build`, ...)",
        '["legacy", "third_party/*.py"]',
        option="--exclude",
    ),
    Key(
        "extend-exclude",
        Kind.PATTERNS,
        "none",
        "further ones",
        '["generated"]',
        adds=True,
        option="--extend-exclude",
    ),
    Key(
        "unsafe-fixes",
        Kind.FLAG,
        "false",
        "whether `--fix` applies unsafe fixes as well",
        "true",
        option="--unsafe-fixes",
    ),
    Key(
        "strategies",
        Kind.STRATEGIES,
        "none",
        "code -> the only strategy by which findings of the rule are fixed",
        '{ IMR001 = "reuse" }',
        option="--strategy",
    ),
    Key(
        "rules-dirs",
        Kind.DIRECTORIES,
        "none",
        "directories of rules of your own, relative to the file, which are left out of checks; "
        "they are code that runs, see [whose rules are run](#whose-rules-are-run)",
        '["my_rules"]',
        option="--rules-dir",
    ),
    Key(
        "model-builders",
        Kind.NAMES,
        "none",
        "dotted names of functions that build a model",
        '["zoo.build"]',
    ),
    Key(
        "releases",
        Kind.NAMES,
        "none",
        "functions that drop the models that Keras keeps, as `keras.backend.clear_session` does",
        '["acme.release_all"]',
    ),
    Key(
        "tensor-producers",
        Kind.NAMES,
        "none",
        "functions that give a live tensor",
        '["acme.losses.perceptual"]',
    ),
    Key(
        "drivers",
        Kind.NAMES,
        "none",
        "functions that call one of their arguments again and again, such as a search with an objective",
        '["acme.search"]',
    ),
)

BY_NAME = {key.name: key for key in KEYS}


def reference() -> str:
    """The table of all keys, as Markdown."""
    lines = ["| key | value | default | meaning | example |", "|--|--|--|--|--|"]
    for key in KEYS:
        default = f"`{key.default}`" if key.default[0] == '"' or key.kind is Kind.FLAG else key.default
        lines.append(
            f"| `{key.name}` | {_SHOWN[key.kind]} | {default} | {key.meaning} "
            f"| `{key.name} = {key.example}` |"
        )
    return "\n".join(lines) + "\n"
