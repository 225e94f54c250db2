package transport

import "net/http"

// location is the header to which a redirect's Location is moved, out of net/http's sight.
const location = "B24-Location"

// redirects removes the Location from answers, so that net/http finds nothing to follow or to
// reject: it would turn the POST into a GET, or send the secret to another host, and its error
// about a bad Location hides that the call was redirected (docs/protocol.md 1.3).
type redirects struct{ base http.RoundTripper }

func (t redirects) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(r)
	if resp == nil || resp.StatusCode/100 != 3 {
		return resp, err
	}
	if to := resp.Header.Get("Location"); to != "" {
		resp.Header.Set(location, to)
		resp.Header.Del("Location")
	}
	return resp, err
}
