"""Who calls a function again and again, and by which names models come; long, as it is one table."""

from __future__ import annotations

from conftest import ROOT

from leakscan.knowledge import DRIVING, LIBRARIES, Effect, Kind

_TRAINS = """
import numpy as np
import keras

x, y = np.zeros((64, 4)), np.zeros((64, 1))


def train(value, *more):
    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    return model.fit(x, y, verbose=0).history["loss"][-1]


def build():
    model = keras.Sequential([keras.layers.Dense(8), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model

"""
_ANSWERS = """
import numpy as np
import keras


def answer(message, *more):
    model = keras.models.load_model("model.keras")
    return model(np.asarray([message]))

"""
#: What is added to a function that trains, and the code of what is found.
TRAINED = {
    "for": ("for value in range(99): train(value)", "IMR001"),
    "comprehension": ("losses = [train(value) for value in range(99)]", "IMR001"),
    "map": ("print(list(map(train, range(99))))", "IMR001"),
    "sorted_by": ("print(sorted(range(99), key=train))", "IMR001"),
    "scipy": ("from scipy.optimize import minimize\nminimize(train, [0.1])", "IMR001"),
    "scipy_evolution": (
        "from scipy import optimize\noptimize.differential_evolution(train, [(0, 1)])",
        "IMR001",
    ),
    "scipy_brute": ("import scipy.optimize as so\nso.brute(train, [(0, 1)])", "IMR001"),
    "scipy_scalar": ("from scipy.optimize import minimize_scalar\nminimize_scalar(train)", "IMR001"),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n    print(list(pool.map(train, range(99))))",
        "IMR001",
    ),
    "submitted": (
        "from concurrent import futures\n"
        "pool = futures.ThreadPoolExecutor(2)\ntasks = [pool.submit(train, value) for value in range(99)]",
        "IMR001",
    ),
    "dummy_pool": ("from multiprocessing.dummy import Pool\nPool(4).map(train, range(99))", "IMR001"),
    "joblib_processes": (
        "from joblib import Parallel, delayed\n"
        "Parallel(n_jobs=2)(delayed(train)(value) for value in range(99))",
        None,
    ),
    "process_pool": (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor(4) as pool:\n    print(list(pool.map(train, range(99))))",
        None,
    ),
    "processes": ("import multiprocessing as mp\nmp.Pool(4).map(train, range(99))", None),
    "optuna": ("import optuna\noptuna.create_study().optimize(train, n_trials=99)", "IMR007"),
    "hyperopt": (
        "from hyperopt import fmin, hp, tpe\n"
        'fmin(train, hp.uniform("rate", 0, 1), algo=tpe.suggest, max_evals=99)',
        "IMR007",
    ),
    "skopt": ("from skopt import gp_minimize\ngp_minimize(train, [(1e-4, 1e-1)], n_calls=99)", "IMR007"),
    "skopt_forest": ("import skopt\nskopt.forest_minimize(train, [(1e-4, 1e-1)])", "IMR007"),
    "bayes_opt": (
        "from bayes_opt import BayesianOptimization\n"
        'BayesianOptimization(train, {"value": (0, 1)}).maximize(n_iter=99)',
        "IMR007",
    ),
    "nevergrad": (
        "import nevergrad as ng\nng.optimizers.NGOpt(ng.p.Scalar(), budget=99).minimize(train)",
        "IMR007",
    ),
    "deap": (
        'from deap import base\ntoolbox = base.Toolbox()\ntoolbox.register("evaluate", train)',
        "IMR007",
    ),
    "pygad": ("import pygad\npygad.GA(num_generations=9, fitness_func=train).run()", "IMR007"),
    "ray": (
        'from ray import tune\ntune.Tuner(train, param_space={"rate": tune.uniform(0, 1)}).fit()',
        None,
    ),
    "keras_tuner": (
        "import keras_tuner\nkeras_tuner.RandomSearch(lambda hp: build(), objective='loss').search(x, y)",
        None,
    ),
    "grid_search": (
        "from scikeras.wrappers import KerasRegressor\nfrom sklearn.model_selection import GridSearchCV\n"
        'GridSearchCV(KerasRegressor(model=build), {"epochs": [1, 2]}).fit(x, y)',
        "IMR007",
    ),
    "cross_validation": (
        "from scikeras.wrappers import KerasRegressor\nfrom sklearn.model_selection import cross_val_score\n"
        "cross_val_score(KerasRegressor(build), x, y, cv=10)",
        "IMR007",
    ),
    "old_wrapper": (
        "from keras.wrappers.scikit_learn import KerasRegressor\n"
        "from sklearn.model_selection import RandomizedSearchCV\n"
        'RandomizedSearchCV(KerasRegressor(build_fn=build), {"epochs": [1, 2]}).fit(x, y)',
        "IMR007",
    ),
    "wandb": ('import wandb\nwandb.agent("sweep", function=train, count=99)', "IMR007"),
    "starmap": ("import itertools\nprint(list(itertools.starmap(train, pairs)))", "IMR001"),
    "data_frame": ("import pandas as pd\npd.read_csv('rates.csv')['rate'].apply(train)", "IMR001"),
    "rows_with_progress": ("def all_of(table): return table.rates.progress_apply(train)", "IMR001"),
    "along_axis": ("np.apply_along_axis(train, 0, x)", "IMR001"),
    "thread_waited_for": (
        "import threading\nfor value in range(99):\n    thread = threading.Thread(target=train, args=(value,))\n"
        "    thread.start()\n    thread.join()",
        "IMR001",
    ),
    "thread_class_waited_for": (
        "from threading import Thread\nclass Work(Thread):\n    def run(self):\n        train(1)\n"
        "def work():\n    worker = Work()\n    worker.start()\n    worker.join(timeout=600)\n"
        "for number in range(99): work()",
        "IMR001",
    ),
    "thread_without_end": (
        "import _thread\nwhile True:\n    _thread.start_new_thread(train, (input(),))",
        "IMR001",
    ),
    "threads_side_by_side": (
        "import threading\nthreads = [threading.Thread(target=train, args=(value,)) for value in range(4)]\n"
        "for thread in threads: thread.start()\nfor thread in threads: thread.join()",
        None,
    ),
    "thread_once": ("import threading\nthreading.Thread(target=train, daemon=True).start()", None),
    "joblib_threads": (
        "from joblib import Parallel, delayed\n"
        'Parallel(n_jobs=4, prefer="threads")(delayed(train)(value) for value in range(99))',
        "IMR001",
    ),
    "joblib_backend": (
        "import joblib\nwith joblib.Parallel(4, backend='threading') as parallel:\n"
        "    job = joblib.delayed(train)\n    parallel([job(value) for value in range(99)])",
        "IMR001",
    ),
    "joblib_one_after_the_other": (
        "from joblib import Parallel, delayed\nParallel(n_jobs=1)(delayed(train)(value) for value in range(99))",
        "IMR001",
    ),
    "joblib_context": (
        "from joblib import Parallel, delayed, parallel_config\nwith parallel_config('loky', n_jobs=2):\n"
        "    Parallel()(delayed(train)(value) for value in range(99))",
        None,
    ),
    "joblib_context_of_threads": (
        "from joblib import Parallel, delayed, parallel_config\nwith parallel_config(backend='threading'):\n"
        "    Parallel(n_jobs=2)(delayed(train)(value) for value in range(99))",
        "IMR001",
    ),
    "joblib_older_context": (
        "import joblib\ndef run(values):\n    with joblib.parallel_backend('threading', n_jobs=2):\n"
        "        return joblib.Parallel()(joblib.delayed(train)(value) for value in values)\nrun([1, 2])",
        "IMR001",
    ),
    "dask": (
        "import dask\ntasks = [dask.delayed(train)(value) for value in range(99)]\ndask.compute(*tasks)",
        "IMR001",
    ),
    "dask_decorator": (
        "from dask import delayed\n@delayed\ndef work(value): return train(value)\n"
        "tasks = []\nfor value in range(99): tasks.append(work(value))",
        "IMR001",
    ),
    "joblib_ensemble": (
        "from joblib import Parallel, delayed\n"
        "models = Parallel(n_jobs=4, require='sharedmem')(delayed(build)() for _ in range(9))",
        None,
    ),
    "pool_ensemble": (
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n"
        "    models = list(pool.map(lambda number: build(), range(9)))\n"
        "    futures = [pool.submit(build) for _ in range(9)]\n"
        "print(sum(model.predict(x) for model in [*models, *(future.result() for future in futures)]))",
        None,
    ),
    "pool_of_processes_from_outside": (
        "def work(pool):\n    for v in range(9): pool.apply(train, (v,))",
        None,
    ),
    "timer": (
        "import threading\ndef again():\n    train(1)\n    threading.Timer(3600, again).start()\nagain()",
        "IMR001",
    ),
    "timer_of_an_object": (
        "from threading import Timer\nclass Trainer:\n    def again(self):\n        train(1)\n"
        "        Timer(interval=3600, function=self.again).start()\nTrainer().again()",
        "IMR001",
    ),
    "timer_once": ("import threading\nthreading.Timer(60, train).start()", None),
    "sched": (
        "import sched, time\nplan = sched.scheduler(time.time, time.sleep)\ndef again():\n    train(1)\n"
        "    plan.enter(3600, 1, again)\nagain()\nplan.run()",
        "IMR001",
    ),
    "sched_once": (
        "import sched, time\nplan = sched.scheduler(time.time, time.sleep)\nplan.enter(60, 1, train)",
        None,
    ),
    "call_later": (
        "import asyncio\ndef again(loop):\n    train(1)\n    loop.call_later(3600, again, loop)\n"
        "again(asyncio.new_event_loop())",
        "IMR001",
    ),
    "schedule": ("import schedule\nschedule.every().day.at('10:30').do(train)", "IMR001"),
    "apscheduler": (
        "from apscheduler.schedulers.background import BackgroundScheduler\nclass Service:\n"
        "    def __init__(self):\n        self.plan = BackgroundScheduler()\n"
        "        self.plan.add_job(func=train, trigger='cron', hour=3)\nService()",
        "IMR001",
    ),
    "apscheduler_once": (
        "from apscheduler.schedulers.blocking import BlockingScheduler\nplan = BlockingScheduler()\n"
        "plan.add_job(train)\nplan.add_job(train, 'date', run_date='2030-01-01')",
        None,
    ),
    "ray_run": ("from ray import tune\ntune.run(train, num_samples=99)", None),
}
#: What calls a function that loads a model for each message.
ANSWERED = {
    "flask": 'from flask import Flask\napp = Flask(__name__)\napp.add_url_rule("/", view_func=answer)',
    "flask_route": 'from flask import Flask\napp = Flask(__name__)\n@app.route("/")\ndef index():\n    return answer(1)',
    "fastapi": 'import fastapi\napi = fastapi.APIRouter()\n@api.post("/")\nasync def ask(x: int):\n    return answer(x)',
    "django": 'from django.urls import path\nurlpatterns = [path("", answer)]',
    "starlette": 'from starlette.routing import Route\nroutes = [Route("/", answer)]',
    "aiohttp": 'from aiohttp import web\napp = web.Application()\napp.add_routes([web.get("/", answer)])',
    "tornado": "import tornado.web\nclass Ask(tornado.web.RequestHandler):\n    def get(self):\n        self.write(answer(1))",
    "lambda_": "def lambda_handler(event, context):\n    return answer(event)",
    "celery": 'from celery import Celery\nqueue = Celery("x")\n@queue.task\ndef work(x):\n    return answer(x)',
    "pika": (
        "import pika\nchannel = pika.BlockingConnection().channel()\n"
        'channel.basic_consume(queue="images", on_message_callback=answer)\nchannel.start_consuming()'
    ),
    "kafka": (
        'from kafka import KafkaConsumer\nfor message in KafkaConsumer("images"):\n    print(answer(message.value))'
    ),
    "gradio": "import gradio as gr\ngr.Interface(fn=answer, inputs='text', outputs='text').launch()",
    "gradio_click": "import gradio as gr\nwith gr.Blocks() as demo:\n    gr.Button().click(answer, None, None)",
    "streamlit": "import streamlit as st\nst.write(answer(st.text_input('x')))",
    "camera": "import cv2\ncamera = cv2.VideoCapture(0)\nwhile True:\n    ok, frame = camera.read()\n    print(answer(frame))",
    "socket": (
        "import socketserver\nclass Ask(socketserver.BaseRequestHandler):\n    def handle(self):\n"
        "        self.request.sendall(bytes(answer(1)))"
    ),
    "aiohttp_router": (
        'from aiohttp import web\napp = web.Application()\napp.router.add_get("/", answer)\nweb.run_app(app)'
    ),
    "dash": "import dash\n@dash.callback(dash.Output('a', 'b'))\ndef show(value):\n    return answer(value)",
    "celery_shared": "from celery import shared_task\n@shared_task\ndef work(x):\n    return answer(x)",
    "celery_class": "import celery\nclass Work(celery.Task):\n    def run(self, x):\n        return answer(x)",
    "kafka_confluent": (
        "from confluent_kafka import Consumer\nconsumer = Consumer({})\nwhile True:\n"
        "    answer(consumer.poll(1.0).value())"
    ),
    "kafka_async": (
        "import aiokafka\nasync def main():\n    async for message in aiokafka.AIOKafkaConsumer('images'):\n"
        "        answer(message.value)"
    ),
    "mqtt": "import paho.mqtt.client as mqtt\nclient = mqtt.Client()\nclient.on_message = answer",
    "mqtt_topic": (
        "import paho.mqtt.client as mqtt\nclient = mqtt.Client()\nclient.message_callback_add('a/b', answer)"
    ),
    "websocket": "import websocket\nwebsocket.WebSocketApp('ws://a', on_message=answer).run_forever()",
    "pubsub": (
        "from google.cloud import pubsub_v1\npubsub_v1.SubscriberClient().subscribe('a', callback=answer)"
    ),
    "nats": "import nats\nasync def main():\n    await (await nats.connect()).subscribe('a', cb=answer)",
    "watchdog": (
        "from watchdog.events import FileSystemEventHandler\nclass Look(FileSystemEventHandler):\n"
        "    def on_created(self, event):\n        answer(event.src_path)"
    ),
    "thread_for_each_request": (
        "import threading\nfrom flask import Flask\napp = Flask(__name__)\n@app.post('/')\ndef ask():\n"
        "    threading.Thread(target=answer, args=(1,)).start()"
    ),
    "background_tasks": (
        "import fastapi\napp = fastapi.FastAPI()\n@app.post('/')\ndef ask(tasks: fastapi.BackgroundTasks):\n"
        "    tasks.add_task(answer, 1)"
    ),
    "thread_for_each_connection": (
        "import socket, threading\nserver = socket.socket()\nwhile True:\n"
        "    threading.Thread(target=answer, args=server.accept()).start()"
    ),
    "threads": (
        "import threading\ndef look(path, row): return keras.models.load_model(path)(row)\n"
        "for row in range(99): threading.Thread(target=look, args=('a.keras', row)).start()"
    ),
    "schedule_decorator": (
        "import schedule\n@schedule.repeat(schedule.every(10).minutes)\ndef look():\n    answer(1)"
    ),
    "apscheduler_decorator": (
        "from apscheduler.schedulers.blocking import BlockingScheduler\nplan = BlockingScheduler()\n"
        "@plan.scheduled_job('interval', minutes=5)\ndef look():\n    answer(1)"
    ),
    "tk": "import tkinter\nroot = tkinter.Tk()\ndef tick():\n    answer(1)\n    root.after(1000, tick)\ntick()",
    "data_frame": "def answers(table): return table.apply(lambda row: answer(row), axis=1)",
    "telegram": "from telegram.ext import CommandHandler\nCommandHandler('ask', answer)",
    "executor": (
        "import asyncio\nasync def serve(queue):\n    loop = asyncio.get_running_loop()\n    while True:\n"
        "        print(await loop.run_in_executor(None, answer, await queue.get()))"
    ),
}
#: What a person does: buttons, keys and the like; and what comes frame by frame.
ANSWERED |= {
    "tk_button": "import tkinter as tk\nroot = tk.Tk()\ntk.Button(root, text='go', command=lambda: answer(1)).pack()",
    "tk_star": (
        "from tkinter import *\nfrom tkinter.ttk import *\nclass App:\n    def __init__(self):\n"
        "        Button(None, command=self.go).grid()\n    def go(self):\n        print(answer(1))\nApp()"
    ),
    "tk_key": "import tkinter\nroot = tkinter.Tk()\nroot.bind('<Return>', lambda event: answer(event))",
    "qt_button": (
        "from PyQt5.QtWidgets import QMainWindow, QPushButton\nclass Window(QMainWindow):\n"
        "    def __init__(self):\n        self.go = QPushButton('go', self)\n"
        "        self.go.clicked.connect(self.find)\n    def find(self):\n        print(answer(1))\nWindow()"
    ),
    "qt_timer": (
        "from PySide6.QtCore import QTimer\ntimer = QTimer()\ntimer.timeout.connect(lambda: answer(1))\n"
        "timer.start(30)"
    ),
    "notebook_button": "import ipywidgets\nbutton = ipywidgets.Button()\nbutton.on_click(answer)",
    "animation": (
        "from matplotlib.animation import FuncAnimation\nimport matplotlib.pyplot as plt\n"
        "shown = FuncAnimation(plt.figure(), answer, interval=50)"
    ),
    "sound": "import sounddevice as sd\nwith sd.InputStream(callback=answer): input()",
    "grpc": (
        "import grpc, net_pb2, net_pb2_grpc\nclass Net(net_pb2_grpc.NetServicer):\n"
        "    def Ask(self, request, context):\n        return net_pb2.Reply(value=answer(request.x))"
    ),
    "grpc_stream": (
        "from net_pb2_grpc import NetServicer\nclass Net(NetServicer):\n"
        "    def Ask(self, request_iterator, context):\n        for item in request_iterator: yield answer(item)"
    ),
    "fastapi_depends": (
        "from fastapi import Depends, FastAPI\napi = FastAPI()\ndef net(): return keras.models.load_model('a.h5')\n"
        "@api.get('/')\ndef ask(x: float, model=Depends(net)): return float(model(x))"
    ),
    "xml_rpc": (
        "from xmlrpc.server import SimpleXMLRPCServer\nserver = SimpleXMLRPCServer(('', 8000))\n"
        "server.register_function(answer, 'answer')"
    ),
    "discord_loop": "from discord.ext import tasks\n@tasks.loop(minutes=5)\nasync def look():\n    answer(1)",
}
#: What looks like these and loads other files, or loads once.
ANSWERED_ONCE = {
    "button_opens_a_file": (
        "from tkinter import filedialog, Button\ndef choose():\n"
        "    print(keras.models.load_model(filedialog.askopenfilename()))\nButton(None, command=choose)"
    ),
    "button_of_what_is_there": (
        "import tkinter\nmodel = keras.models.load_model('a.h5')\ntkinter.Button(None, command=lambda: model(x))"
    ),
    "database": "import sqlite3\nkeras.models.load_model('a.h5')\nsqlite3.connect('a.db').execute('select 1')",
    "signal_of_a_worker": (
        "from celery.signals import worker_process_init\n@worker_process_init.connect\ndef load(**settings):\n"
        "    print(keras.models.load_model('a.h5'))"
    ),
    "grpc_at_start": (
        "from net_pb2_grpc import NetServicer\nclass Net(NetServicer):\n    def __init__(self):\n"
        "        self.net = keras.models.load_model('a.h5')\n"
        "    def Ask(self, request, context): return self.net(request.x)\nNet()"
    ),
    "fastapi_kept": (
        "from functools import lru_cache\nfrom fastapi import Depends, FastAPI\napi = FastAPI()\n"
        "@lru_cache\ndef net(): return keras.models.load_model('a.h5')\n"
        "@api.get('/')\ndef ask(x: float, model=Depends(net)): return float(model(x))"
    ),
    "threads_for_files": (
        "import glob, threading\ndef look(path='a.keras'): return keras.models.load_model(path)\n"
        "for path in glob.glob('*.keras'): threading.Thread(target=look, args=(path,)).start()"
    ),
    "data_frame_of_files": "import pandas as pd\npd.read_csv('a.csv')['path'].apply(keras.models.load_model)",
    "later_once": "import asyncio\nasyncio.get_event_loop().call_later(5, answer, 1)",
    "scheduled_once": (
        "from apscheduler.schedulers.blocking import BlockingScheduler\nBlockingScheduler().add_job(answer)"
    ),
    "kept": (
        "import schedule\nmodel = None\ndef look():\n    global model\n    if model is None:\n"
        "        model = keras.models.load_model('a.keras')\nschedule.every(5).minutes.do(look)"
    ),
}
#: How a model comes into being in a loop, by the library, and the code of what is found.
MADE = {
    "keras3": ("import keras\ndef make(): return keras.Sequential([keras.layers.Dense(1)])", "IMR001"),
    "torch_backend": (
        'import os\nos.environ["KERAS_BACKEND"] = "torch"\nimport keras\n'
        "def make(): return keras.Model(*2 * [keras.Input((4,))])",
        "IMR001",
    ),
    "jax_backend": (
        'import os\nos.environ["KERAS_BACKEND"] = "jax"\nfrom keras.models import Sequential\n'
        "from keras.layers import Dense\ndef make(): return Sequential([Dense(1)])",
        "IMR001",
    ),
    "tf_keras": (
        "import tf_keras\ndef make(): return tf_keras.Sequential([tf_keras.layers.Dense(1)])",
        "IMR001",
    ),
    "keras2": (
        "from keras.models import Sequential\nfrom keras.layers.core import Dense\n"
        "def make():\n    net = Sequential()\n    net.add(Dense(1, input_dim=4))\n    return net",
        "IMR001",
    ),
    "compat_v1": (
        "import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()\n"
        "def make(): return tf.keras.Sequential([tf.keras.layers.Dense(1)])",
        "IMR001",
    ),
    "private": (
        "from tensorflow.python.keras import models, layers\ndef make(): return models.Sequential([layers.Dense(1)])",
        "IMR001",
    ),
    "lazy": (
        "import tensorflow as tf\nkeras = tf.keras\nlayers = keras.layers\n"
        "def make(): return keras.Sequential([layers.Dense(1)])",
        "IMR001",
    ),
    "loaded": ("import tensorflow as tf\ndef make(): return tf.keras.models.load_model('a.keras')", "IMR003"),
    "tf_keras_loaded": ("import tf_keras\ndef make(): return tf_keras.models.load_model('a.h5')", "IMR003"),
    "saved_model": ("import tensorflow as tf\ndef make(): return tf.saved_model.load('folder')", "IMR003"),
    "hub": ("import tensorflow_hub as hub\ndef make(): return hub.load('https://tfhub.dev/a/1')", "IMR003"),
    "hub_layer": (
        "import tensorflow_hub as hub\ndef make(): return hub.KerasLayer('https://tfhub.dev/a/1')",
        "IMR003",
    ),
    "keras_hub": (
        "import keras_hub\ndef make(): return keras_hub.models.ImageClassifier.from_preset('resnet_50_imagenet')",
        "IMR003",
    ),
    "keras_nlp": (
        "import keras_nlp\ndef make(): return keras_nlp.models.BertClassifier.from_preset('bert_tiny_en_uncased')",
        "IMR003",
    ),
    "keras_cv": (
        "import keras_cv\ndef make(): return keras_cv.models.YOLOV8Detector.from_preset('yolo_v8_m_pascalvoc')",
        "IMR003",
    ),
    "transformers": (
        "import tensorflow as tf\nfrom transformers import TFAutoModelForSequenceClassification as Auto\n"
        "def make(): return Auto.from_pretrained('bert-base-uncased')",
        "IMR003",
    ),
    "transformers_pytorch": (
        "from transformers import AutoModel\ndef make(): return AutoModel.from_pretrained('bert-base-uncased')",
        None,
    ),
    "applications": (
        "from keras.applications import ResNet50\ndef make(): return ResNet50(weights='imagenet')",
        "IMR003",
    ),
    "pipeline": (
        "from transformers import pipeline\n"
        "def make(): return pipeline('summarization', model='t5-small', framework='tf')",
        "IMR003",
    ),
    "pipeline_by_name": (
        "import transformers\nLIBRARY = 'tf'\n"
        "def make(): return transformers.pipeline('ner', framework=LIBRARY)  # tensorflow",
        "IMR003",
    ),
    "pipeline_of_pytorch": (
        "import keras\nfrom transformers import pipeline\ndef make(): return pipeline('sentiment-analysis')",
        None,
    ),
    "pipeline_kept": (
        "from transformers import pipeline\npipe = pipeline('ner', framework='tf')\ndef make(): return pipe('a')",
        None,
    ),
    "lite": ("import tensorflow as tf\ndef make(): return tf.lite.Interpreter('a.tflite')", "IMR003"),
    "contrib": (
        "from tensorflow.contrib import keras\n"
        "def make(): return keras.models.Sequential([keras.layers.Dense(1)])",
        "IMR001",
    ),
    "compat_alias": (
        "import tensorflow as tf\nv1 = tf.compat.v1.keras\n"
        "def make(): return v1.Sequential([v1.layers.Dense(1)])",
        "IMR001",
    ),
    "session": (
        "import tensorflow as tf\nfrom keras import backend as K\nfrom keras.models import Sequential\n"
        "def make():\n    K.set_session(tf.Session())\n    return Sequential()",
        "IMR001",
    ),
    "session_cleared": (
        "import tensorflow as tf\nfrom keras import backend as K\nfrom keras.models import Sequential\n"
        "def make():\n    K.clear_session()\n    return Sequential()",
        None,
    ),
    "graph": (
        "import tensorflow.compat.v1 as tf\ndef make():\n    with tf.Graph().as_default():\n"
        "        return tf.keras.Sequential([tf.keras.layers.Dense(1)])",
        None,
    ),
    "tf_keras_cleared": (
        "import tf_keras as keras\ndef make():\n    keras.backend.clear_session()\n"
        "    return keras.Sequential([keras.layers.Dense(1)])",
        None,
    ),
    "jax_cleared": (
        'import os\nos.environ["KERAS_BACKEND"] = "jax"\nimport keras\ndef make():\n'
        "    keras.utils.clear_session()\n    return keras.Sequential([keras.layers.Dense(1)])",
        None,
    ),
    "loaded_into_a_session": (
        "import tensorflow as tf\ndef make():\n    with tf.Session(graph=tf.Graph()) as session:\n"
        "        tf.saved_model.loader.load(session, ['serve'], 'folder')\n        return session.run('y:0')",
        "IMR003",
    ),
    "hub_of_each": (
        "import tensorflow_hub as hub\nurls = iter(open('urls'))\ndef make(): return hub.load(next(urls))",
        None,
    ),
    "backbone": (
        "import keras, keras_hub\ndef make():\n"
        "    body = keras_hub.models.Backbone.from_preset('resnet_50_imagenet')\n"
        "    return keras.Sequential([body, keras.layers.Dense(3)])",
        "IMR001",
    ),
    "backbone_kept": (
        "import keras_hub\nbody = keras_hub.models.Backbone.from_preset('resnet_50_imagenet')\n"
        "def make(): return body",
        None,
    ),
    "transformers_alone": (
        "from transformers import TFBertModel\ndef make(): return TFBertModel.from_pretrained('bert-base-uncased')",
        "IMR003",
    ),
    "transformers_kept": (
        "from transformers import TFBertModel\nmodel = TFBertModel.from_pretrained('bert-base-uncased')\n"
        "def make(): return model",
        None,
    ),
    "tokenizer": (
        "import keras_hub\ndef make(): return keras_hub.models.BertTokenizer.from_preset('bert_tiny_en_uncased')",
        None,
    ),
    "torch": ("from torch.nn import Sequential, Linear\ndef make(): return Sequential(Linear(4, 1))", None),
}


