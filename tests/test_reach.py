"""Where tensors that one module stores may get to, and be asked for something."""

from __future__ import annotations

import textwrap

from leakscan.facts.reading import read_facts
from leakscan.interpreter.project import Project
from leakscan.interpreter.reach import Reach
from leakscan.knowledge import knowledge
from leakscan.modules import ModuleIndex


def link(modules):
    paths = [f"/p/{name}.py" for name in modules]
    facts = [read_facts(textwrap.dedent(text)) for text in modules.values()]
    return Project(dict(zip(paths, facts, strict=True)), ModuleIndex(paths, "/p"), knowledge())


def test_what_is_asked_of_stored_tensors_is_looked_for_where_they_may_get_to():
    modules = {
        "store": """
            import keras
            import tensorflow as tf

            model = keras.Sequential([keras.layers.Dense(1)])

            def run(batches):
                kept = []
                for batch in batches:
                    kept.append(tf.reduce_mean(model(batch)))
                return kept
            """,
        "main": """
            import report
            import store

            def main(batches):
                report.show(store.run(batches))
            """,
        "report": """
            def show(values):
                for value in values:
                    print(value.numpy())
            """,
        "other": """
            def show(values):
                for value in values:
                    print(value.numpy())
            """,
    }
    project = link(modules)
    (found,) = project.analysed()[1]
    reads = project.with_uses(found).reads
    assert [(read.name, project.paths[read.module].rpartition("/")[2]) for read in reads] == [
        ("numpy", "report.py")
    ]
    numbers = {path.rpartition("/")[2]: number for number, path in enumerate(project.paths)}
    reach = Reach(project)
    assert reach.of([numbers["store.py"]]) == {numbers[name] for name in ("store.py", "main.py", "report.py")}
    assert reach.of([numbers["report.py"]]) == reach.of([numbers["store.py"]])
    assert reach.of([numbers["other.py"]]) == {numbers["other.py"]}
    assert (numbers["other.py"], 1) not in project.engine.roots


def test_a_submodule_that_is_imported_by_its_whole_name_is_within_reach():
    project = link({"pkg/__init__": "", "pkg/deep": "import keras\n", "main": "import pkg.deep\n"})
    numbers = {path.removeprefix("/p/"): number for number, path in enumerate(project.paths)}
    assert numbers["pkg/deep.py"] in Reach(project).of([numbers["main.py"]])
    assert numbers["main.py"] in Reach(project).of([numbers["pkg/deep.py"]])
