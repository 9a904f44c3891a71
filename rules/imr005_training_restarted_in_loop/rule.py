"""IMR005: a training starts again in each iteration where one call, or one data set, would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from leakscan.costs import RESTART, estimate, severity
from leakscan.facts.model import (
    Assign,
    Attribute,
    AugAssign,
    Call,
    Expr,
    ExprStatement,
    For,
    Lambda,
    Literal,
    Name,
    Return,
    Starred,
    Stmt,
    While,
)
from leakscan.facts.names import dotted, names
from leakscan.facts.walk import walk
from leakscan.interpreter.values import Instance
from leakscan.knowledge import Kind
from leakscan.questions import (
    Repetition,
    call_at,
    calls,
    frequency,
    function_of,
    is_constant,
    repetitions,
    value,
)
from leakscan.rule import ChainLink, Confidence, Place, Report, Rule, Severity

from .strategies import Hoist, OneFit

if TYPE_CHECKING:
    from leakscan.interpreter.project import Project
    from leakscan.questions import Call as Found
    from leakscan.questions import Function

#: What makes a data set of arguments that may be large.
_MADE = (
    *(f"tensorflow.data.Dataset.{name}" for name in ("from_tensor_slices", "from_tensors", "from_generator")),
    "tensorflow.data.TFRecordDataset",
    "tensorflow.data.TextLineDataset",
    "keras.utils.image_dataset_from_directory",
    "keras.utils.text_dataset_from_directory",
    "keras.utils.timeseries_dataset_from_array",
    "keras.preprocessing.image_dataset_from_directory",
    "keras.preprocessing.timeseries_dataset_from_array",
)
#: What a loop over epochs may do between them that fit() and its History do as well.
_REPORTS = frozenset({"print", "append"})
#: Methods of a keras.preprocessing generator that go through data.
_FLOWS = frozenset({"flow", "flow_from_directory", "flow_from_dataframe"})
_Loop = For | While


class TrainingRestartedInLoop(Rule):
    """`for epoch in range(n): model.fit(x, y, epochs=1)`, and tf.data pipelines that an epoch makes anew."""

    code = "IMR005"
    name = "training-restarted-in-loop"
    summary = "fit() of one epoch, or the same data set made anew, in each iteration of a loop that trains"
    severity = Severity.MEDIUM
    strategies = (Hoist(), OneFit())

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each data set and each training that starts again without a reason."""
        fits = list(_fits(project))
        yield from _data_sets(project, fits)
        yield from _sequences(project, fits)
        yield from _trainings(project, fits)


def _fits(project: Project) -> Iterator[tuple[Found, Repetition]]:
    """Yield the trainings of one model in a loop of the project, with the nearest such loop."""
    for fit in calls(project, method="fit", receiver=Kind.MODEL):
        for around in repetitions(project, fit.place):
            if around.loop is None or around.driver is not None:
                continue
            # for rate in rates: model = build(rate); model.fit(data)  # a training for each model
            func = fit.call.func
            if not isinstance(func, Attribute) or not is_constant(project, func.value, fit.place, around):
                break
            yield fit, around
            break


def _data_sets(project: Project, fits: list[tuple[Found, Repetition]]) -> Iterator[Report]:
    training = {around.loop for _, around in fits}
    for made in calls(project, _MADE):
        # if data is None: data = tf.data.Dataset.from_tensor_slices(x)
        if made.conditional:
            continue
        for around in repetitions(project, made.place):
            if around.driver is not None or around.loop is None:
                continue
            # for fold in folds: tf.data.Dataset.from_tensor_slices(x[fold])
            given = [*made.call.args, *(item for _, item in made.call.keywords)]
            if not all(is_constant(project, _plain(item), made.place, around) for item in given):
                break
            if around.loop not in training and not _iterated(project, made, around):
                continue
            # data = tf.data.Dataset.from_tensor_slices(x).skip(epoch * size)
            if not _whole_is_constant(project, made, around):
                break
            yield _report(
                project,
                made.place,
                around,
                "the same data set is made anew in every iteration of the loop at {0}; "
                f"{made.name.replace('tensorflow.', 'tf.', 1)}() builds its pipeline again",
                "make the data set once before the loop: it starts anew, and shuffles anew, for each epoch",
                made,
            )
            break


