package file_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

func TestDownload(t *testing.T) {
	t.Parallel()
	content := noise(300_000)
	p := newPortal(func(*http.Request, int) *answer {
		return reply(200, bytes.NewReader(content), "Content-Type", "application/pdf", "Content-Disposition", `attachment; filename="A.pdf"; filename*=utf-8''%D0%90.pdf`)
	})
	var got bytes.Buffer
	var steps []file.Progress
	h := p.hook(t)

	info, err := file.Download(t.Context(), h, p.link(), &got, file.WithSize(300_000), file.WithProgress(func(p file.Progress) { steps = append(steps, p) }))

	require.NoError(t, err)
	assert.Equal(t, content, got.Bytes())
	assert.Equal(t, file.Info{Name: "А.pdf", Size: 300_000, ContentType: "application/pdf"}, info)
	assert.Equal(t, file.Progress{Done: 300_000, Total: 300_000}, steps[len(steps)-1])
	require.Len(t, p.requests(), 1)
	r := p.requests()[0]
	assert.Equal(t, p.address("download"), r.url, "byte for byte")
	assert.Equal(t, "GET", r.method)
	assert.Equal(t, "*/*", r.header.Get("Accept"))
	assert.Equal(t, "en-US,en;q=0.9", r.header.Get("Accept-Language"))
	assert.Equal(t, "https://"+p.host+"/", r.header.Get("Referer"))
	assert.Contains(t, r.header.Get("User-Agent"), "b24-go/")
	assert.Empty(t, r.header.Get("Authorization")+r.header.Get("Cookie")+r.header.Get("Range"))
	stats := h.Stats()
	assert.Equal(t, int64(1), stats.Methods["download"].Calls)
	assert.Equal(t, int64(1), stats.Succeeded)
}

// What is not the file is never written.
func TestOnlyFilesAreFiles(t *testing.T) {
	t.Parallel()
	const page, object = "<!DOCTYPE html><html>sign in</html>", `{"result":{"a":1}}`
	for name, row := range map[string]struct {
		resp func() *answer
		want any // an error to match, or nil for a file
		is   string
	}{
		"404 that names the file": {func() *answer {
			return reply(404, strings.NewReader(page), "Content-Type", "text/html", "Content-Disposition", attachment)
		}, b24.ErrBadResponse, "status 404"},
		"200 with an error": {func() *answer {
			return jsonReply(200, `{"error":"ACCESS_DENIED","error_description":"Link check failed"}`)
		}, b24.ErrAccessDenied, "Link check failed"},
		"401": {func() *answer { return jsonReply(401, `{"error":"expired_token"}`) }, b24.ErrExpiredToken, ""},
		"an error that names it": {func() *answer {
			return reply(500, strings.NewReader(`{"error":"ERROR_CORE"}`), "Content-Disposition", attachment)
		}, b24.ErrCore, ""},
		"a login page": {func() *answer {
			return reply(200, strings.NewReader(page), "Content-Type", "text/html; charset=utf-8")
		}, b24.ErrBadResponse, "urlMachine"},
		"a page without a type":   {func() *answer { return reply(200, strings.NewReader(page)) }, b24.ErrBadResponse, ""},
		"an error without a type": {func() *answer { return reply(200, strings.NewReader(`{"error":"ACCESS_DENIED"}`)) }, b24.ErrAccessDenied, ""},
		"an answer of a method":   {func() *answer { return jsonReply(200, object) }, b24.ErrBadResponse, "not a file"},
		"nothing found":           {func() *answer { return jsonReply(200, `{"result":null}`) }, b24.ErrBadResponse, ""},
		"no content":              {func() *answer { return reply(204, strings.NewReader("")) }, b24.ErrBadResponse, ""},
		"a part nobody asked for": {func() *answer {
			return reply(206, strings.NewReader("abc"), "Content-Range", "bytes 0-2/9", "Content-Disposition", attachment)
		}, b24.ErrBadResponse, ""},
		"unknown encoding": {func() *answer {
			return reply(200, strings.NewReader("abc"), "Content-Encoding", "br", "Content-Disposition", attachment)
		}, b24.OutcomeRefused, "encoded"},
		"a stored JSON file": {func() *answer {
			return reply(200, strings.NewReader(`{"error":1}`), "Content-Type", "application/json", "Content-Disposition", attachment)
		}, nil, ""},
		"a stored page": {func() *answer {
			return reply(200, strings.NewReader(page), "Content-Type", "text/html", "Content-Disposition", attachment)
		}, nil, ""},
		"an image of a storage":     {func() *answer { return reply(200, strings.NewReader("\x89PNG"), "Content-Type", "image/png") }, nil, ""},
		"bytes without any headers": {func() *answer { return reply(200, strings.NewReader("\x00\x01\x02")) }, nil, ""},
		"an empty file":             {func() *answer { return whole(nil) }, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(func(*http.Request, int) *answer { return row.resp() })
			w := &touched{}
			_, err := file.Download(t.Context(), p.hook(t), p.link(), w)
			if row.want == nil {
				require.NoError(t, err)
				return
			}
			if want, ok := row.want.(error); ok {
				require.ErrorIs(t, err, want)
			}
			harmless(t, err)
			assert.ErrorContains(t, err, row.is)
			assert.ErrorContains(t, err, "b24: download: ")
			if te, ok := errors.AsType[*b24.TransportError](err); ok {
				assert.NotContains(t, te.Error(), "executed the call", "a download executes nothing")
			}
			assert.False(t, w.yes.Load())
		})
	}
}

