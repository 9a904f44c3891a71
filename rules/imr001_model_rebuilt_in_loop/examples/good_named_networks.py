"""Actor, critic and their targets: four models with a name each, built once and all kept."""

import keras


def mlp(n_outputs):
    return keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(n_outputs)])


class Ddpg:
    def __init__(self, n_actions):
        self.nets = {}
        for name, n_outputs in (("actor", n_actions), ("critic", 1)):
            self.nets[name] = mlp(n_outputs)
            self.nets[f"{name}_target"] = mlp(n_outputs)

    def soft_update(self, tau):
        for name in ("actor", "critic"):
            source, target = self.nets[name], self.nets[f"{name}_target"]
            target.set_weights([tau * s + (1 - tau) * t for s, t in zip(source.get_weights(), target.get_weights())])
