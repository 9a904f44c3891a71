"""Helpers of the search."""

import gc

from tensorflow.keras.backend import clear_session


def reset_keras():
    clear_session()
    gc.collect()
