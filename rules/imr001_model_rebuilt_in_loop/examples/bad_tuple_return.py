"""The helper returns the model together with a callback."""

import tensorflow as tf
from tensorflow.keras.callbacks import EarlyStopping


def build(hidden):
    model = tf.keras.Sequential()
    model.add(tf.keras.layers.Dense(hidden, activation="relu"))
    model.add(tf.keras.layers.Dense(1))
    model.compile(loss="mse", optimizer="adam")
    stop = EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)
    return model, stop


def grid_search(x, y, hidden_sizes):
    losses = {}
    for hidden in hidden_sizes:
        model, stop = build(hidden)  # expect: IMR001
        history = model.fit(x, y, validation_split=0.2, epochs=200, callbacks=[stop], verbose=0)
        losses[hidden] = min(history.history["val_loss"])
    return losses
