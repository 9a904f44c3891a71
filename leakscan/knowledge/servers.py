"""What calls a function of the user's, or runs a loop, as long as the process lives: servers and streams."""

from __future__ import annotations

from leakscan.knowledge.model import Library, Words

LIBRARY = Library(
    words=(
        (
            # A decorator that is one of their methods registers a handler: @app.post("/predict").
            Words.SERVERS,
            """flask.Flask flask.Blueprint quart.Quart quart.Blueprint flask_restful.Api flask_restx.Namespace
            fastapi.FastAPI fastapi.APIRouter fastapi.applications.FastAPI fastapi.routing.APIRouter
            starlette.applications.Starlette sanic.Sanic sanic.Blueprint bottle.Bottle bottle
            aiohttp.web.RouteTableDef aiohttp.web.Application litestar.Litestar falcon.App falcon.API
            robyn.Robyn ninja.NinjaAPI ninja.Router celery.Celery celery.shared_task
            telebot.TeleBot telebot.async_telebot.AsyncTeleBot aiogram.Dispatcher aiogram.Router
            pyrogram.Client
            discord.Client discord.ext.commands.Bot slack_bolt.App flask_socketio.SocketIO socketio.Server
            socketio.AsyncServer functions_framework azure.functions.FunctionApp chalice.Chalice
            bentoml.Service""",
        ),
        (
            Words.STREAMS,
            """kafka.KafkaConsumer kafka.consumer.KafkaConsumer pulsar.Client pika.BlockingConnection
            redis.client.PubSub websockets.connect""",
        ),
    ),
)
