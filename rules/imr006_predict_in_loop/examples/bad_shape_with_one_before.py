"""An axis of one is put before the shape of a sequence."""

import numpy as np
from tensorflow.keras.models import load_model

network = load_model("generator.h5")
notes = np.load("seed.npy")
melody = []
while len(melody) < 500:
    nxt = network.predict(notes.reshape((1,) + notes.shape))  # expect: IMR006
    melody.append(nxt.argmax())
    notes = np.concatenate([notes[1:], nxt])
