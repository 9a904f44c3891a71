"""An estimator of scikit-learn and a class of the project that is no model."""

import keras
from sklearn.linear_model import LinearRegression


class Oracle:
    def predict(self, row):
        return row.sum()


def main(x, y, rows):
    network = keras.Sequential([keras.layers.Dense(1)])
    line, oracle = LinearRegression().fit(x, y), Oracle()
    for row in rows:
        print(line.predict(row[None]), oracle.predict(row))
    return network.predict(rows)
