"""The one spelling of an external name, and what star imports of known modules bring."""

from __future__ import annotations

import re

_KERAS_ROOTS = (
    "tensorflow.compat.v1.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.contrib.keras.api.keras",
    "tensorflow.contrib.keras",
    "tensorflow.python.keras.api._v2.keras",
    "tensorflow.python.keras.api._v1.keras",
    "tensorflow.python.keras.api.keras",
    "tensorflow.python.keras",
    "tensorflow.keras",
    "tensorflow_core.keras",
    "tensorflow_core.python.keras",
    "keras.api._v2.keras",
    "keras.api._v1.keras",
    "keras.api",
    "keras.src",
    "keras._tf_keras.keras",
    "tf_keras.src",
    "tf_keras",
    "keras_core",
    "keras",
)
_TENSORFLOW_ROOTS = (
    "tensorflow.compat.v1",
    "tensorflow.compat.v2",
    "tensorflow.python",
    "tensorflow_core.python",
    "tensorflow_core",
    "tensorflow",
)


#: What people call packages in code; questions and rows name the package.
ALIASES = {"tf": "tensorflow", "np": "numpy", "K": "keras.backend", "pd": "pandas"}


def _roots(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, names))})(?![^.])")


_EAGER = "tensorflow.contrib.eager."
_KERAS, _TENSORFLOW = _roots(_KERAS_ROOTS), _roots(_TENSORFLOW_ROOTS)


def canonical(name: str) -> str:
    """Return the one spelling of a dotted external name.

    >>> canonical("tensorflow.compat.v1.keras.backend.clear_session")
    'keras.backend.clear_session'
    >>> canonical("tensorflow.compat.v1.reset_default_graph")
    'tensorflow.reset_default_graph'
    >>> canonical("tensorflow.contrib.eager.metrics.Mean")
    'keras.metrics.Mean'
    """
    # Eager execution as it was before TensorFlow 2: tfe.metrics.Mean(), tfe.GradientTape()
    if name.startswith(_EAGER):
        name = name[len(_EAGER) :]
        return f"keras.{name}" if name.partition(".")[0] == "metrics" else f"tensorflow.{name}"
    if root := _KERAS.match(name):
        return "keras" + name[root.end() :]
    if root := _TENSORFLOW.match(name):
        return "tensorflow" + name[root.end() :]
    return name


#: Names that `from MODULE import *` brings from known modules, beyond capitalised classes.
STAR_NAMES = frozenset(
    """clear_session clone_model load_model model_from_json model_from_yaml reset_default_graph GradientTape
    function reduce_mean reduce_sum convert_to_tensor concat stack get_value""".split()
)
STAR_CLASSES = frozenset(
    """Sequential Model Input Dense Dropout Flatten Conv1D Conv2D Conv3D Conv2DTranspose LSTM GRU SimpleRNN
    Embedding Bidirectional BatchNormalization LayerNormalization MaxPooling1D MaxPooling2D AveragePooling2D
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D Activation LeakyReLU
    PReLU Reshape Permute RepeatVector Lambda Concatenate Add Average Multiply TimeDistributed
    SeparableConv2D DepthwiseConv2D UpSampling2D ZeroPadding2D Cropping2D GaussianNoise Masking Layer
    InputLayer MultiHeadAttention Attention ReLU Softmax""".split()
)


#: What the names of keras.applications begin with.
_ARCHITECTURES = (
    "ConvNeXt", "DenseNet", "EfficientNet", "Inception", "MobileNet", "NASNet", "RegNet", "ResNet", "VGG",
    "Xception",
)  # fmt: skip


_WIDGETS = frozenset({"Button", "Checkbutton", "Radiobutton", "Scale", "Spinbox"})


def star_import(module: str, name: str) -> str | None:
    """Return the canonical name that `from module import *` gives to `name`, or None if it gives none.

    Only for known modules and known names: what a star import brings is not in the file.
    """
    root = canonical(module)
    last = root.rpartition(".")[2]
    if root == "keras" or root.startswith("keras."):
        if name in {
            "Sequential",
            "Model",
            "clone_model",
            "load_model",
            "model_from_json",
            "Input",
            "model_from_yaml",
        }:
            return (
                f"{root}.{name}"
                if last in {"keras", "models", "engine", "training"}
                or (name == "Input" and last != "applications")
                else None
            )
        if name in STAR_CLASSES and last in {
            "layers",
            "core",
            "convolutional",
            "recurrent",
            "pooling",
            "keras",
        }:
            return f"keras.layers.{name}"
        if name == "clear_session" and last in {"backend", "utils"}:
            return f"{root}.{name}"
        if last in {"losses", "metrics", "optimizers"} and name[:1].isupper():
            return f"{root}.{name}"
        # from keras.layers import *; from keras.applications import *; Dropout(0.5)
        if last == "applications" and name.startswith(_ARCHITECTURES):
            return f"{root}.{name}"
        if last == "keras" and name in {
            "layers",
            "models",
            "losses",
            "metrics",
            "optimizers",
            "backend",
            "utils",
        }:
            return f"keras.{name}"
    # from tkinter import *; from tkinter.ttk import *; Button(root, command=classify)
    if root in {"tkinter", "tkinter.ttk"} and name in _WIDGETS:
        return f"{root}.{name}"
    if root == "tensorflow" and (name in STAR_NAMES or name == "keras"):
        return f"{root}.{name}"
    return None
