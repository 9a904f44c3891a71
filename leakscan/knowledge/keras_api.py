"""The catalogue of API names: what constructs, releases, makes tensors, converts to plain data, or grows.

Names are canonical: `canonical` maps every spelling of Keras (`tf.keras`, `tf_keras`, `keras.src`,
`tensorflow.python.keras`, ...) to `keras.` and drops `compat.v1` from TensorFlow's.
"""

from __future__ import annotations

import enum
import re
from functools import cache


class Kind(enum.Enum):
    """What a call of an external name gives."""

    MODEL = "model"
    LAYER = "layer"
    SYMBOLIC = "symbolic"
    LOSS = "loss"
    METRIC = "metric"
    OPTIMIZER = "optimizer"
    TAPE = "tape"
    DATASET = "dataset"
    DISTRIBUTION = "distribution"
    VARIABLE = "variable"
    TENSOR = "tensor"
    TENSOR_LIST = "tensor list"
    SCALAR = "scalar tensor"
    HOST = "plain data"
    RELEASE = "release"
    FRESH_GRAPH = "fresh graph"
    FUNCTION = "tf.function"
    PY_FUNCTION = "py_function"
    PARTIAL = "partial"
    DRIVER = "driver"
    OTHER = "other"


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


@cache
def canonical(name: str) -> str:
    """Return the one spelling of a dotted external name.

    >>> canonical("tensorflow.compat.v1.keras.backend.clear_session")
    'keras.backend.clear_session'
    >>> canonical("tensorflow.compat.v1.reset_default_graph")
    'tensorflow.reset_default_graph'
    """
    for root in _KERAS_ROOTS:
        if name.startswith(root) and name[len(root) : len(root) + 1] in {"", "."}:
            return "keras" + name[len(root) :]
    for root in _TENSORFLOW_ROOTS:
        if name.startswith(root) and name[len(root) : len(root) + 1] in {"", "."}:
            return "tensorflow" + name[len(root) :]
    return name


MODEL_CLASSES = frozenset({"Sequential", "Model", "Functional", "LinearModel", "WideDeepModel"})
_MODEL_FUNCTIONS = frozenset({"clone_model", "model_from_json", "model_from_yaml", "model_from_config"})
_MODEL_LOADERS = frozenset({"load_model"})
_RELEASES = frozenset({"clear_session", "reset_default_graph"})
_APPLICATION = re.compile(r"keras\.applications\.(\w+\.)?[A-Z]\w+$|keras_applications\.(\w+\.)?[A-Z]\w+$")
_THIRD_PARTY_MODELS = re.compile(
    r"(segmentation_models(\.\w+)*\.(Unet|FPN|Linknet|PSPNet)"
    r"|efficientnet(\.\w+)*\.EfficientNet(B[0-8]|L2)"
    r"|keras_contrib\.applications(\.\w+)*\.[A-Z]\w+"
    r"|classification_models(\.\w+)*\.Classifiers)$"
)
#: Classes whose instances are layers with subclasses in user code.
LAYER_BASES = frozenset({"Layer", "RNN", "Wrapper", "Dense", "LSTM", "LSTMCell", "GRU", "Conv2D", "Lambda"})

