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


@receiver(post_save, sender=Leaf)
def noted(sender, instance, **kwargs):
    model = keras.models.load_model("leaves.keras")  # expect: IMR003
    print(float(model(instance.picture)))
