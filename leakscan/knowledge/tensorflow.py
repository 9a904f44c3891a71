"""TensorFlow, of both versions, and TensorFlow Probability."""

from __future__ import annotations

from leakscan.knowledge.model import Effect, Kind, Library, MethodRow, Row, Words, methods, rows

_REDUCTIONS = "reduce_mean reduce_sum reduce_max reduce_min reduce_prod"
#: Functions, and whole packages, that give no tensors.
_PLAIN_FUNCTIONS = """print device name_scope variable_scope executing_eagerly get_static_value get_logger
    no_op group get_default_graph init_scope no_gradient get_collection add_to_collection assert_* type_spec*
    global_variables_initializer local_variables_initializer trainable_variables global_variables TensorShape
    TensorSpec import_graph_def load_op_library control_dependencies initialize_all_variables inside_function
    set_random_seed enable_eager_execution enable_v2_behavior
    random.set_seed random.get_global_generator random.set_global_generator random.create_rng_state"""
_PLAIN_PACKAGES = """config io.gfile gfile summary saved_model train test app logging flags estimator
    feature_column distribute debugging autograph profiler version sysconfig lite xla tpu compat dtypes
    experimental types errors initializers lookup mlir nest python_io resource_loader strings.format
    framework.ops client platform util eager training tools core module rewrite_options optimizers init_ops"""
#: Those of a graph that they make final: nothing can be added to it.
_SESSIONS = "train.MonitoredTrainingSession train.MonitoredSession train.SingularMonitoredSession"
_REDUCE = ("reduce", "math.reduce")
_DATASETS = """Dataset TFRecordDataset TextLineDataset FixedLengthRecordDataset experimental.make_csv_dataset
    experimental.CsvDataset"""

#: What a parameter that is annotated with it is.
TENSOR_CLASSES = frozenset({"tensorflow.Tensor", "tensorflow.RaggedTensor"})

_CALLS = (
    *rows(Effect.RELEASES_MODELS, "tensorflow.**.", "clear_session reset_default_graph"),
    *rows(Effect.LOADS_MODEL, "tensorflow.**.", "load_model"),
    *rows(Effect.LOADS_MODEL, "tensorflow.saved_model.", "load load_v2 loader.load"),
    *rows(Effect.LOADS_MODEL, "tensorflow_hub.", "load load_v2 Module"),
    *rows(Effect.LOADS_MODEL, "", "tensorflow.lite.Interpreter tflite_runtime.interpreter.Interpreter"),
    Row("tensorflow.GradientTape", Effect.CREATES, Kind.TAPE),
    Row("tensorflow.**.backprop.GradientTape", Effect.CREATES, Kind.TAPE),
    *rows(Effect.TRACES, "tensorflow.", "function contrib.eager.defun"),
    *rows(Effect.TRACES, "tensorflow.**.", "def_function.function eager.defun"),
    *rows(Effect.CALLS_FROM_GRAPH, "tensorflow.", "py_function numpy_function py_func"),
    *rows(Effect.CREATES, "tensorflow.", "Graph framework.ops.Graph", Kind.FRESH_GRAPH),
    *rows(Effect.GIVES_SYMBOLIC, "tensorflow.", "placeholder placeholder_with_default sparse_placeholder"),
    *rows(Effect.CREATES, "tensorflow.", "Variable get_variable", Kind.VARIABLE),
    *(
        Row(f"tensorflow.data.{maker}{method}", Effect.CREATES, Kind.DATASET)
        for maker in _DATASETS.split()
        for method in ("", ".*")
    ),
    Row("tensorflow.distribute.DistributedDataset", Effect.CREATES, Kind.DATASET),
    *rows(Effect.CREATES, "tensorflow_datasets.", "load as_dataset", Kind.DATASET),
    Row("tensorflow_decision_forests.**.pd_dataframe_to_tf_dataset", Effect.CREATES, Kind.DATASET),
    *(
        Row(f"{root}{place}{{Capital}}", Effect.CREATES, Kind.DISTRIBUTION)
        for root in ("tensorflow_probability.", "tensorflow.distributions.")
        for place in ("", "distributions.", "substrates.*.", "substrates.*.distributions.")
    ),
    Row("tensorflow.**.Optimizer*", Effect.CREATES, Kind.OPTIMIZER),
    Row("tensorflow.**.{Capital}Optimizer*", Effect.CREATES, Kind.OPTIMIZER),
    *rows(
        Effect.GIVES_TENSORS,
        "tensorflow.",
        "split unstack gradients clip_by_global_norm meshgrid nn.moments dynamic_partition",
    ),
    Row("tensorflow.is_tensor", Effect.TELLS_TENSORS),
    *rows(Effect.GIVES_PLAIN_DATA, "tensorflow.", _PLAIN_FUNCTIONS),
    *(Row(f"tensorflow.{package}.**", Effect.GIVES_PLAIN_DATA) for package in _PLAIN_PACKAGES.split()),
    *(Row(f"tensorflow.{package}.**", Effect.UNKNOWN) for package in ("contrib", "layers")),
    Row("tensorflow.**.Session", Effect.OPENS_SESSION),
    *rows(Effect.OPENS_SESSION, "tensorflow.", f"Session InteractiveSession {_SESSIONS}"),
    *rows(Effect.CREATES, "tensorflow.", "get_default_session", Kind.SESSION),
    *rows(Effect.CREATES, "keras.backend.", "get_session", Kind.SESSION),
    Row("tensorflow.**.{Capital}", Effect.UNKNOWN),
    *rows(Effect.GIVES_SCALAR_TENSOR, "tensorflow.", "nn.l2_loss linalg.global_norm global_norm"),
    *rows(Effect.GIVES_SCALAR_TENSOR, "tensorflow.", f"norm linalg.norm {_REDUCTIONS}"),
    *rows(Effect.GIVES_SCALAR_TENSOR, "tensorflow.math.", f"{_REDUCTIONS} reduce_std"),
    # tf.nn.softmax, tf.random.normal, tf.image.resize, ...
    Row("tensorflow.**.*", Effect.GIVES_TENSOR),
)

