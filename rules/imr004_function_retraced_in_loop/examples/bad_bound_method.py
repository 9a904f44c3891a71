"""A method is passed to a traced function: Python binds it anew at each access."""

import tensorflow as tf


class Player:
    def __init__(self, model):
        self.model = model

    def act(self, state):
        return tf.argmax(self.model(state), axis=-1)

    def rate(self, state):
        return tf.reduce_max(self.model(state), axis=-1)


@tf.function
def follow(policy, states):
    return tf.map_fn(policy, states, fn_output_signature=tf.int64)


def watch(model, batches):
    player = Player(model)
    for batch in batches:
        print(follow(player.act, batch))  # expect: IMR004


def best(player: Player, batches):
    apply = tf.function(lambda function, states: function(states))
    return [apply(player.rate, batch) for batch in batches]


watch(tf.keras.Sequential([tf.keras.layers.Dense(4)]), tf.data.Dataset.range(9))
