"""Each block is a Sequential that is applied at once to what the one before gave: one graph grows."""

from tensorflow import keras


def conv_block(filters, size):
    return keras.Sequential(
        [
            keras.layers.Conv2D(filters, size, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.LeakyReLU(),
        ]
    )


def residual_blocks(filters, count):
    def apply(x):
        x = conv_block(filters, 3)(x)
        for _ in range(count):
            shortcut = x
            x = conv_block(filters // 2, 1)(x)
            x = conv_block(filters, 3)(x)
            x = keras.layers.Add()([x, shortcut])
        return x

    return apply
