"""A field of what a model gives is a tensor as well."""

import tensorflow as tf
from transformers import BertTokenizer, TFBertModel


def sentences(texts):
    tokenizer = BertTokenizer.from_pretrained("bert-base-uncased")
    encoder = TFBertModel.from_pretrained("bert-base-uncased")
    vectors = []
    for text in texts:
        tokens = tokenizer(text, return_tensors="tf")
        vectors.append(encoder(**tokens).last_hidden_state[:, 0])  # expect: UTR001
    return vectors


def pooled(path, batches):
    encoder = tf.keras.models.load_model(path)
    kept = {}
    for number, batch in enumerate(batches):
        outputs = encoder(batch, training=False)
        kept[number] = outputs.pooler_output  # expect: UTR001
    return kept


def by_name(path, batches):
    encoder = tf.keras.models.load_model(path)
    kept = []
    for batch in batches:
        kept.append({"logits": encoder(batch).logits, "size": encoder(batch).shape})  # expect: UTR001
    return kept
