"""The pages of the site, for MkDocs: each file stays where it is, and has the same place in the site.

So links between pages hold on the site as they do in the repository. What a page links to is on the site as
well. The list of rules, and the examples of each, are made from the rules' folders: the examples are the
files that the tests check.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File, Files

from leakscan.registry import LoadedRule, load_rules

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
_LINK = re.compile(r"\]\(([^)\s#]+)[^)\s]*\)")
_TEXT_AND_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\n]*)\]\((?P<target>[^)\s#:]+)\)")
_EXPECTED = re.compile(r"# expect: ")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of rules, and pages that the navigation does not name, into it."""
    nav: list[Any] = list(config.nav or [])
    named = set(re.findall(r"[\w./-]+\.md", repr(nav)))
    rules: list[Any] = [{"All rules": "rules/README.md"}]
    for loaded in load_rules():
        folder = f"rules/{loaded.folder.name}"
        pages = [{"The rule": f"{folder}/README.md"}, {"Examples": f"{folder}/examples.md"}]
        rules.append({f"{loaded.rule.code} {loaded.rule.name}": pages})
    for number, entry in enumerate(nav):
        if isinstance(entry, dict) and entry.get("Rules"):
            nav[number] = {"Rules": rules}
    others = [page for page in _pages() if page not in named and not page.startswith("rules/")]
    config.nav = [*nav, {"More": others}] if others else nav
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Hand over the pages, what they link to, and what is made of the rules' folders."""
    pages = list(_pages())
    for path in [*pages, *sorted(_linked(pages) - set(pages))]:
        files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    rules = load_rules()
    files.append(File.generated(config, "rules/README.md", content=_rule_list(rules)))
    for loaded in rules:
        path = f"rules/{loaded.folder.name}/examples.md"
        files.append(File.generated(config, path, content=_examples(loaded)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Let the page of a rule lead to its examples, which in the repository lie beside it."""
    if re.fullmatch(r"rules/[^/]+/README\.md", page.file.src_uri):
        markdown += "\n[Examples: what the tests check, file by file](examples.md)\n"
    folder = os.path.dirname(page.file.src_uri)

    def shown(link: re.Match[str]) -> str:
        # Folders have a page in the repository, and none here.
        is_folder = (ROOT / os.path.normpath(os.path.join(folder, link["target"]))).is_dir()
        return link["text"] if is_folder else link[0]

    return _indented(_TEXT_AND_LINK.sub(shown, markdown))


def _indented(markdown: str) -> str:
    """What belongs to an item of a list, four blanks in: GitHub asks for two or three, MkDocs for four."""
    lines = []
    fenced, shift = False, 0
    for line in markdown.splitlines():
        indent = len(line) - len(line.lstrip())
        if not fenced:
            shift = 4 - indent if line.strip() and indent in _ITEM_INDENTS else 0
        if line.lstrip().startswith("```"):
            fenced = not fenced
        lines.append(" " * shift + line if line.strip() else line)
    return "\n".join(lines) + "\n"


_ITEM_INDENTS = (2, 3)


def _pages() -> Iterator[str]:
    yield from PAGES
    for path in sorted((ROOT / "docs").glob("*.md")):
        yield f"docs/{path.name}"
    for loaded in load_rules():
        yield f"rules/{loaded.folder.name}/README.md"


def _linked(pages: Sequence[str]) -> set[str]:
    """The files of the repository that pages link to."""
    found = set()
    for page in pages:
        for link in _LINK.findall((ROOT / page).read_text(encoding="utf-8")):
            target = os.path.normpath(os.path.join(os.path.dirname(page), link))
            if (ROOT / target).is_file():
                found.add(target)
    return found


_FAMILIES = {
    "IMR": "Improper model reuse",
    "UTR": "Unreleased tensor references",
    "RES": "Other resources",
}


def _rule_list(rules: Sequence[LoadedRule]) -> str:
    lines = [
        "# Rules",
        "",
        "The severity is the highest of a rule: what is known to cost less is reported with a lower one.",
    ]
    for family, title in _FAMILIES.items():
        head = ["| rule | severity | default | reports |", "|--|--|--|--|"]
        lines += ["", f"## {title}", "", *head]
        for loaded in rules:
            rule = loaded.rule
            if rule.code.startswith(family):
                link = f"[{rule.code} {rule.name}]({loaded.folder.name}/README.md)"
                default = "on" if rule.enabled_by_default else "off"
                lines.append(f"| {link} | {rule.severity.label} | {default} | {rule.summary} |")
    lines += ["", "[Rules of your own](../docs/rules.md) are folders of the same kind.", ""]
    return "\n".join(lines)


def _examples(loaded: LoadedRule) -> str:
    """Every example of a rule, whole, and what its fixes make of it."""
    code = loaded.rule.code
    folder = loaded.folder / "examples"
    intro = (
        "Each is a whole program that the tests check, one file or several. Saved under their names, "
        f"{code} reports the lines that end with `# expect: {code}`, and no others; a line with "
        f"`# todo: {code}` is a leak that is not found yet. Below a program stands what a fix makes of it, "
        "where the tests have one."
    )
    lines = [f"# Examples of {code}", "", intro, ""]
    for kind, title in (("bad", "Reported"), ("good", "Not reported")):
        lines += [f"## {title}", ""]
        for example in sorted(folder.glob(f"{kind}_*")):
            lines += _example(example, folder / "fixed")
    return "\n".join(lines)


def _example(example: Path, fixed: Path) -> Iterator[str]:
    files = [example] if example.is_file() else sorted(example.rglob("*.py"))
    main = example if example.is_file() else example / "main.py"
    purpose = ast.get_docstring(ast.parse(main.read_text(encoding="utf-8"))) or example.name
    title = purpose.replace('"', "&quot;").replace("\n", " ")
    yield f'??? example "{title}"'
    yield ""
    for file in files:
        yield from _listing(file, file.relative_to(example.parent).as_posix())
    for made in sorted(fixed.glob(f"{example.stem}.*")):
        strategy = made.name.split(".")[1]
        for file in [made] if made.is_file() else sorted(made.rglob("*.py")):
            yield from _listing(file, f"fixed by {strategy}: {file.relative_to(fixed).as_posix()}")


def _listing(file: Path, title: str) -> Iterator[str]:
    text = file.read_text(encoding="utf-8")
    if not text.strip():
        yield f"    `{title}` is empty."
        yield ""
        return
    lines = text.splitlines()
    marked = " ".join(str(number) for number, line in enumerate(lines, 1) if _EXPECTED.search(line))
    yield f'    ```{{ .python title="{title}" hl_lines="{marked}" }}'
    yield from (f"    {line}".rstrip() for line in lines)
    yield "    ```"
    yield ""
