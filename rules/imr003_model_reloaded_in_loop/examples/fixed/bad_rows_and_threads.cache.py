"""The rows of a table, threads, timers and messages of a broker each load the same file."""

import functools
import threading

import keras
import paho.mqtt.client as mqtt


@functools.lru_cache(maxsize=1)
def load_model_once(path):
    return keras.models.load_model(path)


def label(path, row):
    net = load_model_once(path)
    return net(row)


def label_all(table):
    return table.apply(lambda row: label("rows.keras", row), axis=1)


def in_threads(rows):
    for row in rows:
        threading.Thread(target=label, args=("rows.keras", row)).start()


def tick():
    label("rows.keras", [[1.0]])
    threading.Timer(5, tick).start()


def on_message(client, data, message):
    label("rows.keras", message.payload)


client = mqtt.Client()
client.on_message = on_message
client.loop_forever()
