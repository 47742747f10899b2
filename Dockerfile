# docker build -t diagramkit . && docker run --rm -v "$PWD:/work" -u "$(id -u):$(id -g)" diagramkit render
FROM python:3.12-slim AS build
COPY . /src
RUN python -m venv /opt/diagramkit && /opt/diagramkit/bin/pip install --no-cache-dir "/src[pdf]"

FROM python:3.12-slim
COPY --from=build /opt/diagramkit /opt/diagramkit
RUN useradd --uid 10001 --create-home drawer && install -d -m 1777 /cache
ENV PATH=/opt/diagramkit/bin:$PATH DIAGRAMKIT_CACHE=/cache HOME=/tmp
USER 10001
WORKDIR /work
ENTRYPOINT ["diagramkit"]
CMD ["render", "--check"]
