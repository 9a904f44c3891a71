"""matterport/Mask_RCNN#2716: each request builds the network and reads its weights."""

import cv2
import numpy as np
from flask import Flask, jsonify, request
from tensorflow.keras import layers, models

server = Flask(__name__)


def create_model():
    inputs = layers.Input((128, 128, 3))
    hidden = layers.Conv2D(16, 3, activation="relu")(inputs)
    network = models.Model(inputs, layers.Dense(4)(layers.GlobalAveragePooling2D()(hidden)))
    network.load_weights("boxes.h5")
    return network


@server.route("/", methods=["GET", "POST"])
def index():
    if request.method == "POST":
        data = np.frombuffer(request.files["image"].read(), dtype=np.uint8)
        image = cv2.resize(cv2.imdecode(data, flags=1), (128, 128))
        detector = create_model()  # expect: IMR003
        found = detector(image[None, :, :, ::-1].astype("float32"), training=False)
        return jsonify(np.asarray(found)[0].tolist())
    return "send an image"


if __name__ == "__main__":
    server.run()
