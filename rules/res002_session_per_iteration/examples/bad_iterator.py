"""Each pass over the data makes its data set and its iterator anew."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()


def batches(sess, rows):
    data = tf.data.Dataset.from_tensor_slices(rows).batch(32)
    following = data.make_one_shot_iterator().get_next()
    while True:
        try:
            yield sess.run(following)
        except tf.errors.OutOfRangeError:
            return


def total(sess, rows, passes):
    found = 0.0
    for _ in range(passes):
        for batch in batches(sess, rows):  # expect: RES002
            found += batch.sum()
    return found


with tf.Session() as session:
    print(total(session, [1.0, 2.0, 3.0], 200))
