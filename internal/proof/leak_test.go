package proof_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// paramToken is what a caller keeps secret among parameters.
const paramToken = "t0kenmarker9y"

func secretParams() b24.Params {
	return b24.Params{
		"fields": b24.Params{
			"access_token": paramToken,
			"settings":     b24.Params{"Password": paramToken, "list": []any{b24.Params{"clientSecret": paramToken}}},
			"COMMENT":      "see https://other.bitrix24.com/rest/7/" + paramToken + "/crm.deal.list",
			"callback":     "https://acme.example/cb?auth=" + paramToken + "&x=1",
			"nested":       "https://acme.example/?to=https%3A%2F%2Fa.bitrix24.com%2Frest%2F1%2F" + paramToken + "%2Fprofile",
		},
		"cmd": b24.Params{"a": "crm.deal.get?auth=" + paramToken + "&ID=1"},
	}
}

// faultyPortals answer in every way that is no success, and show the secrets
// wherever a portal or a proxy could.
func faultyPortals() map[string]http.HandlerFunc {
	page := func(status int, contentType, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, strings.ReplaceAll(text, "{URL}", r.URL.String()))
		}
	}
	return map[string]http.HandlerFunc{
		"success":         page(200, "application/json", `{"result":{"access_token":"`+paramToken+`","url":"{URL}"},"time":{"operating":1}}`),
		"no result":       page(200, "application/json", `{"auth":"`+paramToken+`","url":"{URL}"}`),
		"html":            page(502, "text/html; auth="+paramToken, `<html>Bad gateway at {URL}, auth=`+paramToken+`</html>`),
		"cut":             page(200, "application/json", `{"result":{"auth":"`+paramToken+`","url":"{URL}"`),
		"empty":           page(500, "application/json", ``),
		"v2 error":        page(400, "application/json", `{"error":"ERROR_CORE","error_description":"bad call {URL}?auth=`+paramToken+`"}`),
		"v2 code":         page(400, "application/json", `{"error":"{URL}","error_description":"x","argument":"{URL}"}`),
		"v3 error":        page(400, "application/json", `{"error":{"code":"X","message":"{URL}","validation":[{"field":"{URL}","message":"{URL}"}]}}`),
		"refusal":         page(503, "application/json", `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"{URL}"}`),
		"redirect":        redirect(func(r *http.Request) string { return "https://new.example" + r.URL.Path + "?auth=" + paramToken }),
		"odd redirect":    redirect(func(r *http.Request) string { return "https://user:" + paramToken + "@new.example/" + r.URL.Path }),
		"broken redirect": redirect(func(r *http.Request) string { return "https://new.example:port" + r.URL.Path }),
		"reset":           func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"announced and cut": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"result":"`+r.URL.Path)
			panic(http.ErrAbortHandler)
		},
		"too large": page(200, "application/json", `{"result":"`+strings.Repeat("x", 5000)+`"}`),
		"slow":      func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() },
	}
}

func redirect(to func(*http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", to(r))
		w.WriteHeader(http.StatusFound)
	}
}

// No error, no record and no value shows a secret.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	for name, portal := range faultyPortals() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(portal)
			t.Cleanup(srv.Close)
			for _, address := range []string{srv.URL, "http://127.0.0.1:1"} { // the second refuses connections
				collectLeaks(t, address+"/rest/1/"+marker+"/")
			}
		})
	}
}

