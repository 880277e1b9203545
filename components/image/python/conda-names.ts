/**
 * What conda's packages are on PyPI: a table by hand, of projects that are known to be the same in both registries. Each name on the
 * right is on PyPI; several that differ are also in https://github.com/conda/grayskull/blob/main/grayskull/strategy/config.yaml. That
 * the versions are the same too is the rule, and pip says where one is not. What is not here, nobody guesses. Names are in lower case,
 * with `-` for `_` and `.`, as PyPI compares them (https://packaging.python.org/en/latest/specifications/name-normalization/).
 */

/** Of the same name in both. */
const SAME = `
absl-py accelerate adal adlfs affine aiobotocore aiofiles aiohttp aiosignal alabaster alembic altair aniso8601 annotated-types
antlr4-python3-runtime anyio appdirs appnope apscheduler arch argcomplete argon2-cffi argon2-cffi-bindings arrow arviz asgiref
asn1crypto astor astroid astropy asttokens astunparse async-lru async-timeout atomicwrites attrs autograd autopep8 azure-ai-ml
azure-common azure-core azure-cosmos azure-data-tables azure-functions azure-identity azure-keyvault-keys azure-keyvault-secrets
azure-storage-blob azure-storage-common azure-storage-file-datalake azure-storage-queue azureml-core azureml-defaults
azureml-inference-server-http azureml-sdk babel backcall backoff backports-functools-lru-cache backports-tempfile
backports-weakref backports-zoneinfo bcrypt beautifulsoup4 biopython bitarray bitsandbytes black bleach blinker blis bokeh boltons
boto boto3 botocore bottleneck brotlipy build cachecontrol cachelib cachetools cartopy catalogue catboost category-encoders
certifi cffi cftime chardet charset-normalizer click click-plugins cligj cloudpathlib cloudpickle cmdstanpy colorama colorcet
coloredlogs colorlog comm confection configparser contextlib2 contourpy convertdate coverage croniter cryptography cssselect
cvxopt cvxpy cycler cymem cython cytoolz dacite dash dash-bootstrap-components dask-expr dask-ml databricks-cli databricks-sdk
dataclasses dataclasses-json datasets datashader dateparser debugpy decorator deepdiff defusedxml deprecated dill diskcache
distlib distributed django djangorestframework dnspython docopt docstring-parser docutils dtreeviz duckdb ecos einops
elasticsearch eli5 email-validator emoji entrypoints et-xmlfile evaluate exceptiongroup execnet executing faker fastai fastapi
fastcore fastparquet fastprogress fasttext fbprophet feather-format featuretools filelock fiona fire flake8 flaml flask
flask-caching flask-cors flask-login flask-restful flask-sqlalchemy flask-wtf flit-core folium fonttools formulaic fqdn frozendict
frozenlist fsspec funcy future fuzzywuzzy gast gcsfs gensim geographiclib geopandas geopy gevent gitdb gitpython gmpy2
google-api-core google-api-python-client google-auth google-auth-httplib2 google-auth-oauthlib google-cloud-bigquery
google-cloud-core google-cloud-storage google-crc32c google-pasta google-resumable-media googleapis-common-protos gpytorch gradio
graphene graphql-core graphql-relay greenlet grpcio grpcio-status grpcio-tools gunicorn gym gymnasium h11 h2 h5netcdf h5py
hatchling hdbscan heapdict hijri-converter hmmlearn holidays holoviews hpack html5lib httpcore httplib2 httptools httpx
huggingface-hub humanfriendly humanize hvplot hydra-core hyperframe hyperlink hyperopt hypothesis idna imagecodecs imagehash
imageio imageio-ffmpeg imagesize imbalanced-learn implicit importlib-metadata importlib-resources inference-schema inflect
inflection iniconfig interpret intervaltree ipykernel ipympl ipython ipython-genutils ipywidgets isodate isoduration isort
itemadapter itemloaders itsdangerous jaraco-classes jax jaxlib jedi jeepney jellyfish jieba jinja2 jiter jmespath joblib json5
jsonpatch jsonpath-ng jsonpickle jsonpointer jsonschema jsonschema-specifications jupyter jupyter-client jupyter-console
jupyter-core jupyter-events jupyter-lsp jupyter-server jupyter-server-terminals jupyterlab jupyterlab-pygments jupyterlab-server
jupyterlab-widgets jupytext kafka-python keras keras-applications keras-preprocessing keras-tuner keyring kiwisolver kmodes knack
korean-lunar-calendar langchain langchain-core langchain-openai langcodes langdetect langsmith lazy-loader lazy-object-proxy
levenshtein libcst libpysal librosa libsass lifelines lightfm lightgbm lightning lightning-utilities lime linkify-it-py llvmlite
lmfit locket loguru lunarcalendar lxml lz4 mako mapclassify markdown markdown-it-py markupsafe marshmallow matplotlib
matplotlib-inline matplotlib-venn mccabe mdit-py-plugins mdurl missingno mistune mizani ml-dtypes mlflow mlflow-skinny mlxtend mne
mock more-itertools mpmath msal msal-extensions msgpack-numpy msrest msrestazure multidict multipledispatch multiprocess munkres
murmurhash mypy mypy-extensions namex narwhals natsort nbclassic nbclient nbconvert nbformat nest-asyncio netaddr netcdf4 networkx
ngboost nibabel nilearn nltk nose notebook notebook-shim numba numcodecs numexpr numpy numpydoc numpyro oauthlib olefile omegaconf
onnx onnxconverter-common onnxmltools onnxruntime openai openai-whisper opencensus openpyxl opentelemetry-api opentelemetry-sdk
opt-einsum optree optuna ordered-set orjson osqp overrides packaging pandas pandas-datareader pandas-flavor pandas-profiling
pandera pandocfilters panel param paramiko parsel parso partd path-py pathlib2 pathos pathspec pathy patsy peewee peft pexpect
pickleshare pillow pingouin pint pkginfo pkgutil-resolve-name platformdirs plotly plotnine pluggy ply pmdarima poetry-core polars
pooch portalocker pox ppft preshed prettytable prometheus-client prometheus-flask-exporter prompt-toolkit propcache prophet
proto-plus protobuf psutil psycopg psycopg2-binary ptyprocess pulp pure-eval py py-cpuinfo py4j pyarrow pyasn1 pyasn1-modules
pybind11 pycocotools pycodestyle pycountry pycparser pycryptodome pycryptodomex pycurl pydantic pydantic-core pydantic-settings
pydeck pydispatcher pydocstyle pydot pydotplus pydub pyerfa pyflakes pygam pygeos pygments pyjwt pykalman pylint pymc pymc3
pymongo pymssql pymysql pynacl pynndescent pynvml pyod pyodbc pyomo pyopenssl pyparsing pypdf pypdf2 pyperclip pyproj
pyproject-hooks pyreadstat pyrsistent pysam pyserial pyshp pysocks pyspark pystan pytensor pytesseract pytest pytest-cov
pytest-mock pytest-xdist python-dateutil python-docx python-dotenv python-editor python-igraph python-jose python-json-logger
python-levenshtein python-louvain python-multipart python-slugify python-snappy python-utils pytoolconfig pytorch-forecasting
pytorch-lightning pytorch-metric-learning pytorch-tabnet pytz pytz-deprecation-shim pyviz-comms pywavelets pyyaml pyzmq qdldl
qtconsole qtpy querystring-parser queuelib rapidfuzz rasterio rdkit referencing regex reportlab requests requests-cache
requests-file requests-oauthlib requests-toolbelt responses retrying rfc3339-validator rfc3986-validator rich rope rouge-score
rpds-py rsa rtree ruamel-yaml ruamel-yaml-clib s3fs s3transfer sacrebleu sacremoses safetensors salib scikit-fuzzy scikit-image
scikit-learn scikit-learn-extra scikit-learn-intelex scikit-multilearn scikit-optimize scikit-plot scikit-surprise scikit-survival
scipy scrapy scs seaborn semver send2trash sentence-transformers sentencepiece sentry-sdk seqeval setproctitle setuptools
setuptools-scm shap shapely shellingham simplejson six skl2onnx sklearn-pandas sktime slicer smart-open smmap sniffio
snowballstemmer snowflake-connector-python snowflake-snowpark-python sortedcontainers soupsieve spacy spacy-legacy spacy-loggers
sphinx sphinxcontrib-applehelp sphinxcontrib-devhelp sphinxcontrib-htmlhelp sphinxcontrib-jsmath sphinxcontrib-qthelp
sphinxcontrib-serializinghtml sqlalchemy sqlalchemy-utils sqlglot sqlmodel sqlparse srsly stack-data stanza starlette
statsforecast statsmodels streamlit stumpy sympy tabulate tblib tenacity tensorboard tensorboard-data-server
tensorboard-plugin-wit tensorboardx tensorflow tensorflow-cpu tensorflow-datasets tensorflow-estimator tensorflow-hub
tensorflow-io-gcs-filesystem tensorflow-metadata tensorflow-probability termcolor terminado testpath text-unidecode textblob
textdistance tf2onnx theano theano-pymc thinc threadpoolctl thrift tifffile tiktoken timm tinycss2 tldextract tokenizers toml
tomli tomlkit toolz torchaudio torchdata torchmetrics torchsummary torchtext torchvision tornado tpot tqdm traitlets transformers
treelite trio tsfresh tslearn twisted typed-ast typeguard typer typing-extensions typing-inspect typing-inspection tzlocal
uc-micro-py ujson umap-learn unicodedata2 unidecode uri-template uritemplate urllib3 uvicorn uvloop vadersentiment virtualenv
visions w3lib waitress wandb wasabi watchdog watchfiles wcwidth weasel webcolors webencodings websocket-client websockets werkzeug
wheel widgetsnbextension wordcloud wrapt wurlitzer xarray xgboost xlrd xlsxwriter xlwt xmltodict xyzservices yapf yarl
ydata-profiling yellowbrick yfinance zarr zict zipp zope-interface zstandard
`;

