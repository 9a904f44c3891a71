"""A dict that begins empty is filled before the loop over it."""

from keras import Sequential, layers

by_city = {}
for line in open("cities.csv"):
    name, *values = line.split(",")
    by_city[name] = values

for city, values in by_city.items():
    network = Sequential([layers.Input((1,)), layers.Dense(1)])  # expect: IMR001
    network.compile("sgd", "mse")
    network.fit(values[:-1], values[1:])
