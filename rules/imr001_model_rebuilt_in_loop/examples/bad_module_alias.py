"""`keras = tf.keras` and `layers = keras.layers` are names for the same modules."""

import tensorflow as tf

keras = tf.keras
layers = keras.layers


def train_per_user(data_by_user):
    for user, (x, y) in data_by_user.items():
        net = keras.models.Sequential([  # expect: IMR001
            layers.Embedding(1000, 16),
            layers.GRU(16),
            layers.Dense(1, activation="sigmoid"),
        ])
        net.compile("adam", "binary_crossentropy")
        net.fit(x, y, epochs=3, verbose=0)
        net.save(f"models/{user}.keras")
