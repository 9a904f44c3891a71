"""The builder arrives through a package that re-exports it under another name."""

import zoo


def compare_sizes(load, sizes):
    for image_size in sizes:
        train, valid = load(image_size)
        network = zoo.create_network(image_size)  # expect: IMR001
        network.compile("adam", "sparse_categorical_crossentropy")
        network.fit(train, validation_data=valid, epochs=5)
        network.save(f"cnn_{image_size}.keras")
