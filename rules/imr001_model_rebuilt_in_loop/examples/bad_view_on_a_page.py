"""A page of Streamlit, which runs again for each interaction, makes a view of a model that it keeps."""

import streamlit as st
import tensorflow as tf


@st.cache_resource
def network():
    return tf.keras.models.load_model("birds.keras")


net = network()
picture = st.file_uploader("a picture")
if picture is not None:
    image = tf.io.decode_image(picture.read())[None]
    view = tf.keras.Model(net.inputs, net.get_layer("features").output)  # expect: IMR001
    st.image(view(image).numpy()[0])
