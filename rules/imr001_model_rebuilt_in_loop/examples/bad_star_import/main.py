"""Both the builder and the Keras names in it come from star imports."""

import numpy as np
from helpers import *

x = np.random.rand(1000, 64)
errors = []
for code in range(2, 33, 2):
    coder = autoencoder(64, code)  # expect: IMR001
    coder.fit(x, x, epochs=20, verbose=0)
    errors.append(coder.evaluate(x, x, verbose=0))
