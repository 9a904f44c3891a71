"""The states of a recurrent network are reset between the epochs."""

from tensorflow.keras.layers import LSTM, Dense
from tensorflow.keras.models import Sequential


def train(x, y, epochs):
    model = Sequential([LSTM(4, stateful=True, batch_input_shape=(1, x.shape[1], x.shape[2])), Dense(1)])
    model.compile("adam", "mse")
    for _ in range(epochs):
        model.fit(x, y, epochs=1, batch_size=1, verbose=0, shuffle=False)
        model.reset_states()
    return model
