"""The next iteration binds the name to a new tape; one is alive at a time."""

import tensorflow as tf


def train(actor, critic, dataset, optimizers):
    for states, returns in dataset:
        with tf.GradientTape(persistent=True) as tape:
            advantage = returns - critic(states)
            critic_loss = tf.reduce_mean(tf.square(advantage))
            actor_loss = -tf.reduce_mean(tf.stop_gradient(advantage) * actor(states))
        for loss, model, optimizer in ((critic_loss, critic, optimizers[0]), (actor_loss, actor, optimizers[1])):
            grads = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(grads, model.trainable_variables))
