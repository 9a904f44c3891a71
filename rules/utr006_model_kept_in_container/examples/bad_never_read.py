"""The models of a script are put into a list that nothing reads."""

from tensorflow import keras
from tensorflow.keras import layers

trained = []
for rate in (10**-n for n in range(1, 40)):
    net = keras.Sequential([layers.Dense(16), layers.Dense(1)])
    net.compile(keras.optimizers.Adam(rate), "mse")
    print(rate, net.fit([[1.0]], [1.0], verbose=0).history["loss"])
    trained.append(net)  # expect: UTR006
print(len(trained))
