"""ABC001: TensorFlow is told to run its functions eagerly, a switch for debugging that was left on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from leakscan.facts.model import Literal
from leakscan.questions import calls
from leakscan.rule import Applicability, Confidence, RefusedError, Report, Rewrite, Rule, Severity, Strategy

if TYPE_CHECKING:
    from leakscan.codemods.rewriting import Code
    from leakscan.interpreter.project import Project


class Drop(Strategy):
    """Takes the switch away."""

    name = "drop"
    summary = "remove the call"
    applicability = Applicability.UNSAFE

    def rewrite(self, report: Report, code: Code) -> Rewrite:
        """Return the module without the call."""
        import libcst as cst  # heavy; a check that finds nothing does without

        from leakscan.codemods.rewriting import Patch

        statement = code.statement(code.node(report.place))
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) > 1:
            raise RefusedError("the call shares its statement with other code")
        if len(code.block(statement).body) == 1:
            raise RefusedError("the call is all that its block does")
        patch = Patch(code)
        patch.drop(statement, moved=False)
        return Rewrite("remove the call: functions run as graphs", self.applicability, patch.tree())


class FunctionsRunEagerly(Rule):
    """`tf.config.run_functions_eagerly(True)` in a program that trains."""

    code = "ABC001"
    name = "functions-run-eagerly"
    summary = "tf.functions are run eagerly, operation by operation, in the whole program"
    severity = Severity.HIGH
    strategies = (Drop(),)

    def judge(self, project: Project) -> Iterable[Report]:
        """Yield a report for each call that turns graphs off."""
        for found in calls(project, {"tensorflow.config.run_functions_eagerly"}):
            # tf.config.run_functions_eagerly(False); tf.config.run_functions_eagerly(flags.debug)
            if found.call.args != (Literal(value=True),):
                continue
            # if flags.debug: tf.config.run_functions_eagerly(True)
            if found.conditional:
                continue
            yield Report(
                found.place,
                "functions run eagerly; every tf.function of the program is executed operation by operation",
                "remove the call once the function is debugged",
                self.severity,
                Confidence.HIGH,
            )
