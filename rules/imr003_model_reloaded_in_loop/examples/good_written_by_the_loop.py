"""What the loop writes, itself or by a callback, is another model each time although its name is the same."""

from tensorflow import keras


def rounds(model, batches):
    for batch in batches:
        model.fit(batch, verbose=0)
        model.save("latest.keras")
        copy = keras.models.load_model("latest.keras")
        print(copy.evaluate(batch))


def best_of(folds, build):
    scores = []
    saver = keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True)
    for x, y in folds:
        net = build()
        net.fit(x, y, callbacks=[saver])
        best = keras.models.load_model("best.keras")
        scores.append(best.evaluate(x, y))
        keras.backend.clear_session()
    return scores


def by_a_program(run, seeds, target):
    for seed in seeds:
        run(seed, target)
        print(keras.models.load_model(target).count_params())
