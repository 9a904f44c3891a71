"""The memory gets NumPy values: the caller converts."""

import tensorflow as tf
from memory import Memory


def collect(actor, critic, env, steps):
    memory = Memory()
    state = env.reset()
    for _ in range(steps):
        probs = tf.nn.softmax(actor(state[None])).numpy()[0]
        value = float(critic(state[None]))
        memory.store(state, probs, value)
        state = env.step(probs.argmax())
    return memory
