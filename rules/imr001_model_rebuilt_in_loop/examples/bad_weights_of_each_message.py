"""A bot builds a network for each message and gives it the weights that it has read at the start."""

import pickle

import keras
from aiogram import Dispatcher, types

with open("weights.pkl", "rb") as file:
    WEIGHTS = pickle.load(file)
dispatcher = Dispatcher()


def make_net():
    net = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(2)])
    net.build((None, 8))
    return net


@dispatcher.message()
async def answer(message: types.Message):
    net = make_net()  # expect: IMR001
    net.set_weights(WEIGHTS)
    row = [float(part) for part in message.text.split()]
    await message.reply(str(net(keras.ops.convert_to_tensor([row])).numpy()))
