"""The values in a Keras callback's `logs` are numbers."""

import keras


class History(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.losses = []
        self.rows = {}

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])
        self.losses.append(logs.get("loss"))

    def on_epoch_end(self, epoch, logs=None):
        self.rows[epoch] = dict(logs)


def plot_history(model, x, y):
    callback = History()
    curve = []
    for _ in range(3):
        curve.append(model.fit(x, y, callbacks=[callback]).history["loss"])
    return curve, callback.losses
