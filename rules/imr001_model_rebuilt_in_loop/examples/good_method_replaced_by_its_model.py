"""What a method makes takes its place: later calls run the model."""

import keras


class Coder:
    def __init__(self, size):
        self.size = size
        self.encoder = self.encoder()

    def encoder(self):
        inputs = keras.Input((self.size,))
        return keras.Model(inputs, keras.layers.Dense(2)(inputs))

    def code(self, rows):
        return self.encoder(rows, training=False)

    def code_all(self, batches):
        return [self.code(rows).numpy() for rows in batches]


def run(batches):
    coder = Coder(4)
    for rows in batches:
        print(coder.code(rows).numpy())
