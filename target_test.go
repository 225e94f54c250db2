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
	for status, path := range map[int]string{ // acceptance 54
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

type roundTripper func(r *http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answered(status int, h http.Header, text string) *http.Response {
	if h == nil {
		h = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}
}
