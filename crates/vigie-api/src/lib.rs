//! The HTTP door: routes by family, live signal, media, embedded web app, OpenAPI.
