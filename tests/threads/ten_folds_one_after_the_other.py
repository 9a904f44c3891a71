"""keras-team/keras#2689: memory of the device rises with each of ten folds, `del` does not help."""

import numpy as np
from keras.layers import LSTM, Dense, Embedding
from keras.models import Sequential

x = np.random.randint(1000, size=(500, 20))
y = np.random.rand(500, 4)

for i in range(10):
    print(f"ITERATION {i}")
    model = Sequential()  # expect: IMR001
    model.add(Embedding(1000, 64))
    model.add(LSTM(64))
    model.add(Dense(4, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="rmsprop")
    model.fit(x, y, batch_size=32, epochs=1)
    model.predict(x, batch_size=32)
    del model
