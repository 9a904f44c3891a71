"""Keras, of every version and spelling, and the packages of models for it."""

from __future__ import annotations

from leakscan.knowledge.model import Effect, Kind, Library, MethodRow, Row, When, Words, methods, rows

#: Classes that are models, and their subclasses with them.
MODEL_CLASSES = frozenset({"Sequential", "Model", "Functional", "LinearModel", "WideDeepModel"})
_MODEL_CLASSES = " ".join(sorted(MODEL_CLASSES))
#: Classes whose instances are layers with subclasses in user code.
_LAYER_BASES = ("Layer", "RNN", "Wrapper", "Dense", "LSTM", "LSTMCell", "GRU", "Conv2D", "Lambda")
_ROOTS = ("keras", "tensorflow")
_PRESETS = ("keras_hub", "keras_nlp", "keras_cv")
#: Packages of functions on tensors, and what in them gives plain data.
_OPERATIONS = ("ops", "backend", "activations", "random")
_PLAIN_DATA = """get_value batch_get_value eval floatx epsilon image_data_format image_dim_ordering
    get_session set_session learning_phase set_learning_phase int_shape ndim shape_type set_floatx set_epsilon
    set_image_data_format set_image_dim_ordering backend count_params get_uid is_sparse
    set_value batch_set_value print_tensor name_scope manual_variable_initialization
    convert_to_numpy shape cast_to_floatx"""
#: What trains or runs a model and gives plain data.
STEP_METHODS = """fit fit_generator train_on_batch test_on_batch predict predict_on_batch evaluate
    evaluate_generator predict_generator"""
#: Methods of tensors, models and others that give plain data.
HOST_METHODS = """numpy item tolist eval get_weights predict predict_classes predict_proba predict_on_batch
    predict_generator evaluate evaluate_generator train_on_batch test_on_batch get_shape get_config to_json
    to_yaml summary count_params set_shape set_weights load_weights save save_weights as_list"""
#: Attributes of a tensor that are not tensors.
HOST_ATTRIBUTES = "shape dtype name ndim device size graph op rank"
#: What one step of a training does.
TRAINING_STEPS = frozenset({"apply_gradients", "train_on_batch", "minimize"})
#: Of these the ones that only add an operation where a graph of TensorFlow 1 is made, and what tells that.
OPERATIONS = frozenset({"apply_gradients", "minimize"})
GRAPH_FUNCTIONS = frozenset({"placeholder", "global_variables_initializer"})
FITS = frozenset({"fit", "fit_generator"})
#: Libraries whose objects are fitted too, and hold no model of Keras.
FITTED_ELSEWHERE = ("sklearn.", "imblearn.", "xgboost.", "lightgbm.", "catboost.", "statsmodels.")
#: What a view of a model is made of: keras.Model(model.inputs, model.get_layer(name).output)
ENDS = frozenset({"input", "inputs", "output", "outputs"})
#: Methods that take the state of what they are given.
STATE_METHODS = frozenset({"assign", "set_weights", "set_value"})
_NETWORKS = (Kind.MODEL, Kind.LAYER)

