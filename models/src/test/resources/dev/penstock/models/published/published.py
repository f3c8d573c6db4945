"""Writes the SavedModels beside this file, each as a zip, and published.json with what Python says of three rows.

They are small, and otherwise as Keras, TensorFlow and JAX publish them. Made with TensorFlow 2.21, Keras 3.15 and
JAX 0.10:

    python published.py
"""
import json
import os
import pathlib
import shutil
import tempfile
import zipfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
from jax._src.export import _export as jax_export
from jax.experimental import jax2tf
from keras import layers
from tensorflow.core.protobuf import saved_model_pb2

HERE = pathlib.Path(__file__).parent
WORK = pathlib.Path(tempfile.mkdtemp())
v1 = tf.compat.v1
random = np.random.default_rng(7)
published = []


def floats(*shape):
    return random.normal(size=shape).astype(np.float32)


def softmax(logits):
    powers = np.exp(logits - np.max(logits, -1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def both(positive):
    """Probabilities of two labels."""
    positive = np.asarray(positive, np.float64).reshape(-1)
    return np.stack([1 - positive, positive], 1)


def value(array):
    array = np.asarray(array)
    if array.dtype.kind in "SO":
        return {"hex": bytes(array.reshape(-1)[0]).hex()}
    return {"numbers": [float(str(number)) for number in array.reshape(-1)]}


def publish(name, inputs=None, scores=None, refusal=None, length=None):
    """inputs: by key, the rows of each; scores: of each row, one a label; refusal: words of the reason."""
    entry = {"name": name}
    if refusal:
        entry["refusal"] = refusal
    else:
        entry["rows"] = [{key: value(rows[row]) for key, rows in inputs.items()} for row in range(3)]
        entry["scores"] = np.asarray(scores, np.float64).tolist()
    if length:
        entry["length"] = length
    published.append(entry)
    with zipfile.ZipFile(HERE / (name + ".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        root = WORK / name
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            archive.writestr(zipfile.ZipInfo(str(path.relative_to(root))), path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def answers(name, signature="serving_default", one_by_one=False, **inputs):
    model = tf.saved_model.load(str(WORK / name))
    call = model.signatures[signature]
    if one_by_one:
        rows = [call(**{key: tf.constant(rows[row]) for key, rows in inputs.items()}) for row in range(3)]
        return {key: np.stack([row[key].numpy() for row in rows]) for key in rows[0]}
    return {key: output.numpy() for key, output in call(**{k: tf.constant(r) for k, r in inputs.items()}).items()}


def keras_model(name, inputs, outputs):
    keras.Model(inputs, outputs).export(str(WORK / name), verbose=False)


def module(name, function, spec, weights=(4, 3), key="serving_default", options=None, **tracked):
    made = tf.Module()
    made.weights = tf.Variable(floats(*weights))
    for attribute, tracked_object in tracked.items():
        setattr(made, attribute, tracked_object)
    made.function = tf.function(lambda x: function(made, x), input_signature=[spec])
    tf.saved_model.save(made, str(WORK / name), signatures={key: made.function}, options=options)


def four(name="x"):
    return tf.TensorSpec((None, 4), tf.float32, name=name)


def keras_dense():
    name = "keras_dense"
    x = keras.Input((4,), name="x")
    hidden = layers.Dense(5, "relu")(x)
    keras_model(name, x, {"price": layers.Dense(1)(hidden), "kind": layers.Dense(3, "softmax")(hidden)})
    rows = floats(3, 4)
    publish(name, {"x": rows}, answers(name, x=rows)["kind"])


def keras_structured():
    name = "keras_structured"
    inputs = {
        "age": keras.Input((1,), name="age"),
        "job": keras.Input((1,), name="job", dtype="string"),
        "plan": keras.Input((1,), name="plan", dtype="int32"),
    }
    joined = layers.Concatenate()([
        layers.Normalization(mean=40.0, variance=9.0)(inputs["age"]),
        layers.StringLookup(vocabulary=["nurse", "pilot"], output_mode="one_hot")(inputs["job"]),
        layers.CategoryEncoding(4, output_mode="one_hot")(inputs["plan"]),
    ])
    keras_model(name, inputs, layers.Dense(1, "sigmoid")(joined))
    rows = {
        "age": np.array([[30.0], [50.0], [70.0]], np.float32),
        "job": np.array([[b"nurse"], [b"pilot"], [b"diver"]]),
        "plan": np.array([[0], [1], [3]], np.int32),
    }
    publish(name, rows, both(answers(name, **rows)["output_0"]))


def keras_text():
    name = "keras_text"
    text = keras.Input((), dtype="string", name="text")
    words = layers.TextVectorization(output_sequence_length=6, vocabulary=["free", "money", "hello"])(text)
    hidden = layers.GlobalAveragePooling1D()(layers.Embedding(5, 3)(words))
    keras_model(name, text, layers.Dense(2, "softmax")(hidden))
    rows = np.array([b"Free money!", b"hello dear friend", b"\xc3\xbcber money"])
    publish(name, {"text": rows}, answers(name, text=rows)["output_0"])


def keras_attention():
    name = "keras_attention"
    tokens = keras.Input((None,), dtype="int64", name="tokens")
    hidden = layers.Embedding(20, 4)(tokens)
    hidden = layers.LayerNormalization()(hidden + layers.MultiHeadAttention(1, 2)(hidden, hidden))
    keras_model(name, tokens, layers.Dense(3)(layers.GlobalAveragePooling1D()(hidden)))
    rows = random.integers(1, 20, (3, 7))
    publish(name, {"tokens": rows}, softmax(answers(name, tokens=rows)["output_0"]), length=7)


def decoded_image():
    name = "decoded_image"

    def score(made, content):
        pixels = tf.io.decode_image(content, channels=3, expand_animations=False, dtype=tf.float32)
        mean = tf.reduce_mean(tf.image.resize(pixels, (4, 4)), [0, 1])[None]
        return {"scores": tf.nn.softmax(tf.matmul(mean, made.weights))[0]}

    module(name, score, tf.TensorSpec((), tf.string, name="image_bytes"), weights=(3, 3))
    rows = [tf.io.encode_png(tf.constant(random.integers(0, 256, (6, 5, 3)), tf.uint8)).numpy() for _ in range(3)]
    publish(name, {"image_bytes": [np.array(row, object) for row in rows]},
            answers(name, one_by_one=True, image_bytes=rows)["scores"])


def vocabulary_asset():
    name = "vocabulary_asset"
    words = WORK / "words.txt"
    words.write_text("free\nmoney\nhello\n")
    table = tf.lookup.StaticVocabularyTable(
        tf.lookup.TextFileInitializer(str(words), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
                                      tf.lookup.TextFileIndex.LINE_NUMBER), 1)

    def score(made, word):
        return {"scores": tf.nn.softmax(tf.gather(made.weights, made.table.lookup(tf.strings.lower(word))))}

    module(name, score, tf.TensorSpec((None,), tf.string, name="word"), table=table)
    rows = np.array([b"Free", b"hello", b"dear"])
    scores = answers(name, word=rows)["scores"]
    words.unlink()
    publish(name, {"word": rows}, scores)


def waveform():
    """As YAMNet: one clip of any length a call; its frames' scores are averaged."""
    name = "waveform"
    mel = tf.signal.linear_to_mel_weight_matrix(8, 65, 16000, 125.0, 7500.0)

    def score(made, clip):
        bands = tf.math.log(tf.matmul(tf.abs(tf.signal.stft(clip, 128, 64)), mel) + 1e-3)
        return {"scores": tf.reduce_mean(tf.sigmoid(tf.matmul(bands, made.weights)), 0), "bands": bands}

    module(name, score, tf.TensorSpec((None,), tf.float32, name="waveform"), weights=(8, 4))
    rows = [np.round(floats(size) * 0.1, 2) for size in (300, 200, 400)]
    publish(name, {"waveform": rows}, [answers(name, one_by_one=True, waveform=[row] * 3)["scores"][0] for row in rows])


def softmax_by_hand():
    name = "softmax_by_hand"

    def score(made, x):
        powers = tf.exp(tf.matmul(x, made.weights))
        return {"Output: 0 / \"best\"": powers / tf.reduce_sum(powers, -1, keepdims=True), "x": x}

    module(name, score, four(), key="my signature/1")
    rows = floats(3, 4)
    publish(name, {"x": rows}, answers(name, "my signature/1", x=rows)["Output: 0 / \"best\""])


def log_probabilities():
    name = "log_probabilities"
    module(name, lambda made, x: {"log_probabilities": tf.nn.log_softmax(tf.matmul(x, made.weights))}, four())
    rows = floats(3, 4)
    publish(name, {"x": rows}, np.exp(answers(name, x=rows)["log_probabilities"]))


def sharded():
    name = "sharded"
    options = tf.saved_model.SaveOptions(experimental_sharding_callback=tf.train.experimental.MaxShardSizePolicy(60))
    module(name, lambda made, x: {"scores": tf.nn.softmax(tf.matmul(x, made.weights) + tf.matmul(x, made.more))},
           four(), options=options, more=tf.Variable(floats(4, 3)))
    rows = floats(3, 4)
    publish(name, {"x": rows}, answers(name, x=rows)["scores"])


def v1_table():
    """As Estimators export: a dense receiver, a table whose file is only in a collection, and no serving_default."""
    name = "v1_table"
    words = WORK / "countries.txt"
    words.write_text("de\nfr\nus\n")
    with tf.Graph().as_default(), v1.Session() as session:
        amount = v1.placeholder(tf.float32, [None, 1], "amount")
        country = v1.placeholder(tf.string, [None], "country")
        table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(str(words), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
                                          tf.lookup.TextFileIndex.LINE_NUMBER), 3)
        weights = v1.get_variable("weights", initializer=floats(5, 1))
        logits = tf.matmul(tf.concat([amount, tf.one_hot(table.lookup(country), 4)], 1), weights)
        probabilities = tf.nn.softmax(tf.concat([tf.zeros_like(logits), logits], -1))
        session.run([v1.global_variables_initializer(), v1.tables_initializer()])
        builder = v1.saved_model.Builder(str(WORK / name))
        signature = v1.saved_model.predict_signature_def(
            {"amount": amount, "country": country},
            {"logistic": tf.sigmoid(logits), "probabilities": probabilities, "class_ids": tf.argmax(logits, 1)})
        builder.add_meta_graph_and_variables(
            session, ["serve"], {"predict": signature}, main_op=v1.tables_initializer(),
            assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS))
        builder.save()
        rows = {"amount": floats(3, 1), "country": np.array([b"de", b"us", b"?"])}
        scores = session.run(probabilities, {amount: rows["amount"], country: rows["country"]})
    words.unlink()
    publish(name, rows, scores)


def v1_switch():
    """A placeholder that the signature leaves out, and one that it does not."""
    name = "v1_switch"
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 4], "x")
        training = v1.placeholder(tf.bool, [], "is_training")
        keep = v1.placeholder(tf.float32, [], "keep_prob")
        weights = v1.get_variable("weights", initializer=floats(4, 3))
        dropped = tf.cond(training, lambda: v1.nn.dropout(x, keep_prob=0.5), lambda: v1.nn.dropout(x, keep_prob=keep))
        scores = tf.nn.softmax(tf.matmul(dropped, weights))
        session.run(v1.global_variables_initializer())
        v1.saved_model.simple_save(session, str(WORK / name), {"x": x, "keep_prob": keep}, {"scores": scores})
        rows = floats(3, 4)
        expected = session.run(scores, {x: rows, training: False, keep: 1.0})
    publish(name, {"x": rows}, expected)


def converted(name, target=None):
    weights = floats(6, 3)

    def score(x):
        return jax.nn.softmax(jnp.tanh(x) @ weights)

    own = jax_export.hlo
    if target:
        jax_export.hlo = type("Hlo", (), {
            **{key: getattr(own, key) for key in dir(own)},
            "get_version_from_compatibility_requirement": staticmethod(lambda requirement: target)})
    jax.clear_caches()
    call = jax2tf.convert(score, polymorphic_shapes=["(batch, 6)"], with_gradient=False)
    made = tf.Module()
    made.function = tf.function(lambda x: {"scores": call(x)}, autograph=False,
                                input_signature=[tf.TensorSpec((None, 6), tf.float32, name="x")])
    tf.saved_model.save(made, str(WORK / name), signatures=made.function)
    jax_export.hlo = own
    rows = floats(3, 6)
    return {"x": rows}, np.asarray(score(rows))


def jax_of_2024():
    """What JAX wrote when TensorFlow 2.18 came out, by its own means of writing for older readers."""
    name = "jax_of_2024"
    rows, scores = converted(name, "1.8.0")
    file = WORK / name / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    for function in model.meta_graphs[0].graph_def.library.function:
        for node in function.node_def:
            if node.op == "XlaCallModule":
                node.attr["version"].i = 9
    file.write_bytes(model.SerializeToString())
    publish(name, rows, scores)


def refused():
    converted("jax_of_2026")
    publish("jax_of_2026", refusal=["compiled by a JAX that is newer", "export it with a JAX of the autumn of 2024"])

    def in_python(made, x):
        return {"scores": tf.ensure_shape(tf.py_function(lambda y: y, [tf.matmul(x, made.weights)], tf.float32), (None, 3))}

    module("calls_python", in_python, four())
    publish("calls_python", refusal=["it calls Python code (EagerPyFunc)", "export it without tf.py_function"])

    def to_file(made, x):
        with tf.control_dependencies([tf.io.write_file("/tmp/written-by-a-model", "x")]):
            return {"scores": tf.nn.softmax(tf.matmul(x, made.weights))}

    module("writes_a_file", to_file, four())
    publish("writes_a_file", refusal=["it reads or writes files (WriteFile)", "export it without that"])

    def highest(made, x):
        scores, classes = tf.math.top_k(tf.nn.softmax(tf.matmul(x, made.weights)), 3)
        return {"scores": scores, "classes": classes}

    module("highest_only", highest, four())
    publish("highest_only", refusal=["'scores' has the highest scores in falling order", "export one that has a score for each"])

    def records(made, examples):
        parsed = tf.io.parse_example(examples, {"a": tf.io.FixedLenFeature([4], tf.float32)})
        return {"scores": tf.nn.softmax(tf.matmul(parsed["a"], made.weights))}

    module("serialized_examples", records, tf.TensorSpec((None,), tf.string, name="examples"))
    publish("serialized_examples", refusal=["takes serialized tf.train.Example records", "inputs are the features"])


for make in (keras_dense, keras_structured, keras_text, keras_attention, decoded_image, vocabulary_asset, waveform,
             softmax_by_hand, log_probabilities, sharded, v1_table, v1_switch, jax_of_2024, refused):
    make()
(HERE / "published.json").write_text("[\n" + ",\n".join(map(json.dumps, published)) + "\n]\n")
shutil.rmtree(WORK)
