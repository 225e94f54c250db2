package file_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

func TestRedirects(t *testing.T) {
	t.Parallel()
	content := []byte("the file")
	to := func(locations ...string) func(r *http.Request, n int) *answer {
		return func(_ *http.Request, n int) *answer {
			if n <= len(locations) {
				return reply(302, strings.NewReader("moved"), "Location", locations[n-1])
			}
			return whole(content)
		}
	}
	chain := []string{"https://a.example/1", "https://a.example/2", "/3", "https://b.example/4", "/5"}
	for name, row := range map[string]struct {
		locations []string
		want      string // of the error; empty: the file
		requests  int
	}{
		"storage":            {[]string{"https://cdn.example/b1/x?X-Amz-Signature=" + signature}, "", 2},
		"five":               {chain, "", 6},
		"six":                {append(chain, "/6"), "more than 5 redirects", 6},
		"plain http":         {[]string{"http://cdn.example/x"}, "not https", 1},
		"a method":           {[]string{"/rest/1/" + secret + "/crm.deal.delete?id=5"}, "calls a method", 1},
		"an address":         {[]string{"https://169.254.169.254/latest/meta-data/" + signature}, "IP address", 1},
		"not an address":     {[]string{"https://%zz/" + signature}, "not an address", 1},
		"the key, elsewhere": {[]string{"https://evil.example/collect/" + secret}, "the portal's key", 1},
		"a session page":     {[]string{"/bitrix/tools/disk/uf.php?attachedId=1"}, "browser", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(to(row.locations...))
			_, err := file.Download(t.Context(), p.hook(t), p.link(), io.Discard)
			seen := p.requests()
			require.Len(t, seen, row.requests)
			for _, r := range seen[1:] {
				assert.Empty(t, r.header.Get("Referer")+r.header.Get("Authorization")+r.header.Get("Cookie"))
				assert.NotContains(t, r.url, secret)
			}
			if row.want == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, row.want)
			assert.False(t, b24.MayHaveExecuted(err))
			harmless(t, err)
		})
	}
}

// A renamed portal sends its own path on.
func TestRenamedPortal(t *testing.T) {
	t.Parallel()
	p := newPortal(func(r *http.Request, n int) *answer {
		if n == 1 {
			return reply(301, strings.NewReader(""), "Location", "https://renamed.bitrix24.com"+r.URL.RequestURI())
		}
		return whole([]byte("x"))
	})
	_, err := file.Download(t.Context(), p.hook(t), p.link(), io.Discard)
	require.NoError(t, err)
	assert.Contains(t, p.requests()[1].url, "https://renamed.bitrix24.com/rest/1/"+secret)
}

func TestLinksThatAreRefused(t *testing.T) {
	t.Parallel()
	p := newPortal(func(*http.Request, int) *answer { return whole(nil) })
	h := p.hook(t)
	for _, link := range []string{
		"", "https://" + p.host + "/rest/1/" + secret + "/crm.deal.delete?id=5", "/bitrix/tools/x.php?" + signature, "https://10.0.0.1/" + signature, "http://cdn.example/" + signature,
	} {
		_, err := file.Download(t.Context(), h, b24.NewFileURL(link), io.Discard)
		require.ErrorIs(t, err, b24.ErrFileURL)
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
		harmless(t, err)
	}
	assert.Empty(t, p.requests())
}

func TestExpiredLinkIsRenewedOnce(t *testing.T) {
	t.Parallel()
	content := noise(20_000)
	dead := func() *answer { return jsonReply(401, `{"error":"expired_token"}`) }
	p := newPortal(func(r *http.Request, n int) *answer {
		switch n {
		case 1, 4:
			return dead()
		case 2:
			return ranged(r, content, 9000)
		case 3:
			return ranged(r, content, 3000)
		default:
			return ranged(r, content, len(content))
		}
	})
	renewals := 0
	renew := file.WithRenew(func(context.Context) (b24.FileURL, error) {
		renewals++
		return b24.NewFileURL(p.address("download") + "x" + strconv.Itoa(renewals)), nil
	})
	var got bytes.Buffer
	_, err := file.Download(t.Context(), p.hook(t), p.link(), &got, renew)
	require.NoError(t, err)
	assert.Equal(t, content, got.Bytes())
	assert.Equal(t, 2, renewals)
	assert.Equal(t, p.address("download")+"x2", p.requests()[4].url)

	always := newPortal(func(*http.Request, int) *answer { return dead() })
	renewals = 0
	_, err = file.Download(t.Context(), always.hook(t), always.link(), &got, renew)
	require.ErrorIs(t, err, b24.ErrExpiredToken)
	assert.Equal(t, 1, renewals)

	why := errors.New("no such file at " + always.address("download"))
	_, err = file.Download(t.Context(), always.hook(t), always.link(), &got, file.WithRenew(func(context.Context) (b24.FileURL, error) { return b24.FileURL{}, why }))
	require.ErrorIs(t, err, why)
	harmless(t, err)
	_, err = file.Download(t.Context(), always.hook(t), always.link(), &got, file.WithRenew(func(context.Context) (b24.FileURL, error) { return b24.FileURL{}, nil }))
	require.ErrorContains(t, err, "there is no new one")
}

