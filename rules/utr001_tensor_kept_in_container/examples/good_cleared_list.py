"""The container is emptied inside the outer loop."""

import tensorflow as tf


def a2c(policy, env, optimizer, updates, horizon):
    log_probs, values, rewards = [], [], []
    for _ in range(updates):
        state = env.reset()
        for _ in range(horizon):
            logits, value = policy(state[None])
            action = tf.random.categorical(logits, 1)[0, 0]
            log_probs.append(tf.nn.log_softmax(logits)[0, action])
            values.append(value)
            state, reward, _ = env.step(int(action))
            rewards.append(reward)
        policy.learn(optimizer, log_probs, values, rewards)
        log_probs.clear()
        values = []
        del rewards[:]
