"""The training step returns a dictionary of tensors."""

import tensorflow as tf

bce = tf.keras.losses.BinaryCrossentropy(from_logits=True)


@tf.function
def train_step(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss = bce(y, logits)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return {"loss": loss, "logits": logits}


def fit(model, optimizer, dataset):
    train_loss = []
    for x, y in dataset.repeat(100):
        results = train_step(model, optimizer, x, y)
        train_loss.append(results["loss"])  # expect: UTR001
    return train_loss
