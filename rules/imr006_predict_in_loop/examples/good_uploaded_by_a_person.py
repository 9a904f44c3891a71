"""Pictures that a person uploads to a notebook: a few, and the person takes longer."""

import keras
import numpy as np
from google.colab import files
from keras.utils import img_to_array, load_img

model = keras.models.load_model("horses.keras")
uploaded = files.upload()

for name in uploaded.keys():
    picture = img_to_array(load_img(name, target_size=(300, 300)))
    answer = model.predict(np.expand_dims(picture, axis=0))
    print(name, answer[0])
