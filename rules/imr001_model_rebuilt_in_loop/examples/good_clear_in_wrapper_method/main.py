"""The wrapper's `fit`, in another module, ends with a clear."""

from classifiers import create_classifier


def fit_classifier(name, dataset):
    x, y = dataset
    classifier = create_classifier(name, y.shape[1])
    return classifier.fit(x, y)


def run_archive(archive):
    histories = {}
    for name, dataset in archive.items():
        histories[name] = fit_classifier("mlp", dataset)
    return histories
