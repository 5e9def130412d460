//! The server's listener, which several dialects share.

use std::cmp::Reverse;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use muster_http::path::{below, normalise_request};
use tower::Service;

use super::owner::{Owner, owner};
use crate::dialect::Dialect;
use crate::pages::Pages;

/// Hands each request to the dialect it belongs to. Everything else — authentication, limits,
/// bodies — is that dialect's.
#[derive(Debug, Clone)]
pub(crate) struct Switch(Arc<Mounts>);

#[derive(Debug)]
struct Mounts {
    /// Prefixes with what lies below them, the longest first.
    below: Vec<(String, Router)>,
    /// Who has no prefix.
    dialects: Vec<Dialect>,
    /// What they serve, in the same order.
    routers: Vec<Router>,
    /// The health checks, which answer whatever is mounted.
    health: Router,
    /// Muster's own pages, and what serves them.
    pages: (Pages, Router),
}

impl Switch {
    /// Mounts routers below prefixes, or none, in the order of [`Dialect::ALL`].
    pub(super) fn new(mounts: Vec<(Dialect, &str, Router)>, health: Router, pages: (Pages, Router)) -> Self {
        let mut switch = Mounts { below: Vec::new(), dialects: Vec::new(), routers: Vec::new(), health, pages };
        for (dialect, prefix, router) in mounts {
            if prefix.is_empty() {
                switch.dialects.push(dialect);
                switch.routers.push(router);
            } else {
                switch.below.push((prefix.to_owned(), router));
            }
        }
        switch.below.sort_by_key(|(prefix, _)| Reverse(prefix.len()));
        Self(Arc::new(switch))
    }
}

impl Service<Request> for Switch {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let mut request = normalise_request(request);
        let mut prefixes = self.0.below.iter();
        let router = match prefixes.find_map(|(prefix, router)| Some((below(request.uri(), prefix)?, router))) {
            Some((uri, router)) => {
                *request.uri_mut() = uri;
                router
            }
            None => self.0.at_root(&request),
        };
        router.clone().call(request)
    }
}

impl Mounts {
    fn at_root(&self, request: &Request) -> &Router {
        let path = request.uri().path();
        let owner = owner(request.method(), path, request.headers(), &self.dialects);
        let (pages, page) = &self.pages;
        if owner == Owner::Pages && pages.has(request.uri()) {
            return page;
        }
        let place = self.dialects.iter().position(|dialect| owner == Owner::Dialect(*dialect));
        match place {
            Some(place) => &self.routers[place],
            // Whoever stands in answers that there is nothing: nobody serves another's names.
            None if !is_health(path) => self.routers.first().unwrap_or(&self.health),
            None => &self.health,
        }
    }
}

fn is_health(path: &str) -> bool {
    matches!(path, "/health" | "/ready")
}
