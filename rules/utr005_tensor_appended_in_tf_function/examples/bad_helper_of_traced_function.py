"""The helper that appends is called by a traced function, so it is traced as well."""

from tensorflow import function, reduce_mean, square

history = []


def log(value):
    history.append(value)  # expect: UTR005


@function
def evaluate(model, x, y):
    loss = reduce_mean(square(model(x) - y))
    log(loss)
    return loss


def run(model, dataset):
    for x, y in dataset:
        evaluate(model, x, y)
