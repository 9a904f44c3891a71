"""The builders are entries of a dictionary and are called through it."""

from tensorflow.keras import Sequential
from tensorflow.keras.layers import GRU, LSTM, Dense, SimpleRNN


def build_rnn():
    return Sequential([SimpleRNN(32), Dense(1)])


def build_lstm():
    return Sequential([LSTM(32), Dense(1)])


def build_gru():
    return Sequential([GRU(32), Dense(1)])


MODELS = {"rnn": build_rnn, "lstm": build_lstm, "gru": build_gru}


def compare(x_train, y_train, x_test, y_test, repeats):
    table = []
    for name in MODELS:
        for _ in range(repeats):
            model = MODELS[name]()  # expect: IMR001
            model.compile(optimizer="adam", loss="mse")
            model.fit(x_train, y_train, epochs=10, verbose=0)
            table.append((name, model.evaluate(x_test, y_test, verbose=0)))
    return table