/** conda=PyPI. PyPI's versions of those with `.*` have a number more: OpenCV 4.5.5 is 4.5.5.64 there. */
const OTHER = `
boruta-py=boruta brotli-python=brotli cufflinks-py=cufflinks dask-core=dask dask=dask[complete] docker-py=docker
faiss-cpu=faiss-cpu faiss=faiss-cpu h2o-py=h2o keras-base=keras keras-gpu=keras matplotlib-base=matplotlib msgpack-python=msgpack
neo4j-python-driver=neo4j numpy-base=numpy opencv=opencv-python-headless.* ortools-python=ortools psycopg2=psycopg2-binary
pvlib-python=pvlib py-opencv=opencv-python-headless.* py-xgboost-cpu=xgboost py-xgboost-gpu=xgboost py-xgboost=xgboost
pyct-core=pyct pyg=torch-geometric pysoundfile=soundfile pytables=tables python-annoy=annoy python-blosc=blosc
python-confluent-kafka=confluent-kafka python-fastjsonschema=fastjsonschema python-flatbuffers=flatbuffers
python-graphviz=graphviz python-hdfs=hdfs python-kaleido=kaleido python-kubernetes=kubernetes python-sounddevice=sounddevice
python-tzdata=tzdata python-xxhash=xxhash pytorch-cpu=torch pytorch-geometric=torch-geometric pytorch-gpu=torch pytorch=torch
ray-core=ray ray-default=ray[default] ray-tune=ray[tune] redis-py=redis sentencepiece-python=sentencepiece
tensorflow-base=tensorflow tensorflow-eigen=tensorflow tensorflow-gpu=tensorflow tensorflow-mkl=tensorflow
torchvision-cpu=torchvision trino-python-client=trino uvicorn-standard=uvicorn[standard]
`;

