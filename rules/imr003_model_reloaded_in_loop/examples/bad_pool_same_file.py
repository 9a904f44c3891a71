"""Tasks of a pool that all load the same file."""

from concurrent.futures import ThreadPoolExecutor

import keras


def label(path, row):
    net = keras.models.load_model(path)
    return net.predict(row)


def run(rows):
    with ThreadPoolExecutor(max_workers=2) as pool:
        for row in rows:
            pool.submit(label, "net.keras", row)  # expect: IMR003
