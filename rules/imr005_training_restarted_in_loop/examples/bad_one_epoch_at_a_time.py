"""fit() trains one epoch at a time; the loop only collects and prints the loss."""

import keras


def train(x, y, epochs):
    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    losses = []
    for epoch in range(epochs):
        history = model.fit(x, y, batch_size=32, epochs=1, verbose=0)  # expect: IMR005
        losses.append(history.history["loss"][0])
        print(f"epoch {epoch}: {losses[-1]}")
    return losses
