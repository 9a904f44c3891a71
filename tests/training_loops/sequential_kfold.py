"""A helper builds a Sequential model for each fold; Adam, metrics, callbacks that change the learning rate."""

import numpy as np
from keras_in_use import keras, report, traced
from sklearn.model_selection import KFold


def build_model(n_features):
    model = keras.Sequential(
        [
            keras.Input((n_features,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss=traced, metrics=["mae"])
    return model


def cross_validate(x, y):
    for fold, (train, test) in enumerate(KFold(4).split(x)):
        x_train, y_train = x[train], y[train]
        model = build_model(x_train.shape[1])
        stop = keras.callbacks.EarlyStopping(monitor="loss", patience=1)
        slow = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=0, min_delta=1.0)
        history = model.fit(x_train, y_train, epochs=3, batch_size=16, callbacks=[stop, slow], verbose=0)
        report(fold, history.history["loss"], model.evaluate(x[test], y[test], verbose=0))


keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(64, 8)).astype("float32")
cross_validate(x, x.sum(axis=1))
