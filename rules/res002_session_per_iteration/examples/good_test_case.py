"""A test case has a graph of its own for each test."""

import tensorflow.compat.v1 as tf


class SquareTest(tf.test.TestCase):
    def test_square(self):
        for value in range(5):
            with self.test_session() as sess:
                result = sess.run(tf.square(tf.constant(value)), feed_dict={})
                self.assertEqual(result, value * value)