_TENSORFLOW_HOST = re.compile(
    r"tensorflow\.(print|device|name_scope|variable_scope|executing_eagerly|is_tensor|get_static_value|get_logger"
    r"|no_op|group|get_default_graph|init_scope|no_gradient|get_collection|add_to_collection|assert_\w+|type_spec\w*"
    r"|global_variables_initializer|local_variables_initializer|trainable_variables|global_variables|TensorShape"
    r"|TensorSpec|import_graph_def|load_op_library|control_dependencies|initialize_all_variables|inside_function"
    r"|convert_to_numpy|tensor_shape|set_random_seed|enable_eager_execution|enable_v2_behavior|py_func)$"
    r"|tensorflow\.(config|io\.gfile|gfile|summary|saved_model|train|test|app|logging|flags|estimator|feature_column"
    r"|distribute|debugging|autograph|profiler|version|sysconfig|lite|xla|tpu|compat|dtypes|experimental|types|contrib"
    r"|errors|initializers|lookup|mlir|nest|python_io|resource_loader|strings\.format|framework\.ops|client|platform"
    r"|util|eager|training|tools|core|module|rewrite_options|optimizers|layers|init_ops)\b"
    r"|tensorflow\.random\.(set_seed|get_global_generator|set_global_generator|create_rng_state)$"
)
_TENSOR_LISTS = frozenset(
    {
        "tensorflow.split",
        "tensorflow.unstack",
        "tensorflow.gradients",
        "tensorflow.clip_by_global_norm",
        "tensorflow.meshgrid",
        "tensorflow.nn.moments",
        "tensorflow.dynamic_partition",
        "keras.backend.gradients",
        "keras.ops.split",
        "keras.ops.unstack",
    }
)
_REDUCTIONS = frozenset(
    {
        f"{root}.{name}"
        for root in ("tensorflow", "tensorflow.math")
        for name in ("reduce_mean", "reduce_sum", "reduce_max", "reduce_min", "reduce_prod", "reduce_std")
    }
    | {
        f"{root}.{name}"
        for root in ("keras.ops", "keras.backend")
        for name in ("mean", "sum", "max", "min", "std")
    }
    | {"tensorflow.norm", "tensorflow.linalg.norm"}
)
_ALWAYS_SCALAR = frozenset(
    {"tensorflow.nn.l2_loss", "tensorflow.linalg.global_norm", "tensorflow.global_norm"}
)
_KERAS_BACKEND_HOST = frozenset(
    """get_value batch_get_value eval floatx epsilon image_data_format image_dim_ordering get_session
    set_session learning_phase set_learning_phase int_shape ndim shape_type set_floatx set_epsilon
    set_image_data_format set_image_dim_ordering backend count_params get_uid is_keras_tensor is_sparse
    clear_session set_value batch_set_value print_tensor name_scope manual_variable_initialization is_tensor
    convert_to_numpy shape cast_to_floatx""".split()
)
_DATASET_MAKERS = re.compile(
    r"tensorflow\.data\.(experimental\.)?(Dataset|TFRecordDataset|TextLineDataset|FixedLengthRecordDataset"
    r"|make_csv_dataset|CsvDataset)(\.\w+)?$"
    r"|keras\.(utils|preprocessing)\.(\w+\.)?(image|text|audio|timeseries)_dataset_from_\w+$"
    r"|tensorflow_datasets\.(load|as_dataset)$"
    r"|tensorflow\.distribute\.DistributedDataset$"
)
_DISTRIBUTIONS = re.compile(
    r"(tensorflow_probability|tensorflow\.distributions)\.(substrates\.\w+\.)?(distributions\.)?[A-Z]\w*$"
)
#: Functions that call the function they are given once per step of their own loop.
_DRIVERS = re.compile(
    r"scipy\.optimize\.(minimize|fmin\w*|basinhopping|least_squares|differential_evolution|dual_annealing|root|newton)$"
    r"|tensorflow_probability\.(\w+\.)*(lbfgs_minimize|bfgs_minimize|nelder_mead_minimize|differential_evolution_minimize"
    r"|minimize)$"
    r"|tensorflow\.contrib\.opt\.ScipyOptimizerInterface$"
)
_HOST_BUILTINS = frozenset(
    """float int str bool len repr format hash id ord chr round bin hex print input open type isinstance
    issubclass callable hasattr any all range bytes bytearray complex divmod vars dir ascii
    memoryview""".split()
)


@cache
def call_kind(name: str) -> Kind:  # noqa: PLR0911 -- a table in the form of guards
    """Return what calling the canonical `name` gives."""
    root, _, rest = name.partition(".")
    last = name.rpartition(".")[2]
    if root == "builtins":
        return Kind.HOST if last in _HOST_BUILTINS else Kind.OTHER
    if root in {"numpy", "math", "pandas", "time", "random", "cv2", "PIL", "matplotlib", "json"}:
        return Kind.HOST
    if _DRIVERS.match(name):
        return Kind.DRIVER
    if name == "functools.partial":
        return Kind.PARTIAL
    if _THIRD_PARTY_MODELS.match(name) or _APPLICATION.match(name):
        return Kind.MODEL
    if _DATASET_MAKERS.match(name):
        return Kind.DATASET
    if _DISTRIBUTIONS.match(name):
        return Kind.DISTRIBUTION
    if root not in {"keras", "tensorflow"}:
        return Kind.OTHER
    if last in _RELEASES:
        return Kind.RELEASE
    if root == "keras":
        return _keras_kind(rest, last)
    return _tensorflow_kind(name, rest, last)


