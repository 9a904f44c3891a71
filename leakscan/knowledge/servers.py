"""What calls functions for each request, message or event, or at times; streams that end with the process."""

from __future__ import annotations

from leakscan.knowledge.model import Effect, Kind, Library, MethodRow, Row, When, Words, methods, rows

_APPLICATIONS = """flask.Flask flask.Blueprint flask_restx.Namespace quart.Quart quart.Blueprint
    fastapi.FastAPI fastapi.APIRouter fastapi.applications.FastAPI starlette.applications.Starlette
    starlette.routing.Router aiohttp.web.Application aiohttp.web.RouteTableDef sanic.Sanic sanic.Blueprint
    bottle.Bottle falcon.App falcon.API connexion.App connexion.FlaskApp litestar.Router dash.Dash
    chalice.Chalice responder.API robyn.Robyn hug.API ninja.NinjaAPI ninja.Router flask_restful.Api
    fastapi.routing.APIRouter litestar.Litestar azure.functions.FunctionApp
    celery.Celery celery.app.Celery huey.RedisHuey huey.SqliteHuey faust.App dramatiq.Broker nameko.Service
    gradio.Blocks gradio.Button gradio.Textbox gradio.Image gradio.Dropdown gradio.Slider gradio.Audio
    gradio.Video gradio.File gradio.Checkbox gradio.Radio gradio.Number gradio.UploadButton
    discord.Client discord.ext.commands.Bot telebot.TeleBot telebot.async_telebot.AsyncTeleBot
    aiogram.Dispatcher aiogram.Router slack_bolt.App pyrogram.Client flask_socketio.SocketIO socketio.Server
    socketio.AsyncServer ray.serve.ingress bentoml.Service paho.mqtt.client.Client
    google.cloud.pubsub_v1.SubscriberClient google.cloud.pubsub.SubscriberClient"""
_SCHEDULERS = """schedule.every schedule.Scheduler apscheduler.schedulers.**.*Scheduler
    flask_apscheduler.APScheduler"""
#: Methods of applications that are decorators, as `@app.route("/")`.
_DECORATORS = """route get post put patch delete head options websocket api_route websocket_route
    before_request after_request middleware task periodic_task agent command callback event message
    message_handler callback_query_handler on_message query on sqs_message api"""
#: Methods that take the function as an argument.
_REGISTERING = """add_url_rule add_api_route add_route add_websocket_route add_get add_post add_put add_patch
    add_delete add_view message_callback_add add_handler register_message_handler add_task click submit
    change upload release then stream
    on_event_handler"""

#: Names that stand for another object in each request.
REQUEST_OBJECTS = frozenset(
    """flask.request flask.g flask.session flask.globals.request flask.globals.g quart.request quart.g
    quart.session bottle.request pyramid.threadlocal.get_current_request streamlit.session_state
    streamlit.query_params""".split()
)

#: Parts of Streamlit that keep results or settings: a module that calls these alone is no page.
STREAMLIT_SETTINGS = frozenset(
    {"cache", "cache_data", "cache_resource", "experimental_memo", "experimental_singleton"}
)

