"""The helper builds, trains and returns nothing; a model is still made for each call."""

import tensorflow.keras as K


def run_experiment(name, optimizer, data):
    (x_train, y_train), (x_test, y_test) = data
    inputs = K.Input(shape=(28, 28, 1))
    hidden = K.layers.Conv2D(16, 3, activation="relu")(inputs)
    hidden = K.layers.Flatten()(hidden)
    outputs = K.layers.Dense(10, activation="softmax")(hidden)
    model = K.Model(inputs, outputs)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    model.fit(x_train, y_train, epochs=5)
    model.save_weights(f"{name}.weights.h5")
    print(name, model.evaluate(x_test, y_test))


if __name__ == "__main__":
    mnist = K.datasets.mnist.load_data()
    for optimizer in ["sgd", "rmsprop", "adam"]:
        run_experiment(f"mnist-{optimizer}", optimizer, mnist)  # expect: IMR001
