"""keras.ops return tensors as well; one image batch stays for each step."""

import keras
from keras import ops


def sample_during_training(generator, steps, train_on):
    seed = keras.random.normal((16, 128))
    frames = []
    for step in range(steps):
        train_on(step)
        image = ops.clip(generator(seed, training=False) * 127.5 + 127.5, 0, 255)
        frames.append(image)  # expect: UTR001
    return frames
