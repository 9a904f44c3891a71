"""The loop has three iterations, written out."""

import tensorflow as tf


def psnr_at_scales(model, image, target):
    results, halves = [], []
    for scale in (1, 2, 4):
        small = tf.image.resize(image, (256 // scale, 256 // scale))
        results.append(tf.image.psnr(model(small), tf.image.resize(target, small.shape[1:3]), max_val=1.0))
    for i in range(2):
        halves.append(model(image[:, i * 128 : (i + 1) * 128]))
    return results, halves