type touched struct{ yes atomic.Bool }

func (w *touched) Write(p []byte) (int, error) {
	w.yes.Store(true)
	return len(p), nil
}

// Wherever connections break, and whether or not the portal heeds ranges, the file is whole.
func TestBreaksAreResumed(t *testing.T) {
	t.Parallel()
	content := noise(50_000)
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		heeds, cuts := seed%3 != 0, rnd.IntN(6)
		p := newPortal(func(r *http.Request, n int) *answer {
			cut := len(content)
			if n <= cuts {
				cut = rnd.IntN(len(content))
				if rnd.IntN(4) == 0 {
					cut = rnd.IntN(3)
				}
			}
			if n <= cuts && rnd.IntN(5) == 0 && n%2 == 0 {
				return nil
			}
			if !heeds {
				r.Header.Del("Range")
			}
			return ranged(r, content, cut)
		})
		var got bytes.Buffer
		info, err := file.Download(t.Context(), p.hook(t, b24.WithRetry(b24.RetryPolicy{MaxAttempts: 9, BaseDelay: 1, MaxDelay: 1})), p.link(), &got)
		require.NoError(t, err, seed)
		require.True(t, bytes.Equal(content, got.Bytes()), seed)
		require.Equal(t, int64(len(content)), info.Size)
	}
}

func TestRangesThatAreAskedFor(t *testing.T) {
	t.Parallel()
	content := noise(10_000)
	for etag, want := range map[string]string{"": "", `"v1"`: `"v1"`, `W/"v1"`: ""} {
		p := newPortal(func(r *http.Request, n int) *answer {
			resp := ranged(r, content, 5000+n*20_000-20_000)
			if etag != "" {
				resp.Header.Set("ETag", etag)
			}
			return resp
		})
		_, err := file.Download(t.Context(), p.hook(t), p.link(), io.Discard)
		require.NoError(t, err)
		require.Len(t, p.requests(), 2)
		assert.Equal(t, fmt.Sprintf("bytes=%d-", 5000-1024), p.requests()[1].header.Get("Range"))
		assert.Equal(t, want, p.requests()[1].header.Get("If-Range"))
	}
}

// A file that was replaced in the middle is not put together from both.
func TestFilesThatChangeAreNotMixed(t *testing.T) {
	t.Parallel()
	before, after := noise(20_000), noise(20_001)[1:]
	for name, second := range map[string]func(r *http.Request) *answer{
		"range":        func(r *http.Request) *answer { return ranged(r, after, len(after)) },
		"whole":        func(*http.Request) *answer { return whole(after) },
		"shorter":      func(r *http.Request) *answer { return ranged(r, before[:15_000], 20_000) },
		"longer":       func(*http.Request) *answer { return whole(append(bytes.Clone(before), 1)) },
		"end replaced": func(*http.Request) *answer { return whole(append(bytes.Clone(after[:9000]), before[9000:]...)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(func(r *http.Request, n int) *answer {
				if n == 1 {
					return ranged(r, before, 10_000)
				}
				return second(r)
			})
			var got bytes.Buffer
			info, err := file.Download(t.Context(), p.hook(t), p.link(), &got)
			require.ErrorIs(t, err, file.ErrChanged)
			harmless(t, err)
			assert.Equal(t, int64(10_000), info.Size)
			assert.Equal(t, before[:10_000], got.Bytes())
			assert.Len(t, p.requests(), 2)
		})
	}
}

