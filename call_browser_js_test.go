package b24_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

func TestClientSideWarning(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelWarn)))
	answers(p, "profile", true)
	for range 3 {
		_, err := h.CallMethod(t.Context(), "profile", nil)
		require.NoError(t, err)
	}
	assert.Equal(t, 1, strings.Count(sink.String(), "browser")) // once
}

func TestOffClientSideWarning(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelWarn)))
	answers(p, "profile", true)
	h.OffClientSideWarning()

	_, err := h.CallMethod(t.Context(), "profile", nil)

	require.NoError(t, err)
	assert.Empty(t, sink.String())
}

// nodeServer is a portal in JavaScript, in the Node.js that runs the test: what goes through fetch
// goes through a real network. It answers by the name of the method.
const nodeServer = `(listening) => {
	const seen = [], sockets = new Set()
	const json = {"Content-Type": "application/json"}
	const answers = {
		"profile": (q, r) => r.writeHead(200, json).end('{"result":{"ID":"7"}}'),
		"packed.get": (q, r) => r.writeHead(200, {...json, "Content-Encoding": "gzip"}).end(require("zlib").gzipSync('{"result":{"ID":"8"}}')),
		"moved.add": (q, r) => r.writeHead(302, {"Location": "/rest/1/` + marker + `/profile"}).end(),
		"slash.add": (q, r) => q.url.includes("slash.add/") ? answers["profile"](q, r) : r.writeHead(301, {"Location": "/rest/1/` + marker + `/slash.add/"}).end(),
		"silent.add": () => {},
		"cut.add": (q, r) => { r.writeHead(200, {...json, "Content-Length": 100}); r.write('{"result":'); setTimeout(() => r.destroy(), 20) },
		"slow.add": (q, r) => { r.writeHead(200, json); r.write('{"result":') },
		"large.get": (q, r) => r.writeHead(200, json).end('{"result":"' + "x".repeat(100000) + '"}'),
	}
	const server = require("http").createServer((q, r) => {
		let body = ""
		q.on("data", d => body += d)
		q.on("end", () => {
			const method = q.url.split("?")[0].split("/")[4]
			seen.push({verb: q.method, method: method, body: body, headers: q.headers})
			answers[method] ? answers[method](q, r) : r.writeHead(404).end()
		})
	})
	server.on("connection", s => sockets.add(s))
	server.listen(0, "127.0.0.1", () => listening(server.address().port))
	return {seen: () => JSON.stringify(seen), close: () => { server.close(); sockets.forEach(s => s.destroy()) }}
}`

// seenByNode is a request that arrived.
type seenByNode struct {
	Verb    string            `json:"verb"`
	Method  string            `json:"method"`
	Body    string            `json:"body"`
	Headers map[string]string `json:"headers"`
}

// newNodePortal starts a nodeServer. It returns the address of a webhook and what arrived.
func newNodePortal(t *testing.T) (url string, seen func() []seenByNode) {
	t.Helper()
	port := make(chan string, 1)
	listening := js.FuncOf(func(_ js.Value, args []js.Value) any { port <- strconv.Itoa(args[0].Int()); return nil })
	server := js.Global().Call("eval", nodeServer).Invoke(listening)
	t.Cleanup(func() { server.Call("close"); listening.Release() })
	return "http://127.0.0.1:" + <-port + "/rest/1/" + marker + "/", func() (list []seenByNode) {
		assert.NoError(t, json.Unmarshal([]byte(server.Call("seen").String()), &list))
		return list
	}
}

func newNodeHook(t *testing.T, opts ...b24.Option) (*b24.Hook, func() []seenByNode) {
	t.Helper()
	url, seen := newNodePortal(t)
	h, err := b24.FromWebhookURL(url, opts...)
	require.NoError(t, err)
	h.OffClientSideWarning()
	t.Cleanup(func() { _ = h.Close() })
	return h, seen
}

type profile struct{ ID string }

