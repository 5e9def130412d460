//! The one table of outcomes: number, HTTP status, exact text.

use axum::http::StatusCode;

/// How a call came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) number: u16,
    pub(crate) status: StatusCode,
    pub(crate) description: &'static str,
}

const fn code(number: u16, status: StatusCode, description: &'static str) -> Code {
    Code { number, status, description }
}

// Wire (documented, "Update user"): all of its codes.
pub(crate) const USER_UPDATED: Code = code(4309, StatusCode::OK, "User updated successfully");
pub(crate) const MISSING_HEADER: Code =
    code(2002, StatusCode::BAD_REQUEST, "Invalid header param - could not find mandatory header parameters");
pub(crate) const INVALID_TOKEN: Code = code(2003, StatusCode::BAD_REQUEST, "Invalid Access Token");
pub(crate) const TOKEN_EXPIRED: Code = code(2004, StatusCode::UNAUTHORIZED, "Access Token expired");
pub(crate) const INTERNAL: Code = code(2007, StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
pub(crate) const NO_TEAM: Code =
    code(2010, StatusCode::NOT_FOUND, "Could not find details of team based on the teamid passed in the header");
pub(crate) const METHOD_NOT_ALLOWED: Code = code(2099, StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
pub(crate) const NO_USER: Code = code(3101, StatusCode::NOT_FOUND, "Requested user was not found");
pub(crate) const UPDATE_FAILED: Code = code(3104, StatusCode::INTERNAL_SERVER_ERROR, "The user update failed");
pub(crate) const INVALID_BUSINESS: Code =
    code(3107, StatusCode::BAD_REQUEST, "The value provided for the custom attribute 'business' is not valid.");
pub(crate) const INVALID_LOCATION: Code =
    code(3110, StatusCode::BAD_REQUEST, "The value provided for the custom attribute 'location' is not valid.");
pub(crate) const NO_BODY: Code = code(3114, StatusCode::BAD_REQUEST, "Request body not provided");
pub(crate) const INVALID_REQUEST: Code = code(3115, StatusCode::BAD_REQUEST, "Request is invalid");

// Wire (documented, "Get user").
pub(crate) const USER_FOUND: Code = code(4306, StatusCode::OK, "The user details retrieved successfully");

// Wire (chosen): no source tells the outcomes of these.
pub(crate) const TOKEN_MADE: Code = code(4301, StatusCode::OK, "Access token generated successfully");
pub(crate) const TEAMS_FOUND: Code = code(4303, StatusCode::OK, "Teams retrieved successfully");
pub(crate) const USER_CREATED: Code = code(4305, StatusCode::OK, "User created successfully");
pub(crate) const USERS_FOUND: Code = code(4307, StatusCode::OK, "Users retrieved successfully");
pub(crate) const LIMIT_EXCEEDED: Code = code(2029, StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded");
pub(crate) const NO_ROUTE: Code = code(2098, StatusCode::NOT_FOUND, "Resource not found");
