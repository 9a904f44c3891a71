"""The members of an ensemble are different models that are used together later."""

import numpy as np
import tensorflow as tf


def build_member(seed):
    init = tf.keras.initializers.GlorotUniform(seed=seed)
    model = tf.keras.Sequential([
        tf.keras.layers.Dense(32, activation="relu", kernel_initializer=init),
        tf.keras.layers.Dense(1, kernel_initializer=init),
    ])
    model.compile("adam", "mse")
    return model


def train_ensemble(x, y, size):
    members = []
    for seed in range(size):
        member = build_member(seed)
        member.fit(x, y, epochs=10, verbose=0)
        members.append(member)
    return members


def predict(members, x):
    return np.mean([member.predict(x, verbose=0) for member in members], axis=0)
