"""What does not add to the graph: messages of summaries, files, collections."""

import tensorflow as tf
from data import batches, loss, train

writer = tf.summary.FileWriter("logs")
saver = tf.train.Saver()
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for step, batch in enumerate(batches()):
        _, value = sess.run([train, loss], feed_dict=batch)
        message = tf.Summary(value=[tf.Summary.Value(tag="loss", simple_value=value)])
        writer.add_summary(message, step)
        tf.logging.info("%d of %d variables", step, len(tf.trainable_variables()))
        saver.save(sess, "model", global_step=step)