LIBRARY = Library(
    rows=(
        *rows(Effect.CREATES, "", _APPLICATIONS, Kind.SERVER),
        *rows(Effect.CREATES, "", _SCHEDULERS, Kind.SCHEDULER),
        Row("schedule.repeat", Effect.REGISTERS, Kind.SCHEDULER),
        *rows(
            Effect.REGISTERS,
            "",
            """rest_framework.decorators.api_view celery.shared_task django.views.decorators.http.require_POST
            django.views.decorators.http.require_GET django.views.decorators.http.require_http_methods
            django.views.decorators.csrf.csrf_exempt django.contrib.auth.decorators.login_required
            django.dispatch.receiver
            dash.callback functions_framework.http functions_framework.cloud_event
            bottle.route bottle.get bottle.post cherrypy.expose
            azure.functions.FunctionApp.route modal.web_endpoint dramatiq.actor rq.decorators.job
            flask_restful.marshal_with chainlit.on_message hug.get hug.post ray.serve.batch""",
        ),
        *(
            Row(f"django.{place}", Effect.ANSWERS_WITH_ARGUMENT, argument=(1, "view"))
            for place in ("urls.path", "urls.re_path", "conf.urls.url")
        ),
        *(
            Row(f"starlette.routing.{name}", Effect.ANSWERS_WITH_ARGUMENT, argument=(1, "endpoint"))
            for name in ("Route", "WebSocketRoute")
        ),
        *(
            Row(f"aiohttp.web.{name}", Effect.ANSWERS_WITH_ARGUMENT, argument=(1, "handler"))
            for name in ("get", "post", "put", "patch", "delete", "view")
        ),
        *(
            Row(f"gradio.{name}", Effect.ANSWERS_WITH_ARGUMENT, argument=(0, "fn"))
            for name in ("Interface", "ChatInterface", "Interface.load")
        ),
        *(
            Row(f"telegram.ext.{name}Handler", Effect.ANSWERS_WITH_ARGUMENT, argument=(1, "callback"))
            for name in ("Message", "Command", "CallbackQuery", "filters.Message")
        ),
        # def predict(x, model=Depends(get_model)): ...
        *(
            Row(f"fastapi.{name}", Effect.ANSWERS_WITH_ARGUMENT, argument=(0, "dependency"))
            for name in ("Depends", "params.Depends", "Security")
        ),
        Row("rospy.Subscriber", Effect.ANSWERS_WITH_ARGUMENT, argument=(2, "callback")),
        Row("asyncio.start_server", Effect.ANSWERS_WITH_ARGUMENT, argument=(0, "client_connected_cb")),
        Row("websockets.serve", Effect.ANSWERS_WITH_ARGUMENT, argument=(0, "handler")),
        Row("websocket.WebSocketApp", Effect.ANSWERS_WITH_ARGUMENT, argument=(None, "on_message")),
        Row("runpod.serverless.start", Effect.ANSWERS_WITH_ARGUMENT),
    ),
    methods=(
        *methods((Kind.SERVER,), Effect.REGISTERS, _DECORATORS),
        *methods((Kind.SERVER,), Effect.ANSWERS_WITH_ARGUMENT, _REGISTERING),
        # channel.basic_consume(queue="images", on_message_callback=predict)
        *methods(
            (None,),
            Effect.ANSWERS_WITH_ARGUMENT,
            "basic_consume create_subscription create_timer add_url_rule",
        ),
        # subscriber.subscribe(path, callback=answer); await nc.subscribe("images", cb=answer)
        *methods((Kind.SERVER, None), Effect.ANSWERS_WITH_ARGUMENT, "subscribe"),
        # schedule.every().day.at("10:30").do(train)
        *methods((Kind.SCHEDULER,), Effect.GIVES_ITSELF, "every at to until tag"),
        MethodRow(Kind.SCHEDULER, "do", Effect.ANSWERS_WITH_ARGUMENT, (0, "job_func")),
        # scheduler.add_job(train, "interval", minutes=5); but not: add_job(train), add_job(train, "date")
        MethodRow(
            Kind.SCHEDULER,
            "add_job",
            Effect.ANSWERS_WITH_ARGUMENT,
            (0, "func"),
            only=(When(1, "trigger", frozenset({"interval", "cron"}), unknown=True),),
        ),
        *methods((Kind.SCHEDULER,), Effect.REGISTERS, "scheduled_job task"),
    ),
    attributes=(
        # app.router.add_get("/", answer)
        *methods((Kind.SERVER,), Effect.GIVES_ITSELF, "router"),
        # schedule.every(10).minutes.do(train)
        *methods(
            (Kind.SCHEDULER,),
            Effect.GIVES_ITSELF,
            """second seconds minute minutes hour hours day days week weeks monday tuesday wednesday thursday
            friday saturday sunday""",
        ),
        # client.on_message = answer
        *methods((Kind.SERVER,), Effect.ANSWERS_WITH_ARGUMENT, "on_message"),
    ),
    classes=(
        *(
            (name, "view")
            for name in (
                "django.views.**.*View",
                "rest_framework.**.*View",
                "rest_framework.**.*ViewSet",
                "flask.views.*View",
                "flask_restful.Resource",
                "flask_restplus.Resource",
                "flask_restx.Resource",
                "tornado.web.RequestHandler",
                "tornado.websocket.WebSocketHandler",
                "starlette.endpoints.HTTPEndpoint",
                "aiohttp.web.View",
                "http.server.*RequestHandler",
                "socketserver.*RequestHandler",
                "ts.torch_handler.**.*",
                "celery.**.Task",
                "watchdog.events.*EventHandler",
                # class Scan(models.Model): def save(self, ...): ...  # whenever somebody sends a form
                "django.db.models.Model",
                "django.contrib.admin.ModelAdmin",
                "django.forms.*Form",
            )
        ),
    ),
    words=(
        (
            Words.REQUEST_METHODS,
            """get post put patch delete do_GET do_POST do_PUT handle dispatch_request dispatch on_message
            on_get on_post create list retrieve update get_queryset form_valid run on_created on_modified
            on_any_event on_closed save save_model clean""",
        ),
        (
            Words.STREAMS,
            """kafka.KafkaConsumer kafka.consumer.KafkaConsumer pulsar.Client pika.BlockingConnection
            aiokafka.AIOKafkaConsumer redis.client.PubSub websockets.connect""",
        ),
    ),
)
