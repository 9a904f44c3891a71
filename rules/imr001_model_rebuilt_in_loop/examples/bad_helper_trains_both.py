"""A function that takes two models and trains the new one: its state is not all that is used."""

import keras


def distill(teacher, student, x):
    if teacher is None:
        return student
    student.fit(x, teacher.predict(x), verbose=0)
    teacher.set_weights(student.get_weights())
    return teacher


def generations(x, count):
    teacher = None
    for _ in range(count):
        student = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1)])  # expect: IMR001
        student.compile("adam", "mse")
        teacher = distill(teacher, student, x)
    return teacher