/**
 * What a scoring image needs nothing of from PyPI: C libraries (PyPI's packages bring their own), drivers, compilers, other languages,
 * command-line tools, desktop toolkits, Windows' packages, and conda's own.
 */
const SKIPPED = `
abseil-cpp alsa-lib anaconda anaconda-client anaconda-navigator anaconda-project aom arpack arrow-cpp at-spi2-atk at-spi2-core atk
atk-1-0 attr aws-sdk-cpp backports binutils blas blas-devel blosc boost boost-cpp brotli brotli-bin brunsli bzip2 c-ares c-blosc2
c-compiler ca-certificates cairo cctools cfitsio charls clang clangxx clyent cmake compilers conda conda-build conda-content-trust
conda-env conda-libmamba-solver conda-pack conda-package-handling conda-package-streaming conda-repo-cli conda-token conda-verify
console-shortcut coreutils cpuonly cryptopp cudatoolkit cudatoolkit-dev cudnn curl cxx-compiler cyrus-sasl daal daal4py dal dav1d
dbus double-conversion eigen epoxy expat ffmpeg fftw flatbuffers fmt font-ttf-dejavu-sans-mono font-ttf-inconsolata
font-ttf-source-code-pro font-ttf-ubuntu fontconfig fonts-anaconda fonts-conda-ecosystem fonts-conda-forge fortran-compiler
freeglut freetype freexl fribidi gcc gdk-pixbuf gds-tools geos gettext gflags gfortran giflib git git-lfs glew glib glib-tools
glog glpk gmp gnutls gperftools graphite2 graphviz gsl gst-plugins-base gstreamer gtest gtk2 gtk3 gts gxx harfbuzz hdf4 hdf5
hicolor-icon-theme htop icc-rt icu igraph intel-openmp isa-l jansson jasper jbig jemalloc jpeg jq json-c jxrlib kealib
kernel-headers-linux-64 keyutils krb5 lame lapack lcms2 ld-impl-linux-64 ld-impl-linux-aarch64 leptonica lerc leveldb libabseil
libaec libarchive libasprintf libass libavif libblas libboost libbrotlicommon libbrotlidec libbrotlienc libcap libcap-ng libcblas
libclang libclang-cpp libclang13 libcrc32c libcublas libcudnn libcufft libcufft-dev libcufile libcups libcurand libcurl
libcusolver libcusparse libcxx libcxxabi libdb libde265 libdeflate libdovi libdrm libedit libegl libev libevent libexpat libfaiss
libffi libflac libgcc libgcc-devel libgcc-ng libgcrypt libgd libgdal libgettextpo libgfortran libgfortran-ng libgfortran4
libgfortran5 libgit2 libgl libglib libglu libglvnd libglx libgomp libgoogle-cloud libgpg-error libgrpc libgsf libhiredis libhwloc
libhwy libiconv libidn2 libjpeg-turbo libjxl libkml liblapack liblapacke liblief libllvm10 libllvm11 libllvm12 libllvm13 libllvm14
libllvm15 libllvm16 libllvm17 libllvm18 libllvm19 libllvm20 libllvm9 liblzma libmagma libmamba libmambapy libmicrohttpd libmklml
libmpdec libnetcdf libnghttp2 libnpp libnsl libntlm libnuma libnvjitlink libnvjpeg libnvtx libnvvm libode libogg libopenblas
libopencv libopenvino libopus libparquet libpciaccess libpng libpq libprotobuf librdkafka libre2-11 librsvg librttopo libsanitizer
libsentencepiece libsndfile libsodium libsolv libspatialindex libspatialite libsqlite libssh libssh2 libstdcxx libstdcxx-ng
libsystemd0 libtasn1 libtheora libthrift libtiff libtool libtorch libudev1 libunistring libunwind liburing libutf8proc libuuid
libuv libva libvorbis libvpx libvulkan-loader libwebp libwebp-base libxcb libxcrypt libxgboost libxkbcommon libxkbfile libxml2
libxslt libzip libzlib libzopfli llvm-openmp llvm-tools lz4-c lzo m2-base magma make menuinst metis minizip mkl mkl-devel mkl-fft
mkl-include mkl-random mkl-service mpc mpfr mpg123 msys2-conda-epoch mysql mysql-common mysql-libs navigator-updater nccl ncurses
nettle ninja ninja-base nlohmann-json nodejs nomkl nsight-compute nspr nss numactl ocl-icd openblas openblas-devel openh264
openjdk openjpeg openldap openmp openmpi openssl opus orc p11-kit p7zip pandoc pango patch patchelf pcre pcre2 perl pip pixman
pkg-config poppler poppler-data postgresql proj proj4 pthread-stubs pthreads-win32 pugixml pulseaudio pycosat pyqt pyqt5-sip
pyqtchart pyqtwebengine python-abi pytorch-cuda pytorch-mutex pywin32 pywinpty qhull qt qt-main qt-webengine qt6-main r-base
rdma-core re2 readline ripgrep ruamel-yaml-conda s2n sccache sdl2 sip snappy spdlog spirv-tools sqlite suitesparse svt-av1 swig
sysroot-linux-64 tbb tbb-devel tbb4py tesseract tiledb tk tktable toolchain triton-xpu typing tzcode tzdata ucrt unixodbc unrar
unzip utfcpp vc vc14-runtime vs2015-runtime vtk wayland wget win-inet-pton wincertstore winpty x264 x265 xcb-util xcb-util-image
xcb-util-keysyms xcb-util-renderutil xcb-util-wm xerces-c xkeyboard-config xxhash xz xz-tools yaml yaml-cpp zeromq zfp zip zlib
zlib-ng zopfli zstd
`;

