"""What calls a function of the user's again and again, in a loop of its own: each stands here once."""

from __future__ import annotations

from leakscan.knowledge.model import Effect, Kind, Library, Row, methods, rows

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
        *rows(
            Effect.CREATES,
            "",
            """concurrent.futures.ThreadPoolExecutor multiprocessing.pool.ThreadPool
            multiprocessing.dummy.Pool""",
            Kind.EXECUTOR,
        ),
        Row("tensorflow.contrib.opt.ScipyOptimizerInterface", Effect.REPEATS_ARGUMENT),
        *rows(Effect.RUNS_TASK, "", "asyncio.to_thread anyio.to_thread.run_sync"),
        *rows(
            Effect.RUNS_TASK,
            "",
            "starlette.concurrency.run_in_threadpool fastapi.concurrency.run_in_threadpool",
        ),
    ),
    methods=(
        # pool.submit(work, x)  # a task for each item: in a loop, again and again
        *methods((Kind.EXECUTOR,), Effect.RUNS_TASK, "submit apply apply_async"),
        *methods((None,), Effect.RUNS_TASK, "run_in_executor"),
        *methods((Kind.EXECUTOR,), Effect.REPEATS_ARGUMENT, "map imap imap_unordered starmap map_async"),
    ),
)
