//go:build !js

package transport

import "net/http"

// Default returns the RoundTripper of a client that was not given one.
func Default() http.RoundTripper { return NewTransport() }

// unfollowed returns h: on this platform no RoundTripper follows redirects by itself.
func unfollowed(_ http.RoundTripper, h http.Header) http.Header { return h }
