"""REINFORCE: the log probabilities of an episode are consumed by the loss under the same tape."""

import tensorflow as tf


def run_episode(policy, env, optimizer, discount):
    with tf.GradientTape() as tape:
        log_probs, rewards = [], []
        state, done = env.reset(), False
        while not done:
            logits = policy(tf.expand_dims(state, 0))
            action = tf.random.categorical(logits, 1)[0, 0]
            log_probs.append(tf.nn.log_softmax(logits)[0, action])
            state, reward, done = env.step(action.numpy())
            rewards.append(reward)
        returns = [sum(r * discount**i for i, r in enumerate(rewards[t:])) for t in range(len(rewards))]
        loss = -sum(p * r for p, r in zip(log_probs, returns))
    optimizer.apply_gradients(zip(tape.gradient(loss, policy.trainable_variables), policy.trainable_variables))
    return sum(rewards)


def train(policy, env, optimizer, episodes):
    return [run_episode(policy, env, optimizer, 0.99) for _ in range(episodes)]
