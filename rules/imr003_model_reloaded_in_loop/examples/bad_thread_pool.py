"""Threads of one pool each load the same file for each item."""

from concurrent.futures import ThreadPoolExecutor

from keras.models import load_model


def embed(row):
    encoder = load_model("encoder.h5")
    return encoder.predict(row)


def embed_all(rows):
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(embed, rows))  # expect: IMR003
