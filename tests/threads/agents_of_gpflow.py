"""GPflow/GPflow#590: models of another library, which adds to the graph itself."""

import time

import gpflow
import numpy as np

for _ in range(50):
    x = np.random.rand(12, 1)
    kernel = gpflow.kernels.Matern52(1, lengthscales=0.3)
    model = gpflow.models.GPR(x, np.sin(12 * x), kern=kernel)
    start = time.time()
    gpflow.train.ScipyOptimizer().minimize(model)
    print(time.time() - start)
