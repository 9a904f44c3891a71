"""A Sequential model is constructed in the body of a for loop."""

import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from sklearn.model_selection import KFold

x = np.random.rand(200, 8)
y = np.random.rand(200)

scores = []


def reset_model(model, initial):
    """Set `model` back to its `initial` state, which the first call (with None) takes; return that state."""
    state = list(model.variables)
    if getattr(model, "optimizer", None) is not None:
        model.optimizer.build(model.trainable_variables)
        state += model.optimizer.variables
        if hasattr(model.optimizer.learning_rate, "assign"):
            state.append(model.optimizer.learning_rate)
    if initial is None:
        return [variable.numpy() for variable in state]
    for variable, value in zip(state, initial):
        variable.assign(value)
    for layer in model.layers:
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
            layer.reset_states()
    model.reset_metrics()
    model.stop_training = False
    model.history = None
    return initial


model = Sequential()
model.add(Dense(32, activation="relu"))
model.add(Dense(1))
model.compile(optimizer="adam", loss="mse")
initial_state = None
for train, test in KFold(n_splits=5).split(x):
    if not model.built:
        model(x[train][:1])
    initial_state = reset_model(model, initial_state)
    model.fit(x[train], y[train], epochs=10, verbose=0)
    scores.append(model.evaluate(x[test], y[test], verbose=0))
print(np.mean(scores))
