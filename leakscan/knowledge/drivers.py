"""What calls a function of the user's again and again, in a loop of its own: each stands here once."""

from __future__ import annotations

from leakscan.knowledge.model import Effect, Kind, Library, Row, methods, rows

LIBRARY = Library(
    rows=(
        *rows(
            Effect.REPEATS_ARGUMENT,
            "scipy.optimize.",
            """minimize fmin fmin_bfgs fmin_cg fmin_cobyla fmin_l_bfgs_b fmin_ncg fmin_powell fmin_slsqp
            fmin_tnc basinhopping least_squares differential_evolution dual_annealing root newton""",
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
    ),
    methods=methods((Kind.EXECUTOR,), Effect.REPEATS_ARGUMENT, "map imap imap_unordered starmap map_async"),
)
