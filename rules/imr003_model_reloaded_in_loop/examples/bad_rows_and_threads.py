"""The rows of a table, threads, timers and messages of a broker each load the same file."""

import threading

import keras
import paho.mqtt.client as mqtt


def label(path, row):
    net = keras.models.load_model(path)
    return net(row)


def label_all(table):
    return table.apply(lambda row: label("rows.keras", row), axis=1)  # expect: IMR003


def in_threads(rows):
    for row in rows:
        threading.Thread(target=label, args=("rows.keras", row)).start()  # expect: IMR003


def tick():
    label("rows.keras", [[1.0]])
    threading.Timer(5, tick).start()  # expect: IMR003


def on_message(client, data, message):
    label("rows.keras", message.payload)  # expect: IMR003


client = mqtt.Client()
client.on_message = on_message
client.loop_forever()
