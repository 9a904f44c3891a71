"""The memory of a rollout is consumed by the update as tensors and cleared."""

import tensorflow as tf


class Memory:
    def __init__(self):
        self.clear()

    def clear(self):
        self.log_probs, self.values, self.rewards = [], [], []

    def store(self, log_prob, value, reward):
        self.log_probs.append(log_prob)
        self.values.append(value)
        self.rewards.append(reward)


class Agent:
    def __init__(self, policy, optimizer):
        self.policy, self.optimizer, self.memory = policy, optimizer, Memory()

    def run_episode(self, env):
        with tf.GradientTape() as tape:
            state, done = env.reset(), False
            while not done:
                logits, value = self.policy(state[None])
                action = tf.random.categorical(logits, 1)[0, 0]
                state, reward, done = env.step(int(action))
                self.memory.store(tf.nn.log_softmax(logits)[0, action], value[0, 0], reward)
            advantage = tf.stack(self.memory.rewards) - tf.stack(self.memory.values)
            loss = -tf.reduce_sum(tf.stack(self.memory.log_probs) * tf.stop_gradient(advantage))
        variables = self.policy.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        self.memory.clear()

    def train(self, env, episodes):
        for _ in range(episodes):
            self.run_episode(env)
