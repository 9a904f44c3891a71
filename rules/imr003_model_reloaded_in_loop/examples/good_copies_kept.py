"""Several copies of one model are wanted at the same time."""

from tensorflow.keras.models import load_model

players = [load_model("player.keras") for _ in range(4)]


def moves(board):
    return [player(board) for player in players]


class Agent:
    def __init__(self, net):
        self.net = net


def league(size):
    agents = []
    for number in range(size):
        net = load_model("player.keras")
        agents.append(Agent(net))
    return agents


def by_name(names):
    found = {}
    for name in names:
        found[name] = load_model("player.keras")
    return found