def _sequences(project: Project, fits: list[tuple[Found, Repetition]]) -> Iterator[Report]:
    """Yield a report for each `keras.utils.Sequence` of the project that is made anew for each fit."""
    for fit, around in fits:
        made = _made_for(project, fit, around)
        if made is None:
            continue
        klass = _sequence_of(project, fit.function, made)
        given = [*made.args, *(item for _, item in made.keywords)]
        # model.fit(Rows(x[fold], y[fold])), model.fit(Rows(shard))
        if klass is None or not all(is_constant(project, item, fit.place, around) for item in given):
            continue
        yield _report(
            project,
            Place(fit.place.module, made.node),
            around,
            f"the same data set is made anew in every iteration of the loop at {{0}}; {klass}() is made, "
            "and what fit() sets up for it",
            "make it once before the loop, and call fit() once with all epochs; on_epoch_end() of the class "
            "can change its data",
            None,
        )


def _made_for(project: Project, fit: Found, around: Repetition) -> Call | None:
    """Return the call that makes what a fit trains on, in the same iteration."""
    given = fit.argument(0, "x")
    loop = _loop(project, around)
    if around.chain or loop is None or fit.conditional:
        return None
    if isinstance(given, Name):
        bound = [item.value for item in walk(loop.body) if isinstance(item, Assign) and given in item.targets]
        given = bound[0] if len(bound) == 1 else None
    return given if isinstance(given, Call) else None


def _sequence_of(project: Project, function: Function, made: Call) -> str | None:
    """Return the name of the class, if a call makes a Sequence or PyDataset of the project."""
    found = value(project, function, made)
    names = [
        project.klass(atom.module, atom.index).name
        for atom in found
        if isinstance(atom, Instance) and "sequence" in project.traits(atom.module, atom.index)
    ]
    return names[0] if names and len(names) == len(found) else None


def _plain(item: Expr) -> Expr:
    """Return what decides about an argument: xs of *xs, and of len(xs)."""
    if isinstance(item, Call) and isinstance(item.func, Name) and item.func.id == "len" and item.args:
        return item.args[0]
    return item.value if isinstance(item, Starred) else item


def _whole_is_constant(project: Project, made: Found, around: Repetition) -> bool:
    """Whether what is done to a data set where it is made is the same each time."""
    outer = [fact for fact in made.around if isinstance(fact, Call)]
    given = [*(arg for call in outer for arg in call.args), *(v for call in outer for _, v in call.keywords)]
    targets = _targets(project, around)
    for item in given:
        # model.fit(tf.data.Dataset.from_tensor_slices(x))
        if any(part is made.call for part in walk(item)):
            continue
        if isinstance(item, Lambda):
            body = project.modules[made.place.module].functions[item.function].body
            # .map(lambda row: augment(row, epoch))
            if targets & set(names(body)):
                return False
        elif not is_constant(project, _plain(item), made.place, around):
            return False
    return True


def _targets(project: Project, around: Repetition) -> set[str]:
    loop = _loop(project, around)
    return set(names(loop.target)) if isinstance(loop, For) else set()


def _iterated(project: Project, made: Found, around: Repetition) -> bool:
    """Whether the loop itself goes through the data set, batch by batch, and trains with them."""
    loop = _loop(project, around)
    if loop is None:
        return False
    # for x, y in self.train_data(): ..., where a method makes it
    call = call_at(project, around.chain[0].place).call if around.chain else made.call
    bound = {
        target.id
        for fact in walk(loop.body)
        if isinstance(fact, Assign) and any(part is call for part in walk(fact.value))
        for target in fact.targets
        if isinstance(target, Name)
    }
    for fact in walk(loop.body):
        if isinstance(fact, For) and (
            bound & set(names(fact.iterable)) or any(part is call for part in walk(fact.iterable))
        ):
            steps = {
                dotted(item.func).rpartition(".")[2] for item in walk(fact.body) if isinstance(item, Call)
            }
            if steps & {"train_on_batch", "apply_gradients", "train_step"}:
                return True
    return False