// counting is a request budget that counts.
type counting struct{ waits, refusals atomic.Int64 }

func (c *counting) Wait(context.Context) error { c.waits.Add(1); return nil }
func (c *counting) Refused(time.Duration)      { c.refusals.Add(1) }
func (c *counting) Accepted()                  {}

// A transfer takes one place in the budget for each request to the portal, and none while bytes flow.
func TestBudget(t *testing.T) {
	t.Parallel()
	p := newPortal(func(_ *http.Request, n int) *answer {
		switch n {
		case 1:
			return jsonReply(503, `{"error":"QUERY_LIMIT_EXCEEDED"}`)
		case 2:
			return reply(302, strings.NewReader(""), "Location", "https://cdn.example/x")
		default:
			return whole([]byte("x"))
		}
	})
	budget := &counting{}
	h := p.hook(t, b24.WithLimiter(budget))
	body, err := file.Open(t.Context(), h, p.link())
	require.NoError(t, err)
	assert.Equal(t, int64(2), budget.waits.Load(), "the storage is not the portal")
	assert.Equal(t, int64(1), budget.refusals.Load())
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			_, err := file.Download(t.Context(), h, p.link(), io.Discard)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	assert.Equal(t, int64(12), budget.waits.Load())
	require.NoError(t, body.Close())
	require.NoError(t, body.Close())
	_, err = body.Read(make([]byte, 1))
	require.Error(t, err)
}

// wrapped is a decorator; own is a client of somebody else's.
type wrapped struct{ b24.Client }

func (w wrapped) Unwrap() b24.Client { return w.Client }

type own struct{ b24.Client }

func TestClientsThatCanMoveFiles(t *testing.T) {
	t.Parallel()
	p := newPortal(func(*http.Request, int) *answer { return whole([]byte("x")) })
	h := p.hook(t)
	for _, c := range []b24.Client{h, h.V3(), wrapped{h}, wrapped{wrapped{h.V3()}}, struct{ *b24.Hook }{h}} {
		_, err := file.Download(t.Context(), c, p.link(), io.Discard)
		require.NoError(t, err, "%T", c)
	}
	n := len(p.requests())
	var round wrapped
	for _, c := range []b24.Client{nil, own{h}, wrapped{own{h}}, wrapped{nil}, &round} {
		_, err := file.Download(t.Context(), c, p.link(), io.Discard)
		require.ErrorIs(t, err, b24.ErrInvalidParams)
		assert.ErrorContains(t, err, "Unwrap")
		_, err = file.Upload(t.Context(), c, file.Folder("1"), file.File{Name: "a", Body: strings.NewReader("a")})
		require.ErrorIs(t, err, b24.ErrInvalidParams)
	}
	assert.Len(t, p.requests(), n)
}

func TestDownloadOptions(t *testing.T) {
	t.Parallel()
	p := newPortal(func(*http.Request, int) *answer { return whole(nil) })
	_, err := file.Download(t.Context(), p.hook(t), p.link(), io.Discard, nil,
		file.WithSize(-1), file.WithMaxSize(0), file.WithStallTimeout(-1), file.WithFileHosts(""), file.WithRenew(nil))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	for _, part := range []string{"size: -1", "max size: 0", "stall timeout", "file hosts", "renew"} {
		assert.ErrorContains(t, err, part)
	}
	assert.Empty(t, p.requests())
}

// What a program prints of a body shows no link.
func TestBodyShowsNothing(t *testing.T) {
	t.Parallel()
	p := newPortal(func(*http.Request, int) *answer { return whole([]byte("x")) })
	body, err := file.Open(t.Context(), p.hook(t), p.link())
	require.NoError(t, err)
	defer body.Close()
	text := fmt.Sprintf("%v %+v %#v %s %v", body, body, body, body.Info().Name, *body)
	assert.NotContains(t, text, secret)
	assert.Contains(t, text, `file.Body("report.bin")`)
}
