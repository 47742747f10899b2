# docker build -t diagramkit . && docker run --rm -v "$PWD:/work" -u "$(id -u):$(id -g)" diagramkit render
# To pin the image too: --build-arg PYTHON=python:3.12-slim@sha256:... (docker buildx imagetools inspect python:3.12-slim).
ARG PYTHON=python:3.12-slim
FROM ${PYTHON} AS build
# What is installed is pinned, with the hashes of all files.
COPY requirements/build.txt requirements/run.txt requirements/npm.txt /pins/
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --no-deps --require-hashes -r /pins/build.txt \
    && python -m venv /opt/diagramkit \
    && /opt/diagramkit/bin/pip install --no-cache-dir --no-deps --require-hashes -r /pins/run.txt -r /pins/npm.txt
COPY . /src
RUN cd /src && /opt/build/bin/python -m hatchling build -t wheel -d /wheel \
    && /opt/diagramkit/bin/pip install --no-cache-dir --no-deps /wheel/*.whl

FROM ${PYTHON}
COPY --from=build /opt/diagramkit /opt/diagramkit
RUN useradd --uid 10001 --create-home drawer && install -d -m 1777 /cache
# Icon packs that a project lists are installed in /cache/data; with -v diagramkit:/cache, only once.
ENV PATH=/opt/diagramkit/bin:$PATH DIAGRAMKIT_CACHE=/cache DIAGRAMKIT_DATA=/cache/data HOME=/tmp
USER 10001
WORKDIR /work
ENTRYPOINT ["diagramkit"]
CMD ["render", "--check"]
