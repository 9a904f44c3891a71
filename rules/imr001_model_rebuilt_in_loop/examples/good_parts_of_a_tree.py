"""The layers of each small model become parts of a tree, which is the model in the end."""

from tensorflow import keras


class Small(keras.Model):
    def __init__(self, depth):
        super().__init__()
        self.router = keras.layers.Dense(depth)
        self.left = keras.Sequential([keras.layers.Dense(8)])

    def call(self, rows):
        return self.router(self.left(rows))


class Node:
    def __init__(self):
        self.router = None
        self.child = None


class Tree(keras.Model):
    def attach(self, node, small):
        node.router = small.router
        node.child = small.left


def grow(tree, nodes, x, y):
    for depth, node in enumerate(nodes):
        small = Small(depth + 1)
        small.compile(loss="mse")
        small.fit(x, y)
        tree.attach(node, small)


def rebuild(nodes, widths):
    for number, node in enumerate(nodes):
        small = Small(widths[number])
        node.router = small.router


def join(node, part):
    node.child = part.left


def chain(nodes):
    for node in nodes:
        part = Small(4)
        join(node, part)


tree = Tree()
grow(tree, [Node(), Node()], [[1.0]], [[1.0]])