func TestPartsThatAreNotTheOneAskedFor(t *testing.T) {
	t.Parallel()
	content := noise(20_000)
	for _, header := range []string{"", "bytes 0-19999/20000", "bytes 8977-19999/20000", "bytes 8976-9999/20000", "items 8976-19999/20000", "bytes 8976-19999/x", "bytes */20000", "bytes 9-8/20000"} {
		p := newPortal(func(r *http.Request, n int) *answer {
			if n == 1 {
				return ranged(r, content, 10_000)
			}
			resp := ranged(r, content, len(content))
			resp.Header.Set("Content-Range", header)
			return resp
		})
		_, err := file.Download(t.Context(), p.hook(t), p.link(), io.Discard)
		require.Error(t, err, header)
		harmless(t, err)
	}
	p := newPortal(func(r *http.Request, n int) *answer {
		if n == 1 {
			return ranged(r, content, 10_000)
		}
		return reply(416, strings.NewReader(""), "Content-Range", "bytes */5")
	})
	_, err := file.Download(t.Context(), p.hook(t), p.link(), io.Discard)
	require.ErrorContains(t, err, "status 416")
	assert.Len(t, p.requests(), 2)
}

// A portal that gives nothing more is asked MaxAttempts times, and what came is reported.
func TestBreaksWithoutEnd(t *testing.T) {
	t.Parallel()
	content := noise(20_000)
	p := newPortal(func(r *http.Request, n int) *answer {
		if n == 1 {
			return ranged(r, content, 10_000)
		}
		return ranged(r, content, 500) // less than what is compared
	})
	var got bytes.Buffer
	info, err := file.Download(t.Context(), p.hook(t), p.link(), &got)
	var te *b24.TransportError
	require.ErrorAs(t, err, &te)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	harmless(t, err)
	assert.Equal(t, int64(10_000), info.Size)
	assert.Equal(t, 10_000, got.Len())
	assert.Len(t, p.requests(), 3)

	gone := newPortal(func(*http.Request, int) *answer { return nil })
	_, err = file.Download(t.Context(), gone.hook(t), gone.link(), &got)
	harmless(t, err)
	assert.Len(t, gone.requests(), 3)
}

func TestSizes(t *testing.T) {
	t.Parallel()
	content := noise(20_000)
	endless := func() *answer { // the connection ends the file
		resp := whole(content)
		resp.ContentLength = -1
		return resp
	}
	chunked := func() *answer {
		resp := endless()
		resp.TransferEncoding = []string{"chunked"}
		return resp
	}
	short := func() *answer {
		resp := whole(content)
		resp.Body = io.NopCloser(bytes.NewReader(content[:500])) // as a RoundTripper that does not count
		return resp
	}
	for name, row := range map[string]struct {
		resp    func() *answer
		opts    []file.DownloadOption
		want    error
		written int64
	}{
		"as announced":       {func() *answer { return whole(content) }, []file.DownloadOption{file.WithSize(20_000), file.WithMaxSize(20_000)}, nil, 20_000},
		"not as expected":    {func() *answer { return whole(content) }, []file.DownloadOption{file.WithSize(19_999)}, file.ErrSize, 0},
		"too large":          {func() *answer { return whole(content) }, []file.DownloadOption{file.WithMaxSize(19_999)}, file.ErrTooLarge, 0},
		"chunks":             {chunked, nil, nil, 20_000},
		"chunks, too few":    {chunked, []file.DownloadOption{file.WithSize(20_001)}, file.ErrSize, 20_000},
		"chunks, too many":   {chunked, []file.DownloadOption{file.WithSize(500)}, file.ErrSize, 0},
		"chunks, too large":  {chunked, []file.DownloadOption{file.WithMaxSize(19_999)}, file.ErrTooLarge, 0},
		"no end":             {endless, nil, errors.ErrUnsupported, 20_000},
		"no end, but a size": {endless, []file.DownloadOption{file.WithSize(20_000)}, nil, 20_000},
		"cut silently":       {short, nil, io.ErrUnexpectedEOF, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(func(*http.Request, int) *answer { return row.resp() })
			var got bytes.Buffer
			info, err := file.Download(t.Context(), p.hook(t), p.link(), &got, row.opts...)
			assert.Equal(t, int64(got.Len()), info.Size)
			if row.want == nil {
				require.NoError(t, err)
				assert.Equal(t, content, got.Bytes())
				return
			}
			harmless(t, err)
			if name == "no end" {
				assert.ErrorContains(t, err, "WithSize")
			} else {
				require.ErrorIs(t, err, row.want)
			}
			if row.written == 0 {
				assert.Less(t, info.Size, int64(20_000))
			}
		})
	}
}

