"""TensorFlow 1: the tensors are nodes of a graph that is built once, one tower a device."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()


def build_train_op(inputs, labels, inference, n_gpus):
    optimizer = tf.train.AdamOptimizer(1e-3)
    tower_grads, losses = [], []
    for i in range(n_gpus):
        with tf.device(f"/gpu:{i}"), tf.variable_scope("model", reuse=i > 0):
            logits = inference(inputs[i])
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels[i], logits=logits))
            losses.append(loss)
            tower_grads.append(optimizer.compute_gradients(loss))
    averaged = [(tf.add_n([g for g, _ in pairs]) / n_gpus, pairs[0][1]) for pairs in zip(*tower_grads)]
    return optimizer.apply_gradients(averaged), tf.add_n(losses)


def train(session, train_op, total_loss, steps):
    curve = []
    for _ in range(steps):
        _, value = session.run([train_op, total_loss])
        curve.append(value)
    return curve