_CALLS = (
    *rows(Effect.RELEASES_MODELS, "keras.**.", "clear_session reset_default_graph"),
    *rows(Effect.LOADS_MODEL, "keras.**.", "load_model model_from_json model_from_yaml"),
    Row("keras.layers.TFSMLayer", Effect.LOADS_MODEL),
    # The parts that prepare text and images are small: keras_hub.models.BertTokenizer.from_preset("...")
    *(
        Row(f"{package}.**.*{part}.from_preset", Effect.UNKNOWN)
        for package in _PRESETS
        for part in ("Tokenizer", "Preprocessor", "Converter", "PreprocessorLayer")
    ),
    *(Row(f"{package}.**.from_preset", Effect.LOADS_MODEL) for package in _PRESETS),
    Row("transformers.**.TF*.from_pretrained", Effect.LOADS_MODEL),
    Row("transformers.pipeline", Effect.LOADS_MODEL, only=(When(None, "framework", frozenset({"tf"})),)),
    *rows(Effect.COPIES_MODEL, "keras.**.", "clone_model"),
    *rows(
        Effect.CREATES,
        "keras.**.",
        f"{_MODEL_CLASSES} model_from_config",
        Kind.MODEL,
    ),
    *(Row(f"keras.**.{name}.from_config", Effect.CREATES, Kind.MODEL) for name in sorted(MODEL_CLASSES)),
    # keras.applications.ResNet50, keras.applications.resnet.ResNet50; and packages that offer the like
    *(
        Row(name, Effect.CREATES, Kind.MODEL)
        for name in (
            "keras.applications.{Capital}",
            "keras.applications.*.{Capital}",
            "keras_applications.{Capital}",
            "keras_applications.*.{Capital}",
            "keras_contrib.applications.**.{Capital}",
            *(f"segmentation_models.**.{model}" for model in ("Unet", "FPN", "Linknet", "PSPNet")),
            *(f"efficientnet.**.EfficientNet{size}" for size in ("L2", *(f"B{n}" for n in range(9)))),
            "classification_models.**.Classifiers",
        )
    ),
    *rows(Effect.GIVES_SYMBOLIC, "keras.**.", "Input InputLayer"),
    Row("keras.**.losses.**.{Class}", Effect.CREATES, Kind.LOSS),
    Row("keras.**.losses.**.*", Effect.GIVES_TENSOR),
    Row("keras.**.metrics.**.{Class}", Effect.CREATES, Kind.METRIC),
    Row("keras.**.metrics.**.*", Effect.GIVES_TENSOR),
    Row("keras.**.optimizers.**.{Capital}", Effect.CREATES, Kind.OPTIMIZER),
    Row("keras.**.optimizers.**.*", Effect.UNKNOWN),
    *(
        Row(f"{place}.**.{name}", effect, Kind.LAYER)
        for name, effect in (("{Capital}", Effect.CREATES), ("*", Effect.GIVES_SYMBOLIC))
        for place in ("keras.engine", "keras.legacy", "keras.**.layers")
    ),
    Row("keras.Variable.**", Effect.CREATES, Kind.VARIABLE),
    *(
        row
        for place in _OPERATIONS
        for row in (
            Row(f"keras.{place}.**.function", Effect.UNKNOWN),
            *rows(Effect.TELLS_TENSORS, f"keras.{place}.**.", "is_tensor is_keras_tensor"),
            *rows(Effect.GIVES_PLAIN_DATA, f"keras.{place}.**.", _PLAIN_DATA),
            Row(f"keras.{place}.**.Variable", Effect.CREATES, Kind.VARIABLE),
            Row(f"keras.{place}.**.{{Capital}}", Effect.GIVES_PLAIN_DATA),
        )
    ),
    *rows(Effect.GIVES_TENSORS, "keras.", "backend.gradients ops.split ops.unstack"),
    *rows(Effect.GIVES_SCALAR_TENSOR, "keras.ops.", "mean sum max min std"),
    *rows(Effect.GIVES_SCALAR_TENSOR, "keras.backend.", "mean sum max min std"),
    *(Row(f"keras.{place}.**.*", Effect.GIVES_TENSOR) for place in _OPERATIONS),
    *(
        Row(f"keras.{place}.**.*_dataset_from_*", Effect.CREATES, Kind.DATASET)
        for place in ("utils", "preprocessing")
    ),
)

