"""Nothing says what a parameter is, but what is asked of it only a Keras model has."""

import tensorflow as tf

from somewhere import make_network


def attack(network, images, labels, rate):
    changed = []
    for image, label in zip(images, labels):
        image = tf.convert_to_tensor(image[None])
        with tf.GradientTape() as tape:
            tape.watch(image)
            loss = tf.keras.losses.sparse_categorical_crossentropy(label, network(image))
        tape.gradient(loss, network.trainable_variables)
        changed.append(network(image))  # expect: UTR001
    return changed


def embeddings(paths):
    network = make_network()
    print(len(network.trainable_weights))
    found = []
    for path in paths:
        image = tf.io.decode_jpeg(tf.io.read_file(path))
        found.append(network(image[None]))  # expect: UTR001
    return found


def of_both(dataset, optimizer, first, second):
    kept = []
    for x in dataset:
        for net in (first, second):
            with tf.GradientTape() as tape:
                answer = net(x)
                loss = tf.reduce_sum(answer)
            grads = tape.gradient(loss, net.trainable_variables)
            optimizer.apply_gradients(zip(grads, net.trainable_variables))
            kept.append(answer)  # expect: UTR001
    return kept
