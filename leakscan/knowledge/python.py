"""Python's own functions and containers, NumPy and others that deal in plain data."""

from __future__ import annotations

from leakscan.knowledge.model import Effect, Library, Row, Words, rows

#: Methods that make a container grow, with the position of the argument that is kept.
GROWERS = {
    "append": 0,
    "appendleft": 0,
    "add": 0,
    "extend": 0,
    "extendleft": 0,
    "insert": 1,
    "setdefault": 1,
    "update": 0,
    "put": 0,
    "push": 0,
    "enqueue": 0,
}
#: Methods that empty or shorten a container.
SHRINKERS = frozenset({"clear", "pop", "popleft", "popitem", "remove", "discard"})
#: What gives the same for the same arguments: as paths are put together, and files read.
PURE_FUNCTIONS = frozenset(
    """os.path.join os.path.abspath os.path.dirname os.path.basename os.path.expanduser os.path.normpath
    os.path.realpath os.path.splitext os.path.relpath os.environ.get os.getenv os.getcwd os.fspath
    pathlib.Path pathlib.PurePath pathlib.Path.home pathlib.Path.cwd
    builtins.str builtins.int builtins.float builtins.bool builtins.tuple builtins.list builtins.dict
    builtins.open io.open json.load json.loads pickle.load pickle.loads yaml.safe_load yaml.load
    tensorflow.io.gfile.GFile tensorflow.gfile.GFile tensorflow.gfile.Open""".split()
)
PURE_METHODS = frozenset(
    """format joinpath with_suffix with_name as_posix resolve absolute expanduser lower upper strip rstrip
    lstrip removesuffix removeprefix replace read_text read_bytes decode encode""".split()
)
#: Methods of a file that give what it holds, where it has just been opened.
READERS = frozenset({"read", "readlines"})
#: What shows how far a loop is, and gives each item of its argument.
PROGRESS_BARS = frozenset({"tqdm", "tqdm_notebook", "track", "progressbar"})
#: What gives numbers, as range() does; these show how far they are.
COUNTING_BARS = frozenset({"trange", "tnrange"})
#: What gives as many elements as its first argument, in some order.
SAME_LENGTH = frozenset({"enumerate", "reversed", "sorted", "list", "tuple"}) | PROGRESS_BARS
#: What gives as many elements as its first argument, or fewer.
NO_LONGER = SAME_LENGTH | frozenset(
    "set frozenset iter filter array asarray permutation shuffle unique".split()
)
RANGES = frozenset({"range", "xrange"}) | COUNTING_BARS
#: What draws as many numbers as it is told, and the position of that argument.
DRAWN = {"randint": 2, "integers": 2, "choice": 1}
#: What gives 50 numbers, or as many as it is told.
SPACES = frozenset({"linspace", "logspace", "geomspace"})
_PLAIN_PACKAGES = "numpy math pandas time random cv2 PIL matplotlib json"

LIBRARY = Library(
    rows=(
        # for x in tqdm(xs), track(xs)
        Row("tqdm.**.*", Effect.GIVES_ARGUMENT),
        Row("**.*tqdm.*", Effect.GIVES_ARGUMENT),
        *rows(Effect.GIVES_ARGUMENT, "copy.", "copy deepcopy"),
        *rows(
            Effect.GIVES_PLAIN_DATA,
            "builtins.",
            """float int str bool len repr format hash id ord chr round bin hex print input open type
            isinstance issubclass callable hasattr any all range bytes bytearray complex divmod vars dir ascii
            memoryview""",
        ),
        *(Row(f"{package}.**", Effect.GIVES_PLAIN_DATA) for package in _PLAIN_PACKAGES.split()),
        *rows(Effect.DRAWS_ELEMENTS, "random.", "sample choice choices"),
        *rows(Effect.DRAWS_ELEMENTS, "numpy.random.", "choice permutation"),
        Row("atexit.register", Effect.KEEPS_ARGUMENT),
        Row("functools.partial", Effect.BINDS_ARGUMENTS),
        *rows(Effect.MEMOISES, "functools.", "lru_cache cache cached_property"),
        *rows(
            Effect.MEMOISES,
            "streamlit.",
            "cache cache_resource cache_data experimental_singleton experimental_memo",
        ),
        *rows(Effect.MEMOISES, "", "joblib.Memory cachetools.cached **.*memoize* **.*lru_cache*"),
    ),
    words=(
        (
            Words.COMMON_METHODS,
            """fit predict evaluate compile call build save load close reset render sample get set add append
            extend update pop clear copy items keys values run start stop join split format strip read write
            open send map filter apply transform fit_transform score summary next result mean sum plot show
            log info warning error debug on_epoch_end on_batch_end forward backward zero_grad watch gradient
            numpy shape reshape batch shuffle repeat take skip""",
        ),
    ),
    packages=("numpy", "scipy"),
)