// The default client makes calls here, by fetch.
func TestClientSideCalls(t *testing.T) {
	t.Parallel()
	h, seen := newNodeHook(t, b24.WithUserAgent("acme/1.0"))
	for method, want := range map[string]string{"profile": "7", "packed.get": "8"} {
		got, err := b24.Call[profile](t.Context(), h, method, b24.Params{"a": "б"})
		require.NoError(t, err)
		assert.Equal(t, want, got.ID)
	}
	resp, err := h.HTTPClient().Get(h.TargetOriginWithPath() + "/packed.get")
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Empty(t, resp.Header.Get("Content-Encoding"))
	assert.Equal(t, http.StatusOK, resp.StatusCode)

	r := seen()
	require.Len(t, r, 3)
	assert.Equal(t, http.MethodPost, r[0].Verb)
	assert.JSONEq(t, `{"a":"б"}`, r[0].Body)
	assert.Equal(t, "application/json", r[0].Headers["content-type"])
	for _, forbidden := range []string{"x-request-id", "js.fetch:redirect"} { // a browser would not send the request
		assert.NotContains(t, r[0].Headers, forbidden)
	}
	assert.NotContains(t, r[0].Headers["user-agent"], "acme")
}

// A redirect is an error, or followed by a POST of ours; a GET in place of the POST is never sent.
func TestClientSideRedirects(t *testing.T) {
	t.Parallel()
	h, seen := newNodeHook(t)
	_, err := h.CallMethod(t.Context(), "moved.add", nil)
	var re *b24.RedirectError
	require.ErrorAs(t, err, &re)
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
	require.Len(t, seen(), 1)
	assert.Equal(t, http.MethodPost, seen()[0].Verb)
}

// browserFetch is fetch as a browser has it: a redirect that is not followed is an answer of
// which nothing can be read. That of Node.js shows it.
const browserFetch = `(fetch) => async (url, init) => {
	const response = await fetch(url, init)
	if (init.redirect !== "manual" || response.status < 300 || response.status > 399) return response
	return {type: "opaqueredirect", status: 0, ok: false, redirected: false, url: url, headers: new Headers(), body: null,
		arrayBuffer: async () => new ArrayBuffer(0)}
}`

//nolint:paralleltest // it changes fetch for all
func TestClientSideRedirectsOfABrowser(t *testing.T) {
	plain := js.Global().Get("fetch")
	js.Global().Set("fetch", js.Global().Call("eval", browserFetch).Invoke(plain))
	defer js.Global().Set("fetch", plain)
	clients := map[string][]b24.Option{"own": nil}
	if !strings.HasPrefix(js.Global().Get("process").Get("argv0").String(), "node") { // net/http uses no fetch there
		clients["caller's"] = []b24.Option{b24.WithHTTPClient(&http.Client{})}
		clients["wrapped"] = []b24.Option{b24.WithHTTPClient(&http.Client{Transport: roundTripper(http.DefaultTransport.RoundTrip)})}
	}
	for name, opts := range clients {
		h, seen := newNodeHook(t, opts...)
		_, err := h.CallMethod(t.Context(), "moved.add", nil)
		var re *b24.RedirectError
		require.ErrorAs(t, err, &re, name)
		assert.Zero(t, re.Status, name)
		assert.Empty(t, re.Origin, name)
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err), name)
		assert.Len(t, seen(), 1, name)
		assert.Contains(t, err.Error(), "the browser hides the target", name)
		_, err = h.CallMethod(t.Context(), "profile", nil)
		require.NoError(t, err, name)
	}
}

// What goes wrong is told as everywhere: no answer means that the portal may have executed it.
func TestClientSideFailures(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]error{
		"silent.add": context.DeadlineExceeded, "slow.add": context.DeadlineExceeded, "cut.add": nil, "large.get": b24.ErrResponseTooLarge,
	} {
		h, _ := newNodeHook(t, b24.WithTimeout(300*time.Millisecond), b24.WithMaxResponseBytes(1000))
		_, err := h.CallMethod(t.Context(), method, nil)
		var te *b24.TransportError
		require.ErrorAs(t, err, &te, method)
		if want != nil {
			require.ErrorIs(t, err, want, method)
		}
		assert.True(t, b24.MayHaveExecuted(err), method)
	}
	h, err := b24.FromWebhookURL("http://127.0.0.1:47113/rest/1/" + marker)
	require.NoError(t, err)
	h.OffClientSideWarning()
	_, err = h.CallMethod(t.Context(), "crm.deal.add", nil)
	require.ErrorContains(t, err, "ECONNREFUSED")
	assert.NotContains(t, err.Error(), marker)

	ctx, cancel := context.WithCancel(t.Context())
	h, _ = newNodeHook(t)
	time.AfterFunc(100*time.Millisecond, cancel)
	_, err = h.CallMethod(ctx, "silent.add", nil)
	require.ErrorIs(t, err, context.Canceled)
}
