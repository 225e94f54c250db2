package b24_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestRenamedPortalIsFollowed(t *testing.T) {
	t.Parallel()
	for status, path := range map[int]string{
		301: "", 302: "/", 303: "/?auth=x", 307: "/rest/1/" + marker + "/" + writes + "?auth=x", 308: "/rest/",
	} {
		p, h := newPortal(t)
		answers(p, writes, 7)
		p.Fault(writes, b24test.Redirect(status, "https://new.bitrix24.com"+path))

		got, err := b24.Call[int](t.Context(), h, writes, b24.Params{"fields": b24.Params{"TITLE": "x"}})
		require.NoError(t, err)
		_, err = h.CallMethod(t.Context(), writes, nil)
		require.NoError(t, err)

		assert.Equal(t, 7, got)
		assert.Equal(t, "https://new.bitrix24.com", h.TargetOrigin())
		assert.Equal(t, "https://new.bitrix24.com/rest/1/"+marker, h.TargetOriginWithPath())
		r := p.Requests()
		require.Len(t, r, 3)
		assert.Equal(t, http.MethodPost, r[1].Verb)
		assert.Equal(t, r[0].RawBody, r[1].RawBody)
		assert.Equal(t, r[0].RequestID, r[1].RequestID)
		assert.Empty(t, r[1].Query.Get("auth"))
		assert.Empty(t, r[1].Header.Get("Referer"))
		assert.Equal(t, "new.bitrix24.com", r[1].Host)
		assert.Equal(t, "new.bitrix24.com", r[2].Host) // remembered
		assert.False(t, r[0].Executed)
	}
}

func TestRedirectsThatAreNoMove(t *testing.T) {
	t.Parallel()
	for location, sent := range map[string]int{
		"":                                  1,
		"/login":                            1,
		"http://new.bitrix24.com/":          1, // the secret must not travel in the open
		"https://%zz/":                      1,
		"https://new.bitrix24.com/":         2, // once, not in circles
		"https://login.example.com/sso?x=1": 1, // no portal of that name: the secret must not go there
		"https://new.bitrix24.com/down":     1,
		"https://new.bitrix24.com/re":       1, // a path of its own, not the beginning of ours
		"https://new.bitrix24.com:99999/":   1,
		"//new.bitrix24.com/":               1, // the portal is on http here
	} {
		p, h := newPortal(t)
		p.Fault(writes, failing3(b24test.Redirect(302, location))...)

		_, err := h.CallMethod(t.Context(), writes, nil)

		var re *b24.RedirectError
		require.ErrorAs(t, err, &re, location)
		assert.Equal(t, sent, p.Calls(writes), location)
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err), location)
		assert.Equal(t, strings.TrimSuffix(p.WebhookURL(), "/rest/1/"+marker+"/"), h.TargetOrigin(), location)
	}
}

// 300 and 304 to 306 are no redirects of a portal, wherever they point to.
func TestOtherStatusesAreNoMove(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 304, 305, 306, 399} {
		p, h := newPortal(t)
		p.Fault(writes, b24test.Redirect(status, "https://new.bitrix24.com/"))
		_, err := h.CallMethod(t.Context(), writes, nil)
		require.Error(t, err, status)
		assert.Equal(t, 1, p.Calls(writes), status)
	}
}

