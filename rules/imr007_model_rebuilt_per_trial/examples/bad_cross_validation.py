"""Cross-validation fits the wrapper of an older Keras once for each fold."""

from sklearn.model_selection import cross_val_score
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential
from tensorflow.keras.wrappers.scikit_learn import KerasRegressor


def baseline():
    model = Sequential()
    model.add(Dense(13, input_dim=13, activation="relu"))
    model.add(Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def main(x, y, folds):
    estimator = KerasRegressor(build_fn=baseline, epochs=100, batch_size=5, verbose=0)
    return cross_val_score(estimator, x, y, cv=folds)  # expect: IMR007