func collectLeaks(t *testing.T, address string) {
	t.Helper()
	var seen leaks
	h, err := b24.FromWebhookURL(address,
		b24.WithLogger(seen.all.logger(b24.LevelPayload)), b24.WithMaxResponseBytes(4000), b24.WithTimeout(200*time.Millisecond),
		b24.WithRetry(b24.RetryPolicy{MaxRefusals: 1, BaseDelay: time.Millisecond, MaxDelay: time.Millisecond}))
	require.NoError(t, err)

	r, err := h.CallMethod(t.Context(), "crm.deal.add", secretParams())

	seen.addError(t, err)
	if r != nil {
		seen.add(t, r)
		seen.ask(t, r.Query())
		_, err = b24.Decode[int](r)
		seen.addError(t, err)
		_, err = b24.Decode[int](r, "no", "such")
		seen.addError(t, err)
		_, err = r.FetchNext(t.Context())
		seen.addError(t, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = h.CallMethod(over, "crm.deal.add", secretParams())
	seen.addError(t, err)
	_, err = h.CallMethod(t.Context(), "crm.deal.add", b24.Params{"auth": paramToken, "x": make(chan int)})
	seen.addError(t, err)
	_, err = h.CallMethod(t.Context(), address+"crm.deal.add", nil)
	seen.addError(t, err)

	stats := h.Stats()
	for _, failure := range stats.LastErrors {
		seen.add(t, failure.Err)
	}
	data, _ := h.Auth().AuthData()
	for _, v := range []any{h, h.Auth(), data, &data, data.AccessToken, h.Stats()} {
		seen.add(t, v)
	}
	_, _ = fmt.Fprintf(&seen.all, "%v %+v %#v", *h, *h, *h)
	require.NoError(t, h.Close())
	_, err = h.CallMethod(t.Context(), "crm.deal.add", secretParams())
	seen.addError(t, err)
	seen.check(t, marker, paramToken)
}

// The name of a parameter may be an address, too.
func TestNamesOfParametersLeakNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for _, v := range []any{nil, make(chan int)} {
		params := b24.Params{"fields": b24.Params{p.WebhookURL(): v}}
		var seen leaks

		_, err := h.CallBatch(t.Context(), b24.Commands{{Method: "echo", Params: params}})

		require.ErrorIs(t, err, b24.ErrInvalidParams)
		seen.addError(t, err)
		seen.check(t, marker)
	}
}

func TestConstructorsLeakNothing(t *testing.T) {
	t.Parallel()
	var seen leaks
	for _, address := range []string{
		"http://acme.bitrix24.com/rest/1/" + marker, "acme.bitrix24.com/rest/1/" + marker, "https://acme.bitrix24.com/rest/" + marker + "/1/",
		"https://acme.bitrix24.com/rest/1/" + marker + "/a/b", "https://acme.bitrix24.com:port/rest/1/" + marker, "%zz" + marker,
		"https://acme.bitrix24.com/rest/1/" + marker + "%20", "https://u:" + marker + "@/rest/1/s", "ftp://acme.bitrix24.com/rest/1/" + marker,
	} {
		_, err := b24.FromWebhookURL(address)
		require.Error(t, err)
		seen.addError(t, err)
		_, err = b24.NewHook(b24.HookParams{URL: address, UserID: 1, Secret: b24.NewSecret(marker + " ")})
		require.Error(t, err)
		seen.addError(t, err)
	}
	seen.add(t, b24.HookParams{URL: "https://acme.bitrix24.com", UserID: 1, Secret: b24.NewSecret(marker)})
	seen.check(t, marker)
}

// A transport of the user's own may put the address into its errors.
func TestForeignTransportErrorsLeakNothing(t *testing.T) {
	t.Parallel()
	for _, fail := range []func(r *http.Request) error{
		func(r *http.Request) error { return &url.Error{Op: "Post", URL: r.URL.String(), Err: io.EOF} },
		func(r *http.Request) error { return fmt.Errorf("cannot reach %s: %w", r.URL, io.EOF) },
		func(r *http.Request) error { return errors.Join(errors.New(r.URL.String()), io.EOF) },
	} {
		var seen leaks
		h, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/"+marker,
			b24.WithLogger(seen.all.logger(b24.LevelPayload)), b24.WithHTTPClient(&http.Client{Transport: failingTransport(fail)}))
		require.NoError(t, err)

		_, err = h.CallMethod(t.Context(), "crm.deal.add", secretParams())

		require.ErrorIs(t, err, io.EOF)
		assert.True(t, b24.MayHaveExecuted(err)) // nothing was seen of the way it took
		seen.addError(t, err)
		seen.check(t, marker, paramToken)
	}
}

type failingTransport func(r *http.Request) error

func (f failingTransport) RoundTrip(r *http.Request) (*http.Response, error) { return nil, f(r) }

// An error of a RoundTripper whose text is harmless, but not what it holds.
type dialError struct {
	URL *url.URL
	Err string
}

func (e *dialError) Error() string { return "proxy: " + e.Err }

func TestErrorsThatHoldTheAddressLeakNothing(t *testing.T) {
	t.Parallel()
	h, err := b24.FromWebhookURL("https://acme.bitrix24.com/rest/1/"+marker, b24.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) { return nil, &dialError{r.URL, "refused"} }),
	}))
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), "crm.deal.add", nil)
	require.ErrorContains(t, err, "proxy: refused")
	text, failed := json.Marshal(err)
	require.NoError(t, failed)
	assert.NotContains(t, string(text), marker)
}

// A copy of a result shows no more than the result.
func TestCopiesOfResultsShowNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Seed("crm.deal", b24.Params{"TITLE": marker})
	r, err := h.CallMethod(t.Context(), "crm.deal.list", nil)
	require.NoError(t, err)
	list, err := h.CallListMethod(t.Context(), "crm.deal.list", nil)
	require.NoError(t, err)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		for _, v := range []any{r, *r, list, *list} {
			assert.NotContains(t, fmt.Sprintf(format, v), marker, format)
			assert.NotContains(t, fmt.Sprintf(format, v), fmt.Sprintf("%x", marker), format)
		}
	}
	assert.Equal(t, "<nil>", fmt.Sprint((*b24.AjaxResult)(nil)))
}