func TestFilesThatComeCompressed(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("a text that packs well "), 5000)
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = zip.Write(content)
	require.NoError(t, zip.Close())
	p := newPortal(func(_ *http.Request, n int) *answer {
		resp := reply(200, bytes.NewReader(packed.Bytes()), "Content-Encoding", "gzip", "Content-Disposition", attachment)
		if n < 3 {
			resp.Body = cutAfter(packed.Bytes(), packed.Len()/3*n)
		}
		return resp
	})
	var got bytes.Buffer
	_, err := file.Download(t.Context(), p.hook(t), p.link(), &got, file.WithSize(int64(len(content))))
	require.NoError(t, err)
	assert.Equal(t, content, got.Bytes())
	for _, r := range p.requests() {
		assert.Empty(t, r.header.Get("Range"), "bytes of the file are not those of the answer")
		assert.Equal(t, "identity", r.header.Get("Accept-Encoding"))
	}
}

func TestStallsEndADownload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		content := noise(5000)
		var bodies []*blocking
		p := newPortal(func(r *http.Request, n int) *answer {
			if n == 3 {
				return ranged(r, content, len(content))
			}
			body := &blocking{ctx: r.Context(), rest: bytes.NewReader(content[:3000])}
			bodies = append(bodies, body)
			resp := ranged(r, content, 0)
			if n == 2 {
				body.rest = bytes.NewReader(content[3000-1024 : 4000])
			}
			resp.Body = body
			return resp
		})
		start := time.Now()
		body, err := file.Open(t.Context(), p.hook(t), p.link(), file.WithStallTimeout(time.Minute))
		require.NoError(t, err)
		assert.Equal(t, int64(5000), body.Info().Size)
		begin := make([]byte, 10)
		_, err = io.ReadFull(body, begin)
		require.NoError(t, err)
		time.Sleep(time.Hour) // the reader may take its time
		got, err := io.ReadAll(body)
		require.NoError(t, err)
		assert.Equal(t, content, slices.Concat(begin, got))
		assert.InDelta(t, time.Hour+2*time.Minute, time.Since(start), float64(time.Second))
		require.NoError(t, body.Close())
		for _, b := range bodies {
			assert.True(t, b.shut.Load())
		}

		stuck := newPortal(func(r *http.Request, _ int) *answer {
			resp := whole(content)
			resp.Body = &blocking{ctx: r.Context(), rest: bytes.NewReader(nil)}
			return resp
		})
		_, err = file.Download(t.Context(), stuck.hook(t), stuck.link(), io.Discard)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, context.Canceled)
		assert.ErrorContains(t, err, "no byte was transferred for 1m15s")
		harmless(t, err)
	})
}

func TestContextEndsADownload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := newPortal(func(r *http.Request, _ int) *answer {
			resp := whole(noise(5000))
			resp.Body = &blocking{ctx: r.Context(), rest: bytes.NewReader(noise(100))}
			return resp
		})
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		info, err := file.Download(ctx, p.hook(t), p.link(), io.Discard)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, int64(100), info.Size)
		assert.Len(t, p.requests(), 1)
		_, err = file.Download(ctx, p.hook(t), p.link(), io.Discard)
		require.ErrorIs(t, err, context.Canceled)
		assert.Len(t, p.requests(), 1, "nothing is sent")
	})
}

func TestClosedClientDownloadsNothing(t *testing.T) {
	t.Parallel()
	p := newPortal(func(*http.Request, int) *answer { return whole(nil) })
	h := p.hook(t)
	require.NoError(t, h.Close())
	_, err := file.Download(t.Context(), h, p.link(), io.Discard)
	require.ErrorIs(t, err, b24.ErrClosed)
	assert.Empty(t, p.requests())
}

func TestWriterThatFails(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	body := &blocking{ctx: t.Context(), rest: bytes.NewReader(noise(200_000))}
	p := newPortal(func(*http.Request, int) *answer {
		resp := whole(noise(200_000))
		resp.Body = body
		return resp
	})
	w := &limited{left: 100_000, err: full}
	info, err := file.Download(t.Context(), p.hook(t), p.link(), w)
	require.ErrorIs(t, err, full)
	assert.Equal(t, int64(100_000), info.Size)
	assert.True(t, body.shut.Load())
	assert.Len(t, p.requests(), 1)
}

type limited struct {
	left int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(l.left, len(p))
	l.left -= n
	if n < len(p) {
		return n, l.err
	}
	return n, nil
}
