"""The callback of a message queue loads the model for each message."""

import json

import numpy as np
import pika
from tensorflow import keras


def on_message(channel, method, properties, body):
    scorer = keras.models.load_model("scorer.keras")
    scores = scorer.predict(np.array(json.loads(body)))
    channel.basic_publish("", "scores", json.dumps(scores.tolist()))


connection = pika.BlockingConnection()
channel = connection.channel()
channel.basic_consume("rows", on_message_callback=on_message)  # expect: IMR003
channel.start_consuming()
