package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall/js"
)

// Default returns the RoundTripper of a client that was not given one.
//
// net/http has such a RoundTripper as well. But it takes a program under Node.js for a test and
// dials a network that does not exist (go.dev/issue/57613), and it leaves rejected promises
// unhandled, for which Node.js ends the program.
func Default() http.RoundTripper { return fetch{} }

// fetch sends requests with the Fetch API of a browser or of Node.js. It follows no redirects: a
// POST would become a GET. A browser does not reveal the target and the status of a redirect: the
// status of the response is then 0.
type fetch struct{}

func (fetch) RoundTrip(r *http.Request) (*http.Response, error) {
	if js.Global().Get("fetch").Type() != js.TypeFunction {
		return nil, errors.New("fetch is not available")
	}
	init, err := fetchInit(r)
	if err != nil {
		return nil, err
	}
	abort := js.Global().Get("AbortController").New()
	init.Set("signal", abort.Get("signal"))
	stop := context.AfterFunc(r.Context(), func() { abort.Call("abort") })
	response, err := await(js.Global().Call("fetch", r.URL.String(), init))
	if err != nil {
		stop()
		return nil, fmt.Errorf("fetch: %w", err)
	}
	status, kind := response.Get("status").Int(), response.Get("type").String()
	if status == 0 && kind != "opaqueredirect" {
		stop()
		return nil, fmt.Errorf("fetch: the answer cannot be read, it is of type %s", kind)
	}
	header := fetchedHeader(response)
	packed := header.Get("Content-Encoding") != ""
	if packed { // it was compressed; fetch has decompressed it but keeps the header
		header.Del("Content-Encoding")
		header.Del("Content-Length")
	}
	return &http.Response{
		StatusCode: status, Status: fmt.Sprint(status, " ", http.StatusText(status)),
		Header: header, Body: newFetchedBody(response, stop), ContentLength: -1,
		Uncompressed: packed, Request: r,
	}, nil
}

// fetchInit describes a request to fetch.
func fetchInit(r *http.Request) (js.Value, error) {
	headers := js.Global().Get("Headers").New()
	for name, values := range r.Header {
		for _, value := range values {
			headers.Call("append", name, value)
		}
	}
	init := js.ValueOf(map[string]any{"method": r.Method, "headers": headers, "redirect": "manual"})
	if r.Body == nil {
		return init, nil
	}
	defer r.Body.Close() //nolint:errcheck // it has been read
	body, err := io.ReadAll(r.Body)
	if err == nil && len(body) > 0 {
		array := js.Global().Get("Uint8Array").New(len(body))
		js.CopyBytesToJS(array, body)
		init.Set("body", array)
	}
	return init, err
}

func fetchedHeader(response js.Value) http.Header {
	header := http.Header{}
	for entries := response.Get("headers").Call("entries"); ; {
		next := entries.Call("next")
		if next.Get("done").Bool() {
			return header
		}
		header.Add(next.Get("value").Index(0).String(), next.Get("value").Index(1).String())
	}
}

// fetchedBody reads the stream of a response body.
type fetchedBody struct {
	reader js.Value // null if there is no body
	chunk  bytes.Reader
	stop   func() bool // until then, the end of the context aborts the request
}

func newFetchedBody(response js.Value, stop func() bool) *fetchedBody {
	b := &fetchedBody{reader: js.Null(), stop: stop}
	if stream := response.Get("body"); stream.Truthy() {
		b.reader = stream.Call("getReader")
	}
	return b
}

func (b *fetchedBody) Read(p []byte) (int, error) {
	for b.chunk.Len() == 0 {
		if b.reader.IsNull() {
			return 0, io.EOF
		}
		next, err := await(b.reader.Call("read"))
		switch {
		case err != nil:
			return 0, fmt.Errorf("fetch: %w", err)
		case next.Get("done").Bool():
			return 0, io.EOF
		}
		value := next.Get("value")
		chunk := make([]byte, value.Get("byteLength").Int())
		js.CopyBytesToGo(chunk, value)
		b.chunk.Reset(chunk)
	}
	return b.chunk.Read(p)
}

// Close abandons what was not read.
func (b *fetchedBody) Close() error {
	b.stop()
	if !b.reader.IsNull() {
		_, _ = await(b.reader.Call("cancel")) // fails if the stream has failed, which Read has reported
	}
	return nil
}

func await(promise js.Value) (js.Value, error) {
	var value js.Value
	var err error
	settled := make(chan struct{})
	fulfilled := js.FuncOf(func(_ js.Value, args []js.Value) any {
		value = args[0]
		close(settled)
		return nil
	})
	defer fulfilled.Release()
	rejected := js.FuncOf(func(_ js.Value, args []js.Value) any {
		err = reasonOf(args[0])
		close(settled)
		return nil
	})
	defer rejected.Release()
	promise.Call("then", fulfilled, rejected)
	<-settled
	return value, err
}

// reasonOf returns the reason of a rejection, including its cause: "fetch failed" alone says
// nothing.
func reasonOf(rejection js.Value) error {
	text := js.Global().Get("String").Invoke(rejection).String()
	if rejection.Type() == js.TypeObject && rejection.Get("cause").Truthy() {
		text += ": " + js.Global().Get("String").Invoke(rejection.Get("cause")).String()
	}
	return errors.New(text)
}

// unfollowed returns h with the options that make net/http follow no redirects if it uses fetch, as
// http.DefaultTransport and its wrappers do. If it does not use fetch, they would be headers that
// cannot be sent.
func unfollowed(base http.RoundTripper, h http.Header) http.Header {
	if _, own := base.(fetch); own || !fetches(base) {
		return h
	}
	h = h.Clone() // net/http deletes the options from it
	h["js.fetch:redirect"] = []string{"manual"}
	h["js.fetch:mode"] = []string{"cors"} // the default; with no-cors, every answer would look like a redirect
	return h
}

// fetches reports whether net/http would use fetch, by the same conditions as in roundtrip_js.go.
// The caller's own RoundTripper is assumed to use net/http.
func fetches(base http.RoundTripper) bool {
	process := js.Global().Get("process")
	node := process.Type() == js.TypeObject && strings.HasPrefix(process.Get("argv0").String(), "node")
	if node || js.Global().Get("fetch").IsUndefined() {
		return false
	}
	t, ok := base.(*http.Transport)
	return !ok || t.DialContext == nil && t.DialTLSContext == nil && t.Dial == nil && t.DialTLS == nil //nolint:staticcheck // deprecated fields also count
}
