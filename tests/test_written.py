"""Trees that were made from others by changes, written out: the same text as LibCST gives."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from leakscan.codemods.written import Writer
from leakscan.facts.authority import Tokens, locate

SHAPES = """# a header

import keras


@decorated
class Net(keras.Model):
    '''Text.'''

    def call(self, x):  # a comment
        if x is None: return 0
        elif x: # here
            a = 1; b = 2
        elif not x:
            a = 3
        else:
               # odd
               a = 4

        # behind
        try:
            a = 5
        except ValueError:
            a = 6
        except (KeyError, TypeError) as error:
            a = 7
        else:
            a = 8
        finally:
            a = 9
        for x in (1,
                  2):
            a = 10
        else:
            a = 11
        while True:
            with open("x") as f, g: a = 12
            with h:
              a = 13  # two blanks
        return x


match command:
    case 1:
        a = 14
    case _:
        a = 15
async def f():
	if tabs:
		a = 21
	async with x:
		a = 16
	async for y in z:
		a = 17
try:
    a = 18
except* ValueError:
    a = 19
last = 20"""


class _Changes(cst.CSTTransformer):
    """Replaces one number, and puts a statement before each line that holds it."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.number = number

    def leave_Integer(self, original_node, updated_node):  # noqa: N802 -- LibCST's interface
        return cst.Integer("1000") if original_node.value == self.number else updated_node

    def leave_SimpleStatementLine(self, original_node, updated_node):  # noqa: N802 -- LibCST's interface
        if updated_node.deep_equals(original_node):
            return original_node
        return cst.FlattenSentinel([cst.parse_statement("added = 0"), updated_node])


def texts() -> list[str]:
    ends = [
        SHAPES,
        SHAPES + "\n",
        SHAPES + "\n# the end\n",
        SHAPES + "\n    \n",
        SHAPES.replace("\n", "\r\n"),
    ]
    return [*ends, "", "\n", "x = 1", "# only\n"]


@pytest.mark.parametrize("text", texts())
def test_a_changed_tree_is_written_as_libcst_writes_it(text):
    tree = cst.parse_module(text)
    writer = Writer(tree, Tokens(tree))
    assert writer.text(tree) == tree.code
    for number in range(22):
        changed = tree.visit(_Changes(str(number)))
        assert writer.text(changed) == changed.code
        assert ("1000" in changed.code) == (f" {number}" in f"{text} ".replace("\n", " ").replace(";", " "))
    moved = tree.with_changes(body=[*tree.body, *(item for item in tree.body if "class" in tree.code)])
    assert writer.text(moved) == moved.code


def test_a_statement_that_moves_to_another_depth_is_indented_as_there():
    tree = cst.parse_module("for i in x:\n  if i:\n    # above\n    a = [1,\n      2]\n  b = 3\n")
    loop = tree.body[0]
    inner = loop.body.body[0].body.body[0]
    changed = tree.with_changes(body=[inner, loop.with_changes(body=loop.body.with_changes(body=[inner]))])
    assert Writer(tree, Tokens(tree)).text(changed) == changed.code


def test_nodes_stand_where_libcst_says_that_they_stand():
    here = Path(__file__)
    for text in (*texts(), *(path.read_text("utf-8") for path in sorted(here.parent.glob("test_f*.py"))[:4])):
        found = locate(text)
        positions = MetadataWrapper(found.tree, unsafe_skip_copy=True).resolve(PositionProvider)
        expected = {
            number: (place.start.line, place.start.column, place.end.line, place.end.column)
            for number, place in ((number, positions[node]) for number, node in found.nodes.items())
        }
        assert found.ranges == expected
        few = list(expected)[1::3]
        assert locate(text, few).ranges == {number: expected[number] for number in few}
