"""Time series classifiers."""

import keras


class MlpClassifier:
    def __init__(self, n_classes):
        self.model = keras.Sequential([
            keras.layers.Dense(500, activation="relu"),
            keras.layers.Dense(n_classes, activation="softmax"),
        ])
        self.model.compile(loss="categorical_crossentropy", optimizer="adadelta")

    def fit(self, x, y):
        history = self.model.fit(x, y, batch_size=16, epochs=50, verbose=0)
        self.model.save("last_model.keras")
        keras.backend.clear_session()
        return history.history


def create_classifier(name, n_classes):
    if name == "mlp":
        return MlpClassifier(n_classes)
    raise ValueError(name)
