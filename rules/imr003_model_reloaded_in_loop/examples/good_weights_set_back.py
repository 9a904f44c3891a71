"""Each fold starts from the same weights, and each ablation from other parts of a backbone."""

from tensorflow import keras


def folds(net, parts):
    for x, y in parts:
        net.load_weights("start.weights.h5")
        net.fit(x, y)


def sizes(x, values):
    for size in values:
        backbone = keras.applications.MobileNetV2(input_shape=(size, size, 3), include_top=False)
        keras.backend.clear_session()
        print(backbone.count_params())
