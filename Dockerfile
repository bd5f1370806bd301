# The wheel is built in one stage and installed in the next, so that the image holds no build tools.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md ./
COPY bot bot
COPY storage storage
RUN python -m venv /opt/claimwatch \
 && /opt/claimwatch/bin/pip install --no-cache-dir --constraint constraints.txt '.[scale]'

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /home/claimwatch claimwatch \
 && install -d -o claimwatch -g claimwatch /data
COPY --from=build /opt/claimwatch /opt/claimwatch
COPY config /config
ENV PATH=/opt/claimwatch/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    CLAIMWATCH_CONFIG=/config \
    CLAIMWATCH_DATABASE=sqlite:////data/claimwatch.sqlite
USER claimwatch
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["claimwatch", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["claimwatch"]
CMD ["run"]
