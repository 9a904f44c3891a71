"""A model class of the project, in a comprehension."""

import keras


class Scorer(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, inputs):
        return self.dense(inputs)


def scores(rows):
    scorer = Scorer()
    return [scorer.predict(row.reshape(1, -1)) for row in rows]  # expect: IMR006
