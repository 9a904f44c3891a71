"""The agent comes from a package that is not here; the file of its weights tells what its network is."""

import gym
import keras
from agents import actors

env = gym.make("Pendulum-v1")
keras.utils.set_random_seed(0)
actor = actors.Actor(env.observation_space, env.action_space)
actor.model.load_weights("actor.h5")
state, done = env.reset(), False
while not done:
    state, reward, done, info = env.step(actor.model.predict(state[None]))  # expect: IMR006
