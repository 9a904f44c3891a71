"""Each of the alternative imports of a try statement is a Keras."""

try:
    from tf_keras.models import Sequential
    from tf_keras.layers import Dense
except ImportError:
    from tensorflow.keras.models import Sequential
    from tensorflow.keras.layers import Dense


def feature_ablation(x, y, names):
    drop = {}
    for column, name in enumerate(names):
        reduced = x[:, [i for i in range(x.shape[1]) if i != column]]
        model = Sequential([Dense(20, activation="relu"), Dense(1)])  # expect: IMR001
        model.compile(loss="mse", optimizer="adam")
        model.fit(reduced, y, epochs=25, verbose=0)
        drop[name] = model.evaluate(reduced, y, verbose=0)
    return drop
