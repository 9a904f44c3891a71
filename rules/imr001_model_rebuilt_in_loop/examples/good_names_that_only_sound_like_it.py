"""Functions called create_model or build in a project that uses TensorFlow, but that make none."""

import tensorflow as tf
from statsmodels.tsa.arima.model import ARIMA

network = tf.keras.Sequential([tf.keras.layers.Dense(1)])


def create_model(history):
    return ARIMA(history, order=(2, 1, 0))


def get_tf_model():
    return tf.function(network)


def walk_forward(series):
    history = list(series[:100])
    for value in series[100:]:
        model = create_model(history)
        yield model.fit().forecast()[0]
        history.append(value)


def train_models(batches):
    predict = get_tf_model()
    for batch in batches:
        yield predict(batch)