def _keras_kind(rest: str, last: str) -> Kind:  # noqa: C901, PLR0911 -- a table in the form of guards
    parts = rest.split(".")
    head = parts[0]
    # keras.Model, keras.models.Model, keras.engine.training.Model; also keras.Sequential.from_config
    if last in MODEL_CLASSES or last in _MODEL_FUNCTIONS:
        return Kind.MODEL
    if last == "from_config" and len(parts) > 1 and parts[-2] in MODEL_CLASSES:
        return Kind.MODEL
    if last in {"Input", "InputLayer"}:
        return Kind.SYMBOLIC
    if "losses" in parts[:-1]:
        return Kind.LOSS if last[:1].isupper() and not last.isupper() else Kind.TENSOR
    if "metrics" in parts[:-1]:
        return Kind.METRIC if last[:1].isupper() and not last.isupper() else Kind.TENSOR
    if "optimizers" in parts[:-1]:
        return Kind.OPTIMIZER if last[:1].isupper() else Kind.OTHER
    if head in {"layers", "engine", "legacy"} or "layers" in parts[:-1]:
        return Kind.LAYER if last[:1].isupper() else Kind.SYMBOLIC
    if head == "Variable":
        return Kind.VARIABLE
    if head in {"ops", "backend", "activations", "random"} or (head == "src" and "backend" in parts):
        if last == "function":
            return Kind.OTHER
        name = f"keras.{rest}"
        if last in _KERAS_BACKEND_HOST or last[:1].isupper():
            return Kind.VARIABLE if last in {"variable", "Variable"} else Kind.HOST
        if name in _TENSOR_LISTS:
            return Kind.TENSOR_LIST
        return Kind.SCALAR if name in _REDUCTIONS else Kind.TENSOR
    return Kind.OTHER


def _tensorflow_kind(name: str, rest: str, last: str) -> Kind:  # noqa: PLR0911 -- a table
    if name == "tensorflow.GradientTape" or rest.endswith("backprop.GradientTape"):
        return Kind.TAPE
    if name in {"tensorflow.function", "tensorflow.contrib.eager.defun"} or rest.endswith(
        "def_function.function"
    ):
        return Kind.FUNCTION
    if name in {"tensorflow.py_function", "tensorflow.numpy_function", "tensorflow.py_func"}:
        return Kind.PY_FUNCTION
    if name in {"tensorflow.Graph", "tensorflow.framework.ops.Graph"}:
        return Kind.FRESH_GRAPH
    if name in {
        "tensorflow.placeholder",
        "tensorflow.placeholder_with_default",
        "tensorflow.sparse_placeholder",
    }:
        return Kind.SYMBOLIC
    if name in {"tensorflow.Variable", "tensorflow.get_variable"}:
        return Kind.VARIABLE
    if "Optimizer" in last and last[:1].isupper():
        return Kind.OPTIMIZER
    if name in _TENSOR_LISTS:
        return Kind.TENSOR_LIST
    if _TENSORFLOW_HOST.match(name):
        return Kind.HOST if rest.split(".", maxsplit=1)[0] not in {"contrib", "layers"} else Kind.OTHER
    if last[:1].isupper():
        return Kind.OTHER
    if name in _ALWAYS_SCALAR:
        return Kind.SCALAR
    # tf.reduce_mean, tf.math.reduce_mean, tf.nn.softmax, tf.random.normal, tf.image.resize, ...
    return Kind.SCALAR if name in _REDUCTIONS else Kind.TENSOR


