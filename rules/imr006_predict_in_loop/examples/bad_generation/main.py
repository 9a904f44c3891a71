"""Another module generates a text, one token in each call, by keyword."""

from generator import Generator


def main():
    print(Generator("text.keras").generate([1, 2, 3], 200))