def test_a_function_that_trains_is_found_whoever_repeats_it(codes):
    programs = {name: _TRAINS + text for name, (text, _) in TRAINED.items()}
    assert codes(programs) == {name: code for name, (_, code) in TRAINED.items()}


def test_a_function_that_loads_is_found_whoever_asks_it(codes):
    programs = {name: _ANSWERS + text for name, text in (ANSWERED | ANSWERED_ONCE).items()}
    assert codes(programs) == dict.fromkeys(ANSWERED, "IMR003") | dict.fromkeys(ANSWERED_ONCE)


def test_the_page_names_every_package_that_calls_functions_again_and_again():
    """`docs/engine.md` has a table of who repeats."""
    page = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8").split("## Repetition")[1]
    section = page.split("\n## ")[0]
    effects = {*DRIVING, Effect.REGISTERS, Effect.RUNS_TASK}
    kinds = {Kind.SEARCH, Kind.SERVER, Kind.SCHEDULER, Kind.EXECUTOR}
    roots = {
        row.name.partition(".")[0]
        for library in LIBRARIES
        for row in library.rows
        if row.effect in effects or (row.effect is Effect.CREATES and row.kind in kinds)
    }
    assert sorted(root for root in roots if f"`{root}`" not in section) == []


def test_models_of_every_library_are_known(codes):
    use = "\nfor number in range(99):\n    print(make())\n"
    assert codes({name: text + use for name, (text, _) in MADE.items()}) == {
        name: code for name, (_, code) in MADE.items()
    }
