"""A sum, a product and a mean of tensors are tensors."""

import tensorflow as tf


def train(model, style_model, optimizer, content, style, image, steps, weights):
    total_log, ratio_log = [], []
    for step in range(steps):
        with tf.GradientTape() as tape:
            content_loss = tf.reduce_mean(tf.square(model(image) - content))
            style_loss = tf.reduce_mean(tf.abs(style_model(image) - style))
            total = weights[0] * content_loss + weights[1] * style_loss
        optimizer.apply_gradients([(tape.gradient(total, image), image)])
        total_log.append(total)  # expect: UTR001
        ratio_log.append(content_loss / style_loss)  # expect: UTR001
        tf.print("step", step, total)
    return total_log, ratio_log
