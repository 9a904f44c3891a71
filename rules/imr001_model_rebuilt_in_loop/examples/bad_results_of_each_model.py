"""What is stored of each model is plain data, and a part is used in the iteration only."""

from tensorflow import keras


class Small(keras.Model):
    def __init__(self, depth):
        super().__init__()
        self.depth = depth
        self.encoder = keras.layers.Dense(depth)

    def call(self, rows):
        return self.encoder(rows)


def measure(records, x, y):
    for record in records:
        small = Small(4)  # expect: IMR001
        small.fit(x, y)
        record.depth = small.depth
        encoder = small.encoder
        print(encoder(x))
