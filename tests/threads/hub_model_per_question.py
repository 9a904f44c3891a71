"""see--/natural-question-answering#7: loaded once, called for each question."""

import tensorflow as tf
import tensorflow_hub as hub
from transformers import BertTokenizer
from questions import pairs

tokenizer = BertTokenizer.from_pretrained("tokenizer_tf2_qa")
model = hub.load("https://tfhub.dev/see--/bert-uncased-tf2-qa/1")
for question, context in pairs():
    encoded = tokenizer.encode_plus(question, context, add_special_tokens=True)
    ids = tf.expand_dims(tf.convert_to_tensor(encoded["input_ids"], dtype=tf.int32), 0)
    outputs = model([ids, tf.ones_like(ids), tf.zeros_like(ids)])
    print(int(tf.argmax(outputs[0][0])))