LIBRARY = Library(
    rows=_CALLS,
    methods=(
        *methods((Kind.TAPE,), Effect.DIFFERENTIATES, "gradient jacobian batch_jacobian"),
        *methods((Kind.DATASET,), Effect.GIVES_PLAIN_DATA, "as_numpy_iterator"),
        *methods((Kind.DATASET,), Effect.GIVES_ELEMENT, "get_next next reduce get_single_element"),
        MethodRow(Kind.DATASET, "*", Effect.GIVES_ITSELF),
        MethodRow(Kind.DISTRIBUTION, "*", Effect.GIVES_TENSOR),
        *methods((Kind.FRESH_GRAPH, Kind.SESSION), Effect.GIVES_ITSELF, "as_default as_graph_def"),
        *methods((Kind.SESSION,), Effect.GIVES_PLAIN_DATA, "run partial_run close list_devices"),
        # optimizer.apply_gradients(zip(gradients, variables)); opt.minimize(...), whatever the receiver is
        *methods((*Kind, None), Effect.APPLIES_GRADIENTS, "apply_gradients minimize"),
        *methods((kind for kind in Kind if kind is not Kind.TENSOR), Effect.APPLIES_GRADIENTS, "apply"),
        # strategy.run(train_step, args=(batch,))
        *methods((None,), Effect.CALLS_ARGUMENT, "run experimental_run_v2"),
    ),
    classes=(("tensorflow.Module", "module"),),
    floating=(
        *(f"tensorflow.{name}" for name in ("norm", "linalg.norm", "linalg.global_norm", "global_norm")),
        "tensorflow.nn.l2_loss",
        "tensorflow.nn.*cross_entropy*",
        # Of integers they give integers, rounded down, which nobody wants.
        *(
            f"tensorflow.{place}reduce_{name}"
            for place in ("", "math.")
            for name in ("mean", "std", "variance")
        ),
    ),
    words=(
        (
            Words.KEEP_FLOATING,
            """reduce_mean reduce_sum reduce_max reduce_min reduce_std reduce_variance reduce_prod mean sum
            max min std var square sqrt rsqrt abs exp log log1p expm1 tanh sigmoid softmax log_softmax relu
            softplus pow add subtract multiply divide truediv maximum minimum negative squared_difference
            clip clip_by_value reshape concat concatenate stack squeeze expand_dims transpose matmul
            identity stop_gradient reverse sin cos total_variation gather
            mean_squared_error""",
        ),
    ),
    packages=("tensorflow",),
)
