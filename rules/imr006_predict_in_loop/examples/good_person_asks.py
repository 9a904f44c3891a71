"""A person types the name of each picture, and is slower than the prediction."""

import keras
import numpy as np

network = keras.models.load_model("digits.keras")
for _ in range(int(input("how many? "))):
    picture = keras.utils.load_img(input("which? "), color_mode="grayscale", target_size=(28, 28))
    row = np.expand_dims(keras.utils.img_to_array(picture), 0)
    print(network.predict(row).argmax())
