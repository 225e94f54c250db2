package file_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

// A host whose name leads into a private network gets not one byte of the request.
func TestHostsInPrivateNetworks(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		var asked atomic.Int64
		inner := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.Header().Set("Content-Disposition", attachment)
			_, _ = io.WriteString(w, "inner")
		}))
		inner.EnableHTTP2 = http2
		inner.StartTLS()
		t.Cleanup(inner.Close)
		front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Redirect(w, &http.Request{}, "https://example.com/latest/"+signature, http.StatusFound)
		}))
		t.Cleanup(front.Close)
		roots := x509.NewCertPool()
		roots.AddCert(inner.Certificate())
		tr := inner.Client().Transport.(*http.Transport).Clone()
		tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if strings.HasPrefix(addr, "example.com:") { // a name that leads to this machine
				addr = inner.Listener.Addr().String()
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}
		for _, rt := range []http.RoundTripper{tr, around{tr}} {
			h, err := b24.FromWebhookURL(front.URL+"/rest/1/"+secret+"/", b24.WithHTTPClient(&http.Client{Transport: rt}))
			require.NoError(t, err)
			link := b24.NewFileURL(front.URL + "/rest/1/" + secret + "/download/?token=" + token)
			for _, link := range []b24.FileURL{link, b24.NewFileURL("https://example.com/x" + signature)} {
				_, err = file.Download(t.Context(), h, link, io.Discard)
				require.ErrorIs(t, err, b24.ErrFileURL)
				assert.ErrorContains(t, err, "not public")
				harmless(t, err)
				assert.Zero(t, asked.Load())
			}
			var got bytes.Buffer
			_, err = file.Download(t.Context(), h, link, &got, file.WithFileHosts("example.com"))
			require.NoError(t, err)
			assert.Equal(t, "inner", got.String())
			asked.Store(0)
			_, err = file.Download(t.Context(), h, link, io.Discard) // the connection is there already
			require.ErrorIs(t, err, b24.ErrFileURL)
			assert.Zero(t, asked.Load())
			require.NoError(t, h.Close())
		}
	}
}

type around struct{ http.RoundTripper }

// size is how large the files of the long proofs are, in MiB.
func mebibytes() int64 {
	if n, err := strconv.ParseInt(os.Getenv("B24_FILE_MIB"), 10, 64); err == nil {
		return n
	}
	return 64
}

// endless is noise of some size that nobody holds in memory.
type endless struct {
	left  int64
	piece []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), e.left)], e.piece)
	e.left -= int64(n)
	return n, nil
}

// peak watches the memory until the returned function is called, which returns the most that was in use, in MiB.
func peak() (stop func() uint64) {
	done, result := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-done:
				result <- most >> 20
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(done); return <-result }
}

// A large file goes up and down through sockets, with connections that are cut, and memory stays flat.
func TestLargeFilesTakeNoMemory(t *testing.T) { //nolint:paralleltest // it measures memory
	size := mebibytes() << 20
	piece := noise(64 << 10)
	var stored, answers atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "uploadFile"):
			_, _ = fmt.Fprintf(w, `{"result":{"field":"file","uploadUrl":"/rest/1/%s/upload/?token=%s"}}`, secret, token)
		case strings.Contains(r.URL.Path, "/upload/"):
			form, err := r.MultipartReader()
			if !assert.NoError(t, err) {
				return
			}
			part, err := form.NextPart()
			if !assert.NoError(t, err) {
				return
			}
			n, err := io.Copy(io.Discard, part)
			assert.NoError(t, err)
			stored.Store(n)
			_, _ = fmt.Fprintf(w, `{"result":{"ID":1,"SIZE":%d}}`, n)
		default:
			var from int64
			_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
			w.Header().Set("Content-Disposition", attachment)
			w.Header().Set("Content-Length", strconv.FormatInt(size-from, 10))
			if from > 0 {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, size-1, size))
				w.WriteHeader(http.StatusPartialContent)
			}
			out := io.LimitReader(&periodic{piece, from}, size-from)
			if answers.Add(1) < 4 {
				out = io.LimitReader(out, size/4)
				defer panic(http.ErrAbortHandler)
			}
			_, _ = io.Copy(w, out)
		}
	}))
	defer srv.Close()
	h, err := b24.FromWebhookURL(srv.URL+"/rest/1/"+secret+"/", b24.WithRetry(b24.RetryPolicy{BaseDelay: 1, MaxDelay: 1}))
	require.NoError(t, err)
	defer h.Close()
	stop := peak()

	start := time.Now()
	s, err := file.Upload(t.Context(), h, file.Folder("1"), file.File{Name: "a", Size: size, Body: &endless{size, piece}})
	up := time.Since(start)
	require.NoError(t, err)
	assert.Equal(t, size, int64(s.Size))
	start = time.Now()
	sum := &comparing{t: t, want: &periodic{piece, 0}}
	info, err := file.Download(t.Context(), h, b24.NewFileURL("/rest/1/"+secret+"/download/?token="+token), sum)
	down := time.Since(start)
	require.NoError(t, err)
	assert.Equal(t, size, info.Size)
	assert.Equal(t, int64(4), answers.Load())

	most := stop()
	t.Logf("%d MiB: up %v, down %v with 3 breaks, at most %d MiB in use, client and server together", size>>20, up, down, most)
	assert.Less(t, most, uint64(40))
}

// periodic is a file that repeats a piece, from some place on.
type periodic struct {
	piece []byte
	at    int64
}

func (p *periodic) Read(b []byte) (int, error) {
	n := copy(b, p.piece[p.at%int64(len(p.piece)):])
	p.at += int64(n)
	return n, nil
}

type comparing struct {
	t    *testing.T
	want io.Reader
	buf  []byte
}

func (c *comparing) Write(p []byte) (int, error) {
	c.buf = append(c.buf[:0], p...)
	_, _ = io.ReadFull(c.want, c.buf)
	require.True(c.t, bytes.Equal(c.buf, p))
	return len(p), nil
}

// An upload whose connection breaks in the middle did not arrive, and is not sent again.
func TestUploadThatBreaksInTheMiddle(t *testing.T) {
	t.Parallel()
	var uploads atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "uploadFile") {
			_, _ = fmt.Fprintf(w, `{"result":{"field":"file","uploadUrl":"/rest/1/%s/upload/?token=%s"}}`, secret, token)
			return
		}
		uploads.Add(1)
		_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
		panic(http.ErrAbortHandler)
	}))
	defer srv.Close()
	h, err := b24.FromWebhookURL(srv.URL + "/rest/1/" + secret + "/")
	require.NoError(t, err)
	defer h.Close()
	_, err = file.Upload(t.Context(), h, file.Folder("1"), file.File{Name: "a", Size: 64 << 20, Body: &endless{64 << 20, noise(1 << 16)}})
	harmless(t, err)
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err), "the portal cannot have got all of it: %v", err)
	assert.Equal(t, int64(1), uploads.Load())
}
