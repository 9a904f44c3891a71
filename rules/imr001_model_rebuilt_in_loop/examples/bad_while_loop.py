"""A while loop grows the network until it is good enough; each size is a new model."""

import keras


def smallest_network(x, y, target):
    width = 2
    accuracy = 0.0
    while accuracy < target and width < 4096:
        inputs = keras.Input(shape=x.shape[1:])
        hidden = keras.layers.Dense(width, activation="relu")(inputs)
        outputs = keras.layers.Dense(1, activation="sigmoid")(hidden)
        model = keras.Model(inputs=inputs, outputs=outputs)  # expect: IMR001
        model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
        accuracy = max(model.fit(x, y, epochs=30, verbose=0).history["accuracy"])
        width *= 2
    return width // 2
