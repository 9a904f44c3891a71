"""`Model` of an ORM and a validation library: rows and records, not networks."""

import keras
from django.db import models
from pydantic import BaseModel
from sqlalchemy.orm import declarative_base

Model = declarative_base()


class Prediction(models.Model):
    label = models.CharField(max_length=20)


class Record(BaseModel):
    name: str


class Row(Model):
    __tablename__ = "rows"


def store(images, path):
    network = keras.models.load_model(path)
    for image, label in zip(images, network.predict(images)):
        Prediction(label=str(label)).save()
        yield Record(name=str(image)), Row()
