"""A function of AWS Lambda loads the model for each event."""

import json

import tensorflow as tf


def answer(rows):
    model = tf.saved_model.load("/opt/model")
    return model.signatures["serving_default"](tf.constant(rows))


def lambda_handler(event, context):
    rows = json.loads(event["body"])
    return {"statusCode": 200, "body": str(answer(rows))}  # expect: IMR003
