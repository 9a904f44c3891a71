"""Grid search in nested loops; the model is built in the innermost one."""

from tensorflow.keras.layers import Dense, Dropout
from tensorflow.keras.models import Sequential


def create_model(hparams):
    model = Sequential([Dense(hparams["units"], activation="relu"), Dropout(hparams["dropout"]), Dense(1)])
    model.compile(optimizer=hparams["optimizer"], loss="mse")
    return model


def grid_search(train_data, valid_data):
    session = 0
    for units in (16, 32, 64):
        for dropout in (0.1, 0.2):
            for optimizer in ("adam", "sgd"):
                hparams = {"units": units, "dropout": dropout, "optimizer": optimizer}
                print("run", session, hparams)
                model = create_model(hparams)  # expect: IMR001
                model.fit(train_data, epochs=10, verbose=0)
                print(model.evaluate(valid_data, verbose=0))
                session += 1