/** Likewise, by how conda names what belongs together. */
const SKIPPED_PATTERNS = [
  /^_/, // mutexes and other packages without files: _libgcc_mutex, _openmp_mutex, _tflow_select
  /^(cuda|xorg|gst|m2w64|msys2|aws-c|aws-checksums|aws-crt-cpp|azure-.*-cpp)(-|$)/,
  /[-_](linux|osx|win)[-_](32|64|aarch64|arm64|ppc64le)$/, // compilers and linkers of a platform
];

const words = (text: string) => text.trim().split(/\s+/);
const SKIPPED_NAMES = new Set(words(SKIPPED));
const ON_PYPI = new Map([
  ...words(SAME).map((name) => [name, name] as const),
  ...words(OTHER).map((pair) => pair.split("=") as [string, string]),
]);

/** A name as PyPI compares it. */
export const normalized = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-");

/** What a package of conda is on PyPI; `moreNumbers`: its versions have more numbers there. */
export function onPyPI(conda: string): { name: string; moreNumbers: boolean } | undefined {
  const found = ON_PYPI.get(normalized(conda));
  return found === undefined
    ? undefined
    : { name: found.replace(/\.\*$/, ""), moreNumbers: found.endsWith(".*") };
}

/**
 * Whether a package of conda is left out.
 * @param build its build string, "" if not known. Where a recipe gives none, conda-build makes `h1234567_0`, and `py39h1234567_0` if the
 * package is built for and needs Python (build_string_from_metadata in
 * https://github.com/conda/conda-build/blob/main/conda_build/metadata.py). It is a convention, which a recipe may break and conda's
 * documentation advises against reading: so only this very form counts, for names that are in no table, and it is told.
 */
export function isSkipped(conda: string, build = ""): boolean {
  const name = conda.toLowerCase();
  return (
    SKIPPED_NAMES.has(normalized(name)) ||
    SKIPPED_PATTERNS.some((pattern) => pattern.test(name)) ||
    /^h[0-9a-f]{7}_\d+$/.test(build)
  );
}
