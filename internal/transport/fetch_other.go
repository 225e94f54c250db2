//go:build !js

package transport

import "net/http"

// Default returns what the requests of a client go through that was given nothing else.
func Default() http.RoundTripper { return NewTransport() }

// unfollowed returns h: here no RoundTripper follows a redirect by itself.
func unfollowed(_ http.RoundTripper, h http.Header) http.Header { return h }
