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
        ("found.append([part.shape for part in answer])", False),
        ("boxes, scores = answer; found.append(scores)", False),
        ("answer = answer[0] if isinstance(answer, list) else answer; found.append(answer)", False),
    ],
)
def test_a_model_with_several_outputs_keeps_its_predict(leakscan, use, offered):
    leakscan.write("a.py", LOOP.format(use=use))
    [finding] = leakscan.json("--select", "IMR006", "a.py").json["findings"]
    fixes = [item["strategy"] for item in finding["fixes"]]
    assert fixes == (["on-batch", "call"] if offered else ["on-batch"])
    reasons = [item["reason"] for item in finding["refusals"]]
    assert (reasons == []) if offered else ("several answers" in reasons[0])


@pytest.mark.parametrize(
    ("data", "offered"),
    [("[image[None], rest[None]]", True), ("[image]", False), ("[[image], [rest]]", False)],
)
def test_a_list_of_numbers_is_no_list_of_inputs(leakscan, data, offered):
    text = LOOP.format(use="found.append(answer[0])").replace("np.expand_dims(image, 0)", data)
    leakscan.write(
        "a.py", text.replace("images:", "zip(images, images):").replace("for image", "for image, rest")
    )
    [finding] = leakscan.json("--select", "IMR006", "a.py").json["findings"]
    assert len(finding["fixes"]) == (2 if offered else 0)


@pytest.mark.parametrize(
    "made",
    [
        "tf.data.Dataset.from_tensors(np.expand_dims(image, 0))",
        "tf.data.Dataset.from_tensor_slices(image[None]).batch(1)",
        "tfdf.keras.pd_dataframe_to_tf_dataset(image)",
    ],
)
def test_a_data_set_is_no_batch(leakscan, made):
    text = LOOP.format(use="found.append(answer[0][0])").replace("np.expand_dims(image, 0)", "rows")
    text = text.replace("        answer =", f"        rows = {made}\n        answer =")
    text = "import tensorflow as tf\nimport tensorflow_decision_forests as tfdf\n" + text
    leakscan.write("a.py", text)
    [finding] = leakscan.json("--select", "IMR006", "a.py").json["findings"]
    assert finding["fixes"] == []
    assert "goes through the data set" in finding["refusals"][0]["reason"]
