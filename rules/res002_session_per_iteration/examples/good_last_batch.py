"""For the last batch, which is shorter, a part of the graph is made; then the loop is left."""

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


def style(stream, net, size):
    images = tf.placeholder(tf.float32, [size, 8, 8, 3])
    styled = net(images)
    with tf.Session() as session:
        more = True
        while more:
            rows = np.zeros((size, 8, 8, 3))
            for count in range(size):
                frame = stream.read(192)
                if len(frame) != 192:
                    more = False
                    rows = rows[:count]
                    images = tf.placeholder(tf.float32, [count, 8, 8, 3])
                    styled = net(tf.identity(images))
                    break
                rows[count] = np.frombuffer(frame, "uint8").reshape(8, 8, 3)
            yield session.run(styled, {images: rows})
