"""`constant` of another library."""

import numpy as np
from settings import constant

table = np.load("table.npy")


def run(rows):
    for row in rows:
        print(row, constant(table))
