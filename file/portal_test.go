package file_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

const (
	secret    = "s3cr3tmarker7x"
	signature = "InNpZ25hdHVyZW1hcmtlciI.9y8x7w6v5u"
	token     = "disk%7CaWQ9MQ%3D%3D%7C" + signature
)

// portal is a portal in memory: one function answers all requests.
type portal struct {
	host   string
	answer func(r *http.Request, n int) *answer // n counts from 1; nil: the connection breaks

	mu   sync.Mutex
	seen []seen
}

// seen is a request that came.
type seen struct {
	method, url string
	header      http.Header
	body        []byte
	length      int64
}

var hosts atomic.Int64 //nolint:gochecknoglobals // the budget of a portal is shared by its host

func newPortal(answer func(r *http.Request, n int) *answer) *portal {
	return &portal{host: fmt.Sprintf("p%d.bitrix24.com", hosts.Add(1)), answer: answer}
}

// RoundTrip implements http.RoundTripper.
func (p *portal) RoundTrip(r *http.Request) (*http.Response, error) {
	one := seen{method: r.Method, url: r.URL.String(), header: r.Header.Clone(), length: r.ContentLength}
	if r.Body != nil {
		var err error
		one.body, err = io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("cannot send to %s: %w", r.URL, err)
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.seen = append(p.seen, one)
	n := len(p.seen)
	p.mu.Unlock()
	resp := p.answer(r, n)
	if resp == nil {
		return nil, fmt.Errorf("cannot reach %s: %w", r.URL, io.ErrUnexpectedEOF)
	}
	resp.Request = r
	return resp.Response, nil
}

func (p *portal) requests() []seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]seen(nil), p.seen...)
}

func (p *portal) link() b24.FileURL { return b24.NewFileURL(p.address("download")) }

func (p *portal) address(method string) string {
	return "https://" + p.host + "/rest/1/" + secret + "/" + method + "/?token=" + token
}

func (p *portal) hook(t *testing.T, opts ...b24.Option) *b24.Hook {
	t.Helper()
	h, err := b24.FromWebhookURL("https://"+p.host+"/rest/1/"+secret+"/", append([]b24.Option{
		b24.WithHTTPClient(&http.Client{Transport: p}), b24.WithLimiter(&counting{}),
		b24.WithRetry(b24.RetryPolicy{BaseDelay: time.Microsecond, MaxDelay: time.Microsecond}),
	}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// answer is an answer, which the RoundTripper hands out.
type answer struct{ *http.Response }

// reply is an answer.
func reply(status int, body io.Reader, header ...string) *answer {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	length := int64(-1)
	if b, ok := body.(interface{ Len() int }); ok {
		length = int64(b.Len())
	}
	closer, ok := body.(io.ReadCloser)
	if !ok {
		closer = io.NopCloser(body)
	}
	return &answer{&http.Response{StatusCode: status, Header: h, Body: closer, ContentLength: length, ProtoMajor: 1, ProtoMinor: 1}}
}

const attachment = `attachment; filename="report.bin"; filename*=utf-8''report.bin`

// whole is a file as a portal sends it.
func whole(content []byte) *answer {
	return reply(http.StatusOK, bytes.NewReader(content), "Content-Type", "application/octet-stream", "Content-Disposition", attachment)
}

func jsonReply(status int, text string) *answer {
	return reply(status, strings.NewReader(text), "Content-Type", "application/json; charset=utf-8")
}

// ranged answers a request for a range as a portal does, and cuts the answer after some bytes.
func ranged(r *http.Request, content []byte, cut int) *answer {
	from := 0
	resp := whole(content)
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil {
		resp = reply(http.StatusPartialContent, bytes.NewReader(content[from:]), "Content-Type", "application/octet-stream", "Content-Disposition", attachment,
			"Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
	}
	resp.Body = cutAfter(content[from:], cut)
	return resp
}

// cutAfter is a body that breaks after some bytes.
func cutAfter(content []byte, n int) io.ReadCloser {
	if n >= len(content) {
		return io.NopCloser(bytes.NewReader(content))
	}
	return io.NopCloser(io.MultiReader(bytes.NewReader(content[:n]), failing{io.ErrUnexpectedEOF}))
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(2463534242)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

// harmless wants no secret in an error, nor in anything that it wraps.
func harmless(t *testing.T, err error, more ...string) {
	t.Helper()
	require.Error(t, err)
	for todo := []error{err}; len(todo) > 0; todo = todo[1:] {
		text := fmt.Sprintf("%v %+v %#v %s", todo[0], todo[0], todo[0], todo[0].Error())
		for _, hidden := range append(more, secret, signature, token) {
			assert.NotContains(t, strings.ToLower(text), strings.ToLower(hidden))
		}
		switch e := todo[0].(type) { //nolint:errorlint // link by link
		case interface{ Unwrap() error }:
			if e.Unwrap() != nil {
				todo = append(todo, e.Unwrap())
			}
		case interface{ Unwrap() []error }:
			todo = append(todo, e.Unwrap()...)
		}
	}
}

// blocking is a body that sends some bytes and then nothing until its request ends.
type blocking struct {
	ctx  context.Context
	rest *bytes.Reader
	shut atomic.Bool
}

func (b *blocking) Read(p []byte) (int, error) {
	if b.rest.Len() > 0 {
		return b.rest.Read(p)
	}
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (b *blocking) Close() error {
	b.shut.Store(true)
	return nil
}
