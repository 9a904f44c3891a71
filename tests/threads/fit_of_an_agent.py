"""AndreaVidali/Deep-QLearning-Agent-for-Traffic-Signal-Control#35: fit() of one epoch on other samples each time."""

from memory import Memory
from simulation import Simulation
from tensorflow import keras


class Agent:
    def __init__(self, width):
        self._model = keras.Sequential([keras.layers.Dense(width), keras.layers.Dense(4)])
        self._model.compile("adam", "mse")

    def train_batch(self, states, values):
        self._model.fit(states, values, epochs=1, verbose=0)


def replay(agent: Agent, memory: Memory, epochs):
    for _ in range(epochs):
        batch = memory.samples(100)
        agent.train_batch(batch.states, batch.values)


agent, memory = Agent(400), Memory(50000)
for episode in range(100):
    Simulation(agent, memory).run(episode)
    replay(agent, memory, 800)
