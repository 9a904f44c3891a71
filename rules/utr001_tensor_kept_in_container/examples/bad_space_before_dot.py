"""Odd spacing, as in real scripts; the print converts, the append does not."""

import tensorflow as tf

x = tf.linspace(-1.0, 1.0, 200)
y = 3.0 * x + 1.0
w = tf.Variable(0.0)
b = tf.Variable(0.0)

loss_log = [ ]
for epoch in range(2000) :
    with tf.GradientTape() as g :
        loss = tf.reduce_mean( (w * x + b - y) ** 2 )
    dw , db = g.gradient( loss , [w , b] )
    w.assign_sub( 0.01 * dw ) ; b.assign_sub( 0.01 * db )
    loss_log .append( loss )  # expect: UTR001
    print( epoch , loss.numpy() )
