"""The functions of the other module return plain numbers and arrays."""

from steps import Trainer, deprocess_image


def train(model, dataset):
    trainer = Trainer(model)
    losses, norms, images = [], [], []
    for x, y in dataset:
        loss, norm = trainer.step(x, y)
        losses.append(loss)
        norms.append(norm)
        images.append(deprocess_image(x[0]))
    return losses, norms, images
