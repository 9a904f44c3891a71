"""The loop looks for a free device, builds there and stops."""

import tensorflow as tf


def build_on_free_device(needed_bytes):
    model = None
    for device in tf.config.list_logical_devices("GPU"):
        if tf.config.experimental.get_memory_info(device.name)["current"] > needed_bytes:
            continue
        with tf.device(device.name):
            model = tf.keras.Sequential([tf.keras.layers.Dense(4096), tf.keras.layers.Dense(10)])
        break
    return model
