"""Operators and slices make operations as well."""

import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()

rows = tf.placeholder(tf.float32, [None, 3])
total = tf.reduce_sum(rows)
named = {"total": total}


def halves(sess, batches):
    return [sess.run(total * 0.5, {rows: batch}) for batch in batches]  # expect: RES002


def firsts(sess, batches):
    for batch in batches:
        print(sess.run([total, rows[0]], {rows: batch}))  # expect: RES002


def totals(sess, batches):
    for batch in batches:
        print(sess.run(named["total"], {rows: batch}))


with tf.Session() as session:
    halves(session, [[[1.0, 2.0, 3.0]]] * 1000)
    firsts(session, [[[1.0, 2.0, 3.0]]] * 1000)
    totals(session, [[[1.0, 2.0, 3.0]]] * 1000)
