# BusinessGlance as a container: no shell, no root, a read-only file system, nothing fetched when it
# runs. Build: docker build -t businessglance . More in deploy/README.md.
ARG DENO_VERSION=2.9.6

FROM denoland/deno:${DENO_VERSION} AS build
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1
WORKDIR /app
COPY deploy/shipped.ts deploy/build_notes.ts /build/
# The packages first: they change less often than the source. Deno fetches all that is locked, so
# what only tests use is taken out of the lock before.
COPY deno.json deno.lock ./
COPY deploy/dependencies.ts deploy/
RUN DENO_DIR=/build/cache deno run --no-config --no-lock --allow-read=. --allow-write=. \
  /build/shipped.ts
RUN ["deno", "run", "--frozen", "--no-code-cache", "--allow-env", "--allow-read", \
  "deploy/dependencies.ts"]
COPY main.ts LICENSE ./
COPY config config
COPY src src
COPY routes routes
COPY views views
COPY deploy/healthcheck.ts deploy/
RUN ["deno", "cache", "--frozen", "main.ts", "deploy/healthcheck.ts"]
# Two builds hold the same bytes.
RUN DENO_DIR=/build/cache deno run --no-config --no-lock --allow-read=/deno-dir \
  --allow-write=/deno-dir /build/build_notes.ts /deno-dir
RUN ["mkdir", "/data"]

FROM denoland/deno:distroless-${DENO_VERSION}
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 HOST=0.0.0.0 PORT=8080
# Memory before speed: what a container has is limited, and V8 does not know it.
ENV DENO_V8_FLAGS=--optimize-for-size,--max-semi-space-size=2 \
  MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=65536
WORKDIR /app
COPY --from=build --chown=65532:65532 /data /data
COPY --from=build /deno-dir /deno-dir
COPY --from=build /app /app
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["/bin/deno", "run", "--no-prompt", "--cached-only", "--no-code-cache", "--allow-env=PORT", \
    "--allow-net=127.0.0.1", "deploy/healthcheck.ts"]
# Hosts and variables depend on the configuration: glance permissions names them, to be given here.
# Compiled code could not be kept on a read-only file system, so none is packed up to be.
ENTRYPOINT ["/tini", "--", "/bin/deno", "run", "--no-prompt", "--frozen", "--cached-only", \
  "--no-code-cache", "--allow-net", "--allow-env", \
  "--allow-read=/app,/data,/etc/glance,/run/secrets", "--allow-write=/data", "main.ts"]
CMD ["serve"]
