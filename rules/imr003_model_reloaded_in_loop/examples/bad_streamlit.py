"""A page of Streamlit, which runs again for each interaction, loads the model."""

import streamlit as st
import tensorflow as tf
from PIL import Image

st.title("Leaves")
model = tf.keras.models.load_model("leaves.keras")  # expect: IMR003
uploaded = st.file_uploader("A picture")
if uploaded is not None:
    st.write(model.predict(Image.open(uploaded)))
