"""Pretrained models of Hugging Face, KerasHub and TensorFlow Hub are made for each text."""

import keras_hub
import tensorflow_hub as hub
from transformers import AutoTokenizer, TFAutoModelForSequenceClassification


def sentiment(texts):
    tokenizer = AutoTokenizer.from_pretrained("distilbert-base-uncased")
    for text in texts:
        model = TFAutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased")  # expect: IMR003
        yield model(tokenizer(text, return_tensors="tf")).logits.numpy()


def continue_texts(texts):
    return [
        keras_hub.models.GPT2CausalLM.from_preset("gpt2_base_en").generate(text)  # expect: IMR003
        for text in texts
    ]


def embed(texts):
    for text in texts:
        embedding = hub.load("https://tfhub.dev/google/universal-sentence-encoder/4")  # expect: IMR003
        print(embedding([text]).numpy())
