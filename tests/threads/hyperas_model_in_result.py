"""maxpumperla/hyperas#16: trials build a model each and hand it back with the loss."""

from hyperopt import STATUS_OK, Trials, fmin, hp, tpe
from keras.layers import Dense, Dropout
from keras.models import Sequential
from numbers_ import x_test, x_train, y_test, y_train


def create_model(space):
    model = Sequential()
    model.add(Dense(int(space["units"]), activation="relu"))
    model.add(Dropout(space["rate"]))
    model.add(Dense(10, activation="softmax"))
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=1, verbose=0)
    accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
    return {"loss": -accuracy, "status": STATUS_OK, "model": model}


space = {"units": hp.quniform("units", 32, 512, 32), "rate": hp.uniform("rate", 0, 1)}
best = fmin(create_model, space, algo=tpe.suggest, max_evals=50, trials=Trials())  # expect: IMR007