// A new address is remembered once a portal answers from there. Until then it is that of
// one call.
func TestRedirectToWhatIsNoPortal(t *testing.T) {
	t.Parallel()
	var hosts []string
	answers := map[string]string{"new.bitrix24.com": "<html>not here</html>"}
	h, err := b24.FromWebhookURL("https://old.bitrix24.com/rest/1/mycompany", b24.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			hosts = append(hosts, r.URL.Host)
			if len(hosts) == 1 || len(hosts) == 4 {
				return answered(302, http.Header{"Location": {"//new.bitrix24.com/"}}, ""), nil
			}
			if text := answers[r.URL.Host]; text != "" {
				return answered(404, nil, text), nil
			}
			return answered(200, nil, `{"result":1}`), nil
		}),
	}))
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), writes, nil)
	require.ErrorIs(t, err, b24.ErrBadResponse)
	assert.Equal(t, "https://old.bitrix24.com", h.TargetOrigin())
	_, err = h.CallMethod(t.Context(), writes, nil)
	require.NoError(t, err)

	answers["new.bitrix24.com"] = `{"error":"ACCESS_DENIED","error_description":"no"}` // a portal, after all
	_, err = h.CallMethod(t.Context(), writes, nil)
	require.ErrorIs(t, err, b24.ErrAccessDenied)
	assert.Equal(t, "https://new.bitrix24.com", h.TargetOrigin())
	assert.Equal(t, []string{"old.bitrix24.com", "new.bitrix24.com", "old.bitrix24.com", "old.bitrix24.com", "new.bitrix24.com"}, hosts)
}

// The host of a new address is taken as it came, also where it looks like a secret.
func TestRedirectToAHostThatIsMasked(t *testing.T) {
	t.Parallel()
	var hosts []string
	h, err := b24.FromWebhookURL("https://old.bitrix24.com/rest/1/mycompany", b24.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			if hosts = append(hosts, r.URL.Host); len(hosts) == 1 {
				return answered(302, http.Header{"Location": {"https://mycompany-new.bitrix24.com:8443/"}}, ""), nil
			}
			return answered(200, nil, `{"result":1}`), nil
		}),
	}))
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), writes, nil)
	require.NoError(t, err)
	assert.Equal(t, "mycompany-new.bitrix24.com:8443", hosts[1])
}

// redirecting answers requests by their addresses, scheme and host left out where they are the portal's, with a
// redirect; others with a result.
func redirecting(t *testing.T, webhook string, to map[string]string) (h *b24.Hook, sent func() []string) {
	t.Helper()
	var urls []string
	h, err := b24.FromWebhookURL(webhook, b24.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, http.MethodPost, r.Method)
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.Equal(t, `{"a":1}`, string(body))
			url := r.URL.Scheme + "://" + r.URL.Host + r.URL.Path
			urls = append(urls, url)
			if place, ok := to[url]; ok {
				return answered(http.StatusMovedPermanently, http.Header{"Location": {place}}, ""), nil
			}
			return answered(200, nil, `{"result":1}`), nil
		}),
	}))
	require.NoError(t, err)
	return h, func() []string { defer func() { urls = nil }(); return urls }
}

// A web server that wants a slash at the end of an address answers before the portal runs: the call is made again
// there, by POST, and later calls go there at once.
func TestRedirectToTheSameAddressWithASlash(t *testing.T) {
	t.Parallel()
	const at, address = "https://acme.bitrix24.com", "/rest/1/" + marker + "/" + writes
	for name, location := range map[string]string{
		"whole": at + address + "/", "with the query": at + address + "/?bx24_request_id=1", "path alone": address + "/",
		"another port": at + ":443" + address + "/", "letter case": "https://ACME.bitrix24.com" + address + "/", "without a scheme": "//acme.bitrix24.com" + address + "/",
	} {
		h, sent := redirecting(t, at+"/rest/1/"+marker+"/", map[string]string{at + address: location})
		for _, want := range [][]string{{at + address, at + address + "/"}, {at + address + "/"}} {
			got, err := b24.Call[int](t.Context(), h, writes, b24.Params{"a": 1})
			require.NoError(t, err, name)
			assert.Equal(t, 1, got, name)
			assert.Equal(t, want, sent(), name)
		}
		_, err := h.V3().CallMethod(t.Context(), writesV3, b24.Params{"a": 1})
		require.NoError(t, err, name)
		assert.Equal(t, []string{at + "/rest/api/1/" + marker + "/" + writesV3 + "/"}, sent(), name)
		assert.Equal(t, at, h.TargetOrigin(), name)
		assert.Equal(t, at+"/rest/1/"+marker, h.TargetOriginWithPath(), name)
	}

	// On this machine too, where a renamed portal is not followed over http.
	const local = "http://127.0.0.1:8080"
	h, sent := redirecting(t, local+"/rest/1/"+marker, map[string]string{local + address: local + address + "/"})
	_, err := h.CallMethod(t.Context(), writes, b24.Params{"a": 1})
	require.NoError(t, err)
	assert.Equal(t, []string{local + address, local + address + "/"}, sent())

	// Not where the slash is asked for in the open.
	h, sent = redirecting(t, at+"/rest/1/"+marker, map[string]string{at + address: "http://acme.bitrix24.com" + address + "/"})
	_, err = h.CallMethod(t.Context(), writes, b24.Params{"a": 1})
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
	assert.Len(t, sent(), 1)
}

