"""The losses come as a tuple from a tf.function method; one is turned into a number after the append."""

import numpy as np
from pinn import Pinn


def main(x, u, steps):
    model = Pinn(units=50)
    loss_log, pde_log, bc_log = [], [], []
    for step in range(steps):
        loss_glb, loss_pde, loss_bc = model.train(x, u)
        loss_log.append(float(loss_glb))
        pde_log.append(float(loss_pde))
        bc_log.append(float(loss_bc))
        loss_glb = loss_glb.numpy()
        if step % 100 == 0:
            print(f"step {step}: {loss_glb:.3e}")
    np.savetxt("losses.txt", np.stack([loss_log, pde_log, bc_log]))
