"""A cache at module level gets an entry for each batch and never loses one."""

from keras import ops

_embeddings = {}


def embed(encoder, step, batch):
    embedding = ops.normalize(encoder(batch), axis=-1)
    _embeddings[step] = embedding  # expect: UTR003
    return ops.mean(embedding)


def run(encoder, batches):
    for step, batch in enumerate(batches):
        print(step, float(embed(encoder, step, batch)))