// A renamed portal may want the slash at once. It is taken off again where the portal says so.
func TestRedirectWithASlashElsewhere(t *testing.T) {
	t.Parallel()
	const old, at, address = "https://old.bitrix24.com", "https://new.bitrix24.com", "/rest/1/" + marker + "/" + writes
	moves := map[string]string{old + address: at + address + "/"}
	h, sent := redirecting(t, old+"/rest/1/"+marker, moves)
	call := func() error { _, err := h.CallMethod(t.Context(), writes, b24.Params{"a": 1}); return err }
	require.NoError(t, call())
	assert.Equal(t, []string{old + address, at + address + "/"}, sent())
	require.NoError(t, call())
	assert.Equal(t, []string{at + address + "/"}, sent())
	assert.Equal(t, at, h.TargetOrigin())

	moves[at+address+"/"] = at + address
	require.NoError(t, call())
	assert.Equal(t, []string{at + address + "/", at + address}, sent())
	require.NoError(t, call())
	assert.Equal(t, []string{at + address}, sent())

	moves[at+address] = at + address + "/" // in circles
	err := call()
	var re *b24.RedirectError
	require.ErrorAs(t, err, &re)
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
	assert.Len(t, sent(), 2)
	assert.NotContains(t, err.Error(), "new address")
}

// A redirect to another page of the portal's own is no move: nothing is sent there.
func TestRedirectToAnotherPageOfThePortal(t *testing.T) {
	t.Parallel()
	const address = "/rest/1/" + marker + "/" + writes
	for hook, at := range map[string]string{"https://портал.рф": "https://xn--80awhdgm.xn--p1ai", "https://acme.bitrix24.com": "https://acme.bitrix24.com"} {
		for page, requests := range map[string]int{
			at + "/login/?backurl=" + address: 1, at + address + "/x/": 1, at + "/re": 1,
			at + "/": 2, at: 2, at + "/rest/": 2, at + address: 2, // asked once more, not in circles
		} {
			h, sent := redirecting(t, hook+"/rest/1/"+marker, map[string]string{hook + address: page})
			_, err := h.CallMethod(t.Context(), writes, b24.Params{"a": 1})
			var re *b24.RedirectError
			require.ErrorAs(t, err, &re, page)
			assert.Equal(t, at, re.Origin)
			assert.Contains(t, err.Error(), "redirects to itself", page)
			for _, url := range sent() {
				assert.Equal(t, hook+address, url, page)
				requests--
			}
			assert.Zero(t, requests, page)
			assert.Equal(t, hook, h.TargetOrigin())
		}
		h, sent := redirecting(t, hook+"/rest/1/"+marker, map[string]string{hook + address: at + address + "/"})
		_, err := h.CallMethod(t.Context(), writes, b24.Params{"a": 1})
		require.NoError(t, err)
		assert.Equal(t, []string{hook + address, hook + address + "/"}, sent())
		assert.Equal(t, hook, h.TargetOrigin())
	}
}

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answered(status int, h http.Header, text string) *http.Response {
	if h == nil {
		h = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}
}
