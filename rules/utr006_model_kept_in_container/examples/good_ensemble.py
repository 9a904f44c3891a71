"""An ensemble: every model predicts later, so its History costs nothing more."""

import keras


def main(folds, unseen):
    models, histories = [], []
    for x, y in folds:
        model = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        histories.append(model.fit(x, y, verbose=0))
        models.append(model)
    print([history.history["loss"][-1] for history in histories])
    return sum(model.predict(unseen) for model in models) / len(models)
