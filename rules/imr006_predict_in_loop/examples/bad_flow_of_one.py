"""A generator of pictures gives batches of one."""

import keras
from keras.preprocessing.image import ImageDataGenerator

net = keras.models.load_model("net.keras")
flow = ImageDataGenerator(rescale=1 / 255).flow_from_directory("test", batch_size=1, shuffle=False)
found = []
for number in range(len(flow)):
    images = next(flow)
    found.append(net.predict(images))  # expect: IMR006
