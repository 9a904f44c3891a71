"""A bot keeps its model under a key."""

import numpy as np
from telegram.ext import Application, MessageHandler, filters
from tensorflow import keras


async def answer(update, context):
    row = np.array([[len(update.message.text)]])
    await update.message.reply_text(str(context.bot_data["model"].predict(row)))  # expect: IMR006


def main():
    application = Application.builder().token("token").build()
    application.bot_data["model"] = keras.models.load_model("model.keras")
    application.add_handler(MessageHandler(filters.TEXT, answer))
    application.run_polling()