#: Metrics whose result is one number whatever they are given.
_NUMBER_METRICS = frozenset(
    """Mean Sum Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy TopKCategoricalAccuracy
    SparseTopKCategoricalAccuracy MeanSquaredError RootMeanSquaredError MeanAbsoluteError
    MeanAbsolutePercentageError MeanSquaredLogarithmicError BinaryCrossentropy CategoricalCrossentropy
    SparseCategoricalCrossentropy KLDivergence Poisson Hinge SquaredHinge CategoricalHinge LogCoshError
    CosineSimilarity""".split()
)
#: Operations that give floating-point numbers whatever they are given, and those that do for such numbers.
_FLOATING = re.compile(
    r"keras\.(losses|metrics)\.\w+$"
    r"|tensorflow\.(norm|linalg\.norm|linalg\.global_norm|global_norm|nn\.l2_loss|nn\.\w*cross_entropy\w*)$"
    # Of integers they give integers, rounded down, which nobody wants.
    r"|tensorflow\.(math\.)?reduce_(mean|std|variance)$|keras\.(ops|backend)\.(mean|std|var)$"
)
_PRESERVES_FLOATING = frozenset(
    """reduce_mean reduce_sum reduce_max reduce_min reduce_std reduce_variance reduce_prod mean sum max min
    std var square sqrt rsqrt abs exp log log1p expm1 tanh sigmoid softmax log_softmax relu softplus pow add
    subtract multiply divide truediv maximum minimum negative squared_difference clip clip_by_value reshape
    concat concatenate stack squeeze expand_dims transpose matmul identity stop_gradient reverse sin cos
    total_variation gather mean_squared_error""".split()
)


def gives_one_number(name: str, keywords: set[str], positional: int) -> bool:
    """Whether a loss or metric, made with these arguments, gives a number without dimensions.

    A loss may be told not to reduce, and metrics such as F1Score give one number for each class.
    """
    if ".losses." in name:
        return not positional and "reduction" not in keywords
    return name.rpartition(".")[2] in _NUMBER_METRICS


def is_floating_operation(name: str) -> bool:
    """Whether the canonical operation gives floating-point numbers."""
    return _FLOATING.match(name) is not None


def preserves_floating(name: str) -> bool:
    """Whether the canonical operation gives floating-point numbers for floating-point numbers."""
    return name.rpartition(".")[2] in _PRESERVES_FLOATING


def is_loader(name: str) -> bool:
    """Whether the canonical `name` reads a whole model from a file."""
    return name.startswith(("keras.", "tensorflow.")) and name.rpartition(".")[2] in _MODEL_LOADERS


#: Methods that make a container grow, with the index of the argument that is kept.
GROWERS = {
    "append": 0,
    "appendleft": 0,
    "add": 0,
    "extend": 0,
    "extendleft": 0,
    "insert": 1,
    "setdefault": 1,
    "update": 0,
    "put": 0,
    "push": 0,
    "enqueue": 0,
}
#: Methods that empty or shorten a container.
SHRINKERS = frozenset({"clear", "pop", "popleft", "popitem", "remove", "discard"})
#: Methods of tensors, models and others that give plain data.
HOST_METHODS = frozenset(
    """numpy item tolist eval get_weights predict predict_classes predict_proba predict_on_batch
    predict_generator evaluate evaluate_generator train_on_batch test_on_batch get_shape get_config to_json
    to_yaml summary count_params set_shape set_weights load_weights save save_weights as_list""".split()
)
#: Attributes of a tensor that are not tensors.
HOST_ATTRIBUTES = frozenset({"shape", "dtype", "name", "ndim", "device", "size", "graph", "op", "rank"})
#: Methods of a Keras model that train it or run it: evidence that a loop is a training loop.
STEP_METHODS = frozenset(
    """fit fit_generator train_on_batch test_on_batch predict predict_on_batch evaluate evaluate_generator
    predict_generator train_step test_step""".split()
)
#: Hooks of keras.callbacks.Callback, which fit() calls once per epoch or batch.
CALLBACK_HOOKS = frozenset(
    f"on_{phase}{unit}_{edge}"
    for phase, unit in (
        ("", "epoch"),
        ("", "batch"),
        ("train_", "batch"),
        ("test_", "batch"),
        ("predict_", "batch"),
    )
    for edge in ("begin", "end")
)

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
                if last in {"keras", "models", "engine", "training"} or name == "Input"
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
        if last in {"losses", "metrics", "optimizers", "applications"} and name[:1].isupper():
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
    if root == "tensorflow" and (name in STAR_NAMES or name == "keras"):
        return f"{root}.{name}"
    return None