_METHODS = (
    *methods(_NETWORKS, Effect.GIVES_PLAIN_DATA, HOST_METHODS),
    *methods(_NETWORKS, Effect.TRAINS_OR_RUNS, STEP_METHODS),
    *methods(_NETWORKS, Effect.RUNS_STEP, "train_step test_step"),
    *methods(_NETWORKS, Effect.TAKES_PARTS, "add append"),
    *methods((*_NETWORKS, Kind.LOSS), Effect.CALLS_OBJECT, "call __call__"),
    *methods(_NETWORKS, Effect.GIVES_LOSS, "loss compiled_loss compute_loss loss_fn"),
    *methods(_NETWORKS, Effect.GIVES_PART, "get_layer"),
    *methods(_NETWORKS, Effect.CREATES, f"from_config {_MODEL_CLASSES}"),
    *methods((Kind.METRIC,), Effect.GIVES_RESULT, "result __call__"),
    *methods((Kind.SYMBOLIC, Kind.VARIABLE, Kind.TENSOR, None), Effect.GIVES_PLAIN_DATA, HOST_METHODS),
    MethodRow(Kind.SYMBOLIC, "*", Effect.GIVES_ITSELF),
    MethodRow(Kind.VARIABLE, "assign*", Effect.GIVES_ITSELF),
    MethodRow(Kind.VARIABLE, "*", Effect.GIVES_TENSOR),
)

_ATTRIBUTES = (
    *methods(_NETWORKS, Effect.GIVES_SYMBOLIC, "input inputs output outputs"),
    *methods(_NETWORKS, Effect.GIVES_TENSOR, "losses"),
    *methods(
        Kind,
        Effect.GIVES_VARIABLE,
        """trainable_variables variables weights trainable_weights non_trainable_variables kernel bias""",
    ),
    *methods((Kind.SYMBOLIC, Kind.TENSOR), Effect.GIVES_PLAIN_DATA, HOST_ATTRIBUTES),
)

#: Layers that learn nothing.
WITHOUT_WEIGHTS = frozenset(
    """Lambda Flatten Reshape Permute Activation Softmax ReLU LeakyReLU GlobalAveragePooling1D
    GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
    GlobalAvgPool2D GlobalMaxPool2D AveragePooling2D MaxPooling2D UpSampling2D Resizing Rescaling Cropping2D
    ZeroPadding2D""".split()
)

LIBRARY = Library(
    rows=_CALLS,
    methods=_METHODS,
    attributes=_ATTRIBUTES,
    classes=(
        ("keras_tuner.**", "tuner"),
        ("kerastuner.**", "tuner"),
        *((f"keras.**.{name}", "model") for name in sorted(MODEL_CLASSES)),
        *((f"keras.**.{name}", "sequence") for name in ("Sequence", "PyDataset")),
        *((f"{root}.**.Callback", "callback") for root in _ROOTS),
        *((f"{root}.**.callbacks.**.*", "callback") for root in _ROOTS),
        *((f"{root}.**.{name}", "layer") for root in _ROOTS for name in _LAYER_BASES),
        *((f"{root}.**.layers.**.*", "layer") for root in _ROOTS),
    ),
    floating=(
        "keras.losses.*",
        "keras.metrics.*",
        *(f"keras.{place}.{name}" for place in ("ops", "backend") for name in ("mean", "std", "var")),
    ),
    words=(
        (
            Words.NUMBER_METRICS,
            """Mean Sum Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy
            TopKCategoricalAccuracy SparseTopKCategoricalAccuracy MeanSquaredError RootMeanSquaredError
            MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredLogarithmicError BinaryCrossentropy
            CategoricalCrossentropy SparseCategoricalCrossentropy KLDivergence Poisson Hinge SquaredHinge
            CategoricalHinge LogCoshError CosineSimilarity""",
        ),
        (
            Words.CALLBACK_HOOKS,
            """on_epoch_begin on_epoch_end on_batch_begin on_batch_end on_train_batch_begin on_train_batch_end
            on_test_batch_begin on_test_batch_end on_predict_batch_begin on_predict_batch_end""",
        ),
        (Words.TRACED_STEPS, "train_step test_step predict_step"),
        (
            Words.OF_MODELS,
            """trainable_variables trainable_weights non_trainable_variables non_trainable_weights get_layer
            train_on_batch test_on_batch predict_on_batch""",
        ),
        (Words.BUILDING_METHODS, "__init__ build call __call__ _build get_config from_config"),
    ),
    packages=("keras", "tf_keras", "keras_core"),
)
