"""The helper wraps a keras.applications backbone; a loop over folds calls it."""

import keras


def transfer_model(n_classes):
    backbone = keras.applications.MobileNetV2(include_top=False, pooling="avg", weights=None)
    backbone.trainable = False
    outputs = keras.layers.Dense(n_classes, activation="softmax")(backbone.output)
    return keras.Model(backbone.input, outputs)


def run_folds(folds, n_classes):
    histories = []
    for number, (train, valid) in enumerate(folds):
        print("fold", number)
        model = transfer_model(n_classes)  # expect: IMR001
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        histories.append(model.fit(train, validation_data=valid, epochs=4).history)
    return histories
