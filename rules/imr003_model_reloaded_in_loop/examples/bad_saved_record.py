"""A record of Django loads the model whenever somebody saves one, and so does a receiver of its signal."""

from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver
from tensorflow import keras


class Leaf(models.Model):
    picture = models.ImageField()
    count = models.FloatField()

    def save(self, *args, **kwargs):
        model = keras.models.load_model("leaves.keras")  # expect: IMR003
        self.count = float(model(self.picture))
        super().save(*args, **kwargs)


class Flower(models.Model):
    picture = models.ImageField()
    name = models.CharField(max_length=200)

    def guess(self):
        with open("flowers.json") as file:
            model = keras.models.model_from_json(file.read())
        model.load_weights("flowers.h5")
        return str(model.predict_on_batch(self.picture).argmax())

    def save(self, *args, **kwargs):
        self.name = self.guess()  # expect: IMR003
        super().save(*args, **kwargs)


@receiver(post_save, sender=Leaf)
def noted(sender, instance, **kwargs):
    model = keras.models.load_model("leaves.keras")  # expect: IMR003
    print(float(model(instance.picture)))
