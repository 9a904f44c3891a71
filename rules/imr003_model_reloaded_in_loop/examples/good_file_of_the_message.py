"""Each message brings the model that is then loaded; the loop is there to connect again."""

import os

import keras
import pika

FOLDER = "models"


def work(message):
    path = os.path.join(FOLDER, "latest.keras")
    with open(path, "wb") as file:
        file.write(message)
    return evaluate()


def evaluate():
    model = keras.models.load_model(os.path.join(FOLDER, "latest.keras"))
    return model.count_params()


def listen():
    while True:
        channel = pika.BlockingConnection().channel()

        def answer(ch, method, properties, body):
            print(work(body))

        channel.basic_consume(queue="models", on_message_callback=answer)
        channel.start_consuming()


listen()
