"""The append runs while the function is traced: the list gets one symbolic tensor, not one loss a step."""

import tensorflow as tf

losses = []
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.SGD(0.1)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - y))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    losses.append(loss)  # expect: UTR005
    return loss


for _ in range(100):
    batch = tf.random.normal((8, 3))
    train_step(batch, tf.reduce_sum(batch, axis=1, keepdims=True))
print(len(losses))
