"""A member of the population."""

from train import train_and_score


class Individual:
    def __init__(self, genome):
        self.genome = genome
        self.accuracy = 0.0

    def train(self, dataset):
        if self.accuracy == 0.0:
            self.accuracy = train_and_score(self.genome, dataset)
