"""What calls a function of the user's again and again, in a loop of its own, or as a task: each stands once.

A process of its own, and a pool of processes, repeat nothing here: each process has models of its own, and
which of them gets how many tasks the code does not say.
"""

from __future__ import annotations

from leakscan.knowledge.model import Effect, Kind, Library, MethodRow, Row, When, methods, rows

#: Where joblib runs tasks in this process: in threads, or one after the other.
_IN_THREADS = (
    When(1, "backend", frozenset({"threading", "sequential"})),
    When(None, "prefer", frozenset({"threads"})),
    When(None, "require", frozenset({"sharedmem"})),
    # Parallel()(tasks)  # `with parallel_config(backend="loky", n_jobs=4)` may decide
    When(0, "n_jobs", frozenset({1})),
    # with parallel_config(backend="threading", n_jobs=4): Parallel()(tasks)
    When(
        0,
        "backend",
        frozenset({"threading", "sequential"}),
        around=frozenset({"joblib.parallel_config", "joblib.parallel_backend"}),
    ),
)

LIBRARY = Library(
    rows=(
        *rows(
            Effect.REPEATS_ARGUMENT,
            "scipy.optimize.",
            """minimize fmin fmin_bfgs fmin_cg fmin_cobyla fmin_l_bfgs_b fmin_ncg fmin_powell fmin_slsqp
            fmin_tnc basinhopping least_squares differential_evolution dual_annealing root newton brute
            minimize_scalar root_scalar shgo direct bisect brentq brenth ridder fixed_point""",
        ),
        *rows(
            Effect.REPEATS_ARGUMENT,
            "tensorflow_probability.**.",
            """lbfgs_minimize bfgs_minimize nelder_mead_minimize differential_evolution_minimize minimize""",
        ),
        Row("builtins.map", Effect.REPEATS_ARGUMENT, argument=(0, "func")),
        Row("itertools.starmap", Effect.REPEATS_ARGUMENT, Kind.EXECUTOR, (0, "function")),
        Row("numpy.apply_along_axis", Effect.REPEATS_ARGUMENT, Kind.EXECUTOR, (0, "func1d")),
        *rows(
            Effect.CREATES,
            "",
            """concurrent.futures.ThreadPoolExecutor multiprocessing.pool.ThreadPool
            multiprocessing.dummy.Pool""",
            Kind.EXECUTOR,
        ),
        Row("joblib.Parallel", Effect.CREATES, Kind.EXECUTOR, only=_IN_THREADS),
        Row("joblib.delayed", Effect.DEFERS),
        # dask.delayed(work)(x), @dask.delayed  # in threads, where nobody says otherwise
        *rows(Effect.GIVES_ARGUMENT, "dask.", "delayed delayed.delayed"),
        Row("tensorflow.contrib.opt.ScipyOptimizerInterface", Effect.REPEATS_ARGUMENT),
        *rows(Effect.RUNS_TASK, "", "asyncio.to_thread anyio.to_thread.run_sync"),
        *rows(
            Effect.RUNS_TASK,
            "",
            "starlette.concurrency.run_in_threadpool fastapi.concurrency.run_in_threadpool",
        ),
        # Thread(target=work, args=(x,)); Timer(60, work); what hands itself on at the end is a loop
        *(
            Row(name, Effect.RUNS_TASK, Kind.EXECUTOR, (1, "target"), (3, "args"))
            for name in ("threading.Thread", "multiprocessing.dummy.Process")
        ),
        Row(
            "threading.Timer",
            Effect.RUNS_TASK,
            Kind.EXECUTOR,
            (1, "function"),
            (2, "args"),
            pause=(0, "interval", 1.0),
        ),
        Row("_thread.start_new_thread", Effect.RUNS_TASK, Kind.EXECUTOR, (0, "function"), (1, "args")),
    ),
    methods=(
        # pool.submit(work, x)  # a task for each item: in a loop, again and again
        *methods((Kind.EXECUTOR,), Effect.RUNS_TASK, "submit apply apply_async"),
        # loop.run_in_executor(None, work, x); tasks.add_task(work, x), of a request of FastAPI
        *methods((None,), Effect.RUNS_TASK, "run_in_executor add_task call_soon call_soon_threadsafe"),
        *methods((Kind.EXECUTOR,), Effect.REPEATS_ARGUMENT, "map imap imap_unordered starmap map_async"),
        # root.after(1000, tick), loop.call_later(60, tick), scheduler.enter(60, 1, tick)
        MethodRow(None, "after", Effect.RUNS_TASK, (1, "func"), pause=(0, "ms", 0.001)),
        MethodRow(None, "call_later", Effect.RUNS_TASK, (1, "callback"), pause=(0, "delay", 1.0)),
        MethodRow(None, "enter", Effect.RUNS_TASK, (2, "action"), (3, "argument"), pause=(0, "delay", 1.0)),
        MethodRow(None, "enterabs", Effect.RUNS_TASK, (2, "action"), (3, "argument")),
        # frame["image"].apply(predict)
        *(
            MethodRow(None, name, Effect.REPEATS_ARGUMENT, (0, "func"))
            for name in ("apply", "applymap", "progress_apply")
        ),
    ),
    classes=(("threading.Thread", "thread"), ("threading.Timer", "thread")),
)