def _trainings(project: Project, fits: list[tuple[Found, Repetition]]) -> Iterator[Report]:
    for fit, around in fits:
        epochs = fit.argument(3, "epochs")
        # for stage in stages: model.fit(x, y, epochs=50, initial_epoch=...)
        if epochs is not None and epochs != Literal(1):
            continue
        given = list(_given([*fit.call.args, *(item for _, item in fit.call.keywords)]))
        # for shard in shards: model.fit(load(shard), epochs=1)
        if not given or not all(is_constant(project, _plain(item), fit.place, around) for item in given):
            continue
        loop = _loop(project, around)
        # for epoch in range(n): model.fit(x, y, epochs=1); model.reset_states(); validate(model)
        if loop is None or not _only_trains(project, fit, around, loop):
            continue
        yield _report(
            project,
            fit.place,
            around,
            "fit() trains one epoch in every iteration of the loop at {0}, on the same data; "
            "each call sets up its data, its callbacks and its loop again",
            "call fit() once with all epochs; what is done between them is a callback",
            None,
        )


def _given(items: list[Expr]) -> Iterator[Expr]:
    """Yield what arguments are made from: of generator.flow(x, y), the generator and x and y."""
    for item in items:
        if isinstance(item, Call) and isinstance(item.func, Attribute) and item.func.attr in _FLOWS:
            yield from (item.func.value, *item.args, *(value for _, value in item.keywords))
        else:
            yield item


def _only_trains(project: Project, fit: Found, around: Repetition, loop: _Loop) -> bool:
    """Whether a loop, and the functions between it and a training, only train and report."""
    between = [function_of(project, link.place) for link in around.chain[1:]]
    functions = [*between, fit.function] if around.chain else []
    bodies = [loop.body, *(project.function(*key).body for key in functions)]
    trained = [*(call_at(project, link.place).call for link in around.chain), fit.call]
    return all(_only_reports(call, body) for call, body in zip(trained, bodies, strict=True))


def _only_reports(trained: Call, body: list[Stmt]) -> bool:
    """Whether a body trains, prints, and collects or returns what the training gave, and nothing else."""
    for statement in body:
        if any(part is trained for part in walk(statement)):
            # return model.fit(x, y, verbose=0).history["loss"][0]
            if isinstance(statement, Assign | ExprStatement | Return):
                continue
            return False
        if isinstance(statement, Return) and not any(isinstance(part, Call) for part in walk(statement)):
            continue
        if isinstance(statement, AugAssign):
            continue
        if isinstance(statement, Assign) and not any(
            isinstance(part, Call) for part in walk(statement.value)
        ):
            continue
        if not isinstance(statement, ExprStatement) or not isinstance(statement.value, Call):
            return False
        call = statement.value
        if dotted(call.func).rpartition(".")[2] not in _REPORTS:
            return False
        # print(model.evaluate(x_test, y_test))
        inner = {dotted(part.func).rpartition(".")[2] for part in walk(call.args) if isinstance(part, Call)}
        if inner - {"format", "round", "float", "min", "max", "len", "time", "get"}:
            return False
    return True


def _loop(project: Project, around: Repetition) -> _Loop | None:
    assert around.loop is not None
    loops = walk(project.bodies.whole(*function_of(project, around.loop)))
    return next(
        (item for item in loops if isinstance(item, For | While) and item.node == around.loop.node), None
    )


def _report(
    project: Project, place: Place, around: Repetition, message: str, remedy: str, subject: object
) -> Report:
    often = frequency(project, place)
    chain: tuple[ChainLink, ...] = around.chain
    assert around.loop is not None
    return Report(
        place,
        message,
        remedy,
        min(severity(RESTART, often), Severity.MEDIUM),
        Confidence.HIGH,
        chain,
        (around.loop,),
        around.loop,
        subject,
        estimate(RESTART, often, "a pipeline"),
    )
