"""blacklight/micmon#7: a baby monitor asks the model about one sample after the other."""

import numpy as np
from microphone import samples
from tensorflow.keras.models import load_model


class Listener:
    def __init__(self, path):
        self.model = load_model(path)
        self.labels = ["quiet", "crying"]

    def predict(self, spectrum):
        answer = self.model.predict(np.array([spectrum]))  # expect: IMR006
        return self.labels[int(np.argmax(answer))]


listener = Listener("sounds.h5")
for sample in samples():
    print(listener.predict(sample))
