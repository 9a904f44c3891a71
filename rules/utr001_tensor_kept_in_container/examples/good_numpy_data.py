"""What is kept was NumPy from the start: data set iterators, environments, weights, parsed numbers."""

import numpy as np
import tensorflow as tf


def collect(dataset, env, model, log_file):
    images, replay, snapshots, gen_loss = [], [], [], []
    for image in dataset.as_numpy_iterator():
        images.append(image)
    state = env.reset()
    for _ in range(10_000):
        action = int(tf.argmax(model(state[None]), axis=1)[0])
        next_state, reward, done, _ = env.step(action)
        replay.append((state, action, reward, next_state, done))
        snapshots.append(model.get_weights())
        state = env.reset() if done else next_state
    for line in log_file:
        loss = float(line.split()[1])
        gen_loss.append(loss)
    return np.array(images), replay, snapshots, gen_loss
