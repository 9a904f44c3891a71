"""Either builder of the registry may be called, after a clear at the top of each iteration."""

from keras import backend as K
from keras.layers import Dense, Input
from keras.models import Model


def shallow(width, classes):
    inputs = Input((width,))
    return Model(inputs, Dense(classes, activation="softmax")(inputs))


def deep(width, classes):
    inputs = Input((width,))
    hidden = Dense(64, activation="relu")(inputs)
    return Model(inputs, Dense(classes, activation="softmax")(hidden))


BUILDERS = [("shallow", shallow), ("deep", deep)]


def benchmark(datasets, load):
    for name, build in BUILDERS:
        for dataset in datasets:
            K.clear_session()
            x, y, classes = load(dataset)
            model = build(x.shape[1], classes)
            model.compile("adam", "categorical_crossentropy")
            print(name, dataset, model.fit(x, y, verbose=0).history["loss"][-1])
