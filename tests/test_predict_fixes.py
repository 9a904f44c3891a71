"""The fix of IMR006: where the model itself may take the place of its predict()."""

from __future__ import annotations

import pytest

LOOP = """\
import keras
import numpy as np

net = keras.models.load_model("net.keras")


def answers(images):
    found = []
    for image in images:
        answer = net.predict(np.expand_dims(image, 0))
        {use}
    return found
"""


@pytest.mark.parametrize(
    ("use", "offered"),
    [
        ("found.append(answer[0])", True),
        ("found.append(answer[0][1])", True),
        ("found.append(answer[1])", False),
        ("boxes, scores = answer; found.append(scores)", False),
        ("answer = answer[0] if isinstance(answer, list) else answer; found.append(answer)", False),
    ],
)
def test_a_model_with_several_outputs_keeps_its_predict(leakscan, use, offered):
    leakscan.write("a.py", LOOP.format(use=use))
    [finding] = leakscan.json("--select", "IMR006", "a.py").json["findings"]
    assert bool(finding["fixes"]) is offered
    reasons = [item["reason"] for item in finding["refusals"]]
    assert (reasons == []) if offered else ("several answers" in reasons[0])
