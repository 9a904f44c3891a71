"""Where tensors that one module stores may get to, and be asked for something."""

from __future__ import annotations

import textwrap

import pytest

from leakscan.facts.reading import read_facts
from leakscan.interpreter.project import Project
from leakscan.interpreter.reach import Reach
from leakscan.knowledge import knowledge
from leakscan.modules import ModuleIndex
from leakscan.questions import rebuilds


def link(modules):
    paths = [f"/p/{name}" if "." in name else f"/p/{name}.py" for name in modules]
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


# -- one program at a time: a notebook, or a file of tests, that nobody imports

LIBRARY = """
    class Process:
        def __init__(self, step):
            self._step = step

        @property
        def step(self):
            return self._step

    def train(process, rounds):
        state = 1
        for number in rounds:
            state = process.step(state)
        return state
    """
STARTS = """
    import keras
    import library

    def build():
        return keras.Sequential([keras.layers.Dense(1)])

    def step(state):
        net = build()
        net.compile("sgd", "mse")
        net.fit(state, state)
        return state

    process = library.Process(step)
    library.train(process, range(3))
    """


@pytest.mark.parametrize("name", ["study.ipynb", "test_study.py", "study_test.py", "study.py"])
def test_what_a_program_hands_to_a_library_is_run_by_the_library(name):
    project = link({"library": LIBRARY, name: STARTS})
    (found,) = rebuilds(project)
    assert project.paths[found.loop.module] == "/p/library.py"


@pytest.mark.parametrize("name", ["study.ipynb", "test_study.py", "study_test.py"])
def test_what_a_program_hands_to_a_library_is_not_run_by_another_program(name):
    """As the engine has it where many programs hand functions to one class."""
    uses = "import library\nlibrary.train(library.Process(print), [])"
    modules = {"library": LIBRARY, "apart": "pass", name: STARTS, "other.ipynb": uses, "test_it.py": uses}
    project = link(modules)
    number = {path.removeprefix("/p/"): place for place, path in enumerate(project.paths)}
    library, apart, study = number["library.py"], number["apart.py"], number[name]
    assert project.are_one_program(study, [library, study])
    assert project.are_one_program(library, [study])
    for other in ("other.ipynb", "test_it.py"):
        assert not project.are_one_program(number[other], [library, study])
        assert not project.are_one_program(library, [study, number[other]])
    # What the program does not import cannot call it.
    assert not project.are_one_program(apart, [study])
    assert project.are_one_program(apart, [library])


def test_a_file_of_tests_that_others_import_is_a_module_like_any():
    uses = "import test_study\nfor number in range(3):\n    test_study.step(number)\n"
    project = link({"library": LIBRARY, "test_study.py": STARTS, "main": uses})
    assert "/p/main.py" in {project.paths[found.loop.module] for found in rebuilds(project)}
