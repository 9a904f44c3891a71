"""Tasks of a pool that load another file each: the function is the first argument of submit, the path the next."""

from concurrent.futures import ThreadPoolExecutor

import keras


def show_size(path, unit):
    print(path, keras.models.load_model(path).count_params() / unit)


def show_sizes(paths):
    with ThreadPoolExecutor(max_workers=2) as pool:
        for path in paths:
            pool.submit(show_size, path, 1e6)


class Scorer:
    def __init__(self, rows):
        self.rows = rows

    def score(self, path):
        print(keras.models.load_model(path).evaluate(self.rows))


def scores(scorer: Scorer, paths):
    pool = ThreadPoolExecutor()
    for path in paths:
        pool.submit(scorer.score, path)
