# syntax=docker/dockerfile:1

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
# Static and reproducible; the time zones are inside, since statutory periods end at local midnight.
RUN make build VERSION="${VERSION}" \
 && mkdir -p -m 0700 /out/data /out/tmp \
 && mv bin/ehdsgw /out/ehdsgw

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/LICENSE /src/NOTICE /licenses/
COPY --from=build /out/ehdsgw /ehdsgw
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/data /data

# No shell, no package manager, no root.
USER 65532:65532
WORKDIR /data
# Configuration, keys, record and operator socket. Losing it is losing the gateway: back it up.
VOLUME /data
ENV EHDSGW_LISTEN_ADDRESS=0.0.0.0:8443
EXPOSE 8443

# No HEALTHCHECK: the image holds nothing but ehdsgw, and no command that starts a second process can
# tell more about the daemon than /livez and /readyz on its admin listener. Probe those.
ENTRYPOINT ["/ehdsgw"]
CMD ["serve", "-c", "/data/ehdsgw.yaml"]
