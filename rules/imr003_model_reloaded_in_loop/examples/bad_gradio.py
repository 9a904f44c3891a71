"""The function of a Gradio interface loads the model for each click."""

import gradio as gr
import tensorflow as tf


def classify(image):
    model = tf.keras.models.load_model("digits.keras")
    return model.predict_on_batch(image).argmax()


gr.Interface(fn=classify, inputs="image", outputs="label").launch()  # expect: IMR003
