"""The search in one module, the training in another; a sweep of wandb runs it in this process."""

import wandb
from training import train

if __name__ == "__main__":
    wandb.agent("sweep", function=train, count=40)  # expect: IMR007
