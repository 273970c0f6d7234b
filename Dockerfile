# On Debian, for what compiles and is left behind: the Node that comes as an npm package does not run on Alpine.
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npx tsc -p tsconfig.build.json

# Optional packages are Node itself and what only other platforms need.
FROM node:24-alpine AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional

FROM node:24-alpine
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY package.json ./
COPY schema ./schema
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /build/dist ./dist
USER node
EXPOSE 4000
# Whether the process serves, not whether its database does: to start it anew would not bring that back.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself, not npm: it is the process that hears SIGTERM. The flags are those of `npm start`: docs/operations.md says what they are for.
CMD ["node", "--max-semi-space-size=16", "--v8-pool-size=0", "dist/cli.js", "serve"]
