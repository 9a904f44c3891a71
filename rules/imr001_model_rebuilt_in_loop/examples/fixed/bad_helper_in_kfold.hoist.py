"""The most frequent shape: a helper builds the model, the k-fold loop calls it."""

import numpy as np
import tensorflow as tf
from sklearn.model_selection import StratifiedKFold


def reset_model(model, initial):
    """Set `model` back to its `initial` state, which the first call (with None) takes; return that state."""
    state = list(model.variables)
    if getattr(model, "optimizer", None) is not None:
        model.optimizer.build(model.trainable_variables)
        state += model.optimizer.variables
        if hasattr(model.optimizer.learning_rate, "assign"):
            state.append(model.optimizer.learning_rate)
    if initial is None:
        return [variable.numpy() for variable in state]
    for variable, value in zip(state, initial):
        variable.assign(value)
    for layer in model.layers:
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
            layer.reset_states()
    model.reset_metrics()
    model.stop_training = False
    model.history = None
    return initial


def build_model(n_features):
    model = tf.keras.Sequential([
        tf.keras.layers.Input(shape=(n_features,)),
        tf.keras.layers.Dense(64, activation="relu"),
        tf.keras.layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def cross_validate(x, y):
    accuracies = []
    model = build_model(x.shape[1])
    initial_state = None
    for train, test in StratifiedKFold(n_splits=10, shuffle=True).split(x, y):
        initial_state = reset_model(model, initial_state)
        model.fit(x[train], y[train], epochs=20, batch_size=32, verbose=0)
        _, accuracy = model.evaluate(x[test], y[test], verbose=0)
        accuracies.append(accuracy)
    return np.mean(accuracies)
