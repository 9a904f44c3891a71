"""The structure is read again, and the weights of another checkpoint are set."""

from tensorflow.keras.models import model_from_json

with open("net.json") as file:
    structure = file.read()


def evaluate(x, y, epochs):
    for epoch in range(epochs):
        net = model_from_json(structure)
        net.load_weights(f"checkpoints/{epoch}.h5")
        net.compile("adam", "mse")
        print(epoch, net.evaluate(x, y))
