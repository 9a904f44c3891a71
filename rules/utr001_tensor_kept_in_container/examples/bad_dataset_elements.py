"""Every batch of the data set stays in a list, although one image of each is shown."""

import matplotlib.pyplot as plt
import tensorflow as tf

dataset = tf.keras.utils.image_dataset_from_directory("images", batch_size=64)

batches = []
for images, labels in dataset:
    batches.append(images)  # expect: UTR001
    print(labels.shape)

for batch in batches:
    plt.imshow(batch[0].numpy().astype("uint8"))
    plt.show()
