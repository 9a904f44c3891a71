"""A recorder of values by name."""


class Recorder:
    def __init__(self):
        self.values = {}

    def record(self, name, value):
        self.values.setdefault(name, []).append(value)  # expect: UTR003
