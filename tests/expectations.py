"""What a JSON report found, in the form of what `# expect: CODE` comments mark."""

from __future__ import annotations

from pathlib import Path

from leakscan.testing import Site, marked

__all__ = ["PROGRAM_HEAD", "found", "marked"]

#: What small programs begin with that do not import for themselves: something to build, and to compute.
PROGRAM_HEAD = """
import functools
import numpy as np
import keras
import tensorflow as tf
from data import rows, x, y


def build(units=8):
    net = keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])
    net.compile("adam", "mse")
    return net


@tf.function
def step(row):
    return tf.reduce_mean(row * 2.0)


@tf.function
def image(row):
    return tf.image.resize(row, (64, 64))

"""


def found(report: dict, base: Path) -> list[Site]:
    """The findings of a JSON report as sites; its paths may be relative to `base` or absolute."""
    return sorted(
        (item["code"], (base / item["path"]).resolve().relative_to(base.resolve()).as_posix(), item["line"])
        for item in report["findings"]
    )
