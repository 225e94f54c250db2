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

// Default returns what the requests of a client go through that was given nothing else.
//
// net/http has such a RoundTripper as well. It takes a program under Node.js for a test
// and dials a network that is not there (go.dev/issue/57613), and it leaves promises without
// an owner that Node.js ends the program for.
func Default() http.RoundTripper { return fetch{} }

// fetch sends requests by the Fetch API of a browser or of Node.js. It follows no redirect:
// a POST would become a GET. A browser keeps to itself where a redirect leads, and with
// which status: the status of the response is then 0.
type fetch struct{}

func (fetch) RoundTrip(r *http.Request) (*http.Response, error) {
	if js.Global().Get("fetch").Type() != js.TypeFunction {
		return nil, errors.New("there is no fetch here")
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
	if packed { // it was, and fetch says so still
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
	defer r.Body.Close() //nolint:errcheck // it was read
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

// fetchedBody reads the stream that is the body of a response.
type fetchedBody struct {
	reader js.Value // null: there is no body
	chunk  bytes.Reader
	stop   func() bool // the end of the context ends the request until then
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

// Close gives up what was not read.
func (b *fetchedBody) Close() error {
	b.stop()
	if !b.reader.IsNull() {
		_, _ = await(b.reader.Call("cancel")) // fails where the stream did, of which Read told
	}
	return nil
}

// await waits for a promise to be settled.
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

// reasonOf is what a promise was rejected with, and what it was caused by: "fetch failed" alone
// says nothing.
func reasonOf(rejection js.Value) error {
	text := js.Global().Get("String").Invoke(rejection).String()
	if rejection.Type() == js.TypeObject && rejection.Get("cause").Truthy() {
		text += ": " + js.Global().Get("String").Invoke(rejection.Get("cause")).String()
	}
	return errors.New(text)
}

// unfollowed returns h with the options by which net/http follows no redirect where it uses
// fetch: http.DefaultTransport does, and what wraps it. Where it does not they would be headers
// that cannot be sent.
func unfollowed(base http.RoundTripper, h http.Header) http.Header {
	if _, own := base.(fetch); own || !fetches(base) {
		return h
	}
	h = h.Clone() // net/http takes the options out
	h["js.fetch:redirect"] = []string{"manual"}
	h["js.fetch:mode"] = []string{"cors"} // the default; by no-cors any answer would look like a redirect
	return h
}

// fetches reports whether net/http would use fetch, as it decides itself in roundtrip_js.go. Of
// a RoundTripper of the caller's nothing is known: it is taken for one that asks net/http.
func fetches(base http.RoundTripper) bool {
	process := js.Global().Get("process")
	node := process.Type() == js.TypeObject && strings.HasPrefix(process.Get("argv0").String(), "node")
	if node || js.Global().Get("fetch").IsUndefined() {
		return false
	}
	t, ok := base.(*http.Transport)
	return !ok || t.DialContext == nil && t.DialTLSContext == nil && t.Dial == nil && t.DialTLS == nil //nolint:staticcheck // they count
}
