"""Models stand in records beside their scores; one of them is used in the end."""

import keras


def build(units):
    net = keras.Sequential([keras.layers.Dense(units), keras.layers.Dense(1)])
    net.compile("adam", "mse")
    return net


def first_of(x, y, times):
    records = []
    for _ in range(times):
        net = build(16)  # expect: IMR001
        net.fit(x, y)
        records.append({"mse": net.evaluate(x, y), "net": net})
    print(sum(record["mse"] for record in records) / len(records))
    return records[0]["net"]


def best_of(x, y, times):
    tried = []
    for _ in range(times):
        net = build(16)  # expect: IMR001
        net.fit(x, y)
        tried.append((net.evaluate(x, y), net))
    for score, _ in tried:
        print(score)
    return max(tried, key=lambda pair: pair[0])[1]


def best_by_name(x, y, names):
    results = {}
    for name in names:
        net = build(16)  # expect: IMR001
        net.fit(x, y)
        results[name] = {"mse": net.evaluate(x, y), "net": net}
    best = min(results, key=lambda name: results[name]["mse"])
    return results[best]["net"]
