package b24test_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// get fetches an address, with headers as pairs.
func get(t *testing.T, p *b24test.Portal, address string, header ...string) answer {
	t.Helper()
	a, err := fetch(t, p, address, header...)
	require.NoError(t, err)
	return a
}

func fetch(t *testing.T, p *b24test.Portal, address string, header ...string) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := p.HTTPClient().Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(data)}, err
}

// link returns the DOWNLOAD_URL of a file.
func link(t *testing.T, p *b24test.Portal, f b24test.File) string {
	t.Helper()
	return call(t, p, "disk.file.get", `{"id":`+num(f.ID)+`}`).field(t, "result", "DOWNLOAD_URL").(string)
}

func TestDownload(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithPrefix("/portal"))
	f := p.SeedFile(b24test.File{Name: "Отчёт 1.pdf", Content: []byte("0123456789")})
	address := link(t, p, f)
	assert.Contains(t, address, "/portal/rest/1/"+p.Secret()+"/download/?token=disk%7C")
	assert.NotEqual(t, address, link(t, p, f), "each answer has another link")
	a := get(t, p, address)
	assert.Equal(t, "0123456789", a.Body)
	assert.Equal(t, "application/pdf", a.Header.Get("Content-Type"))
	assert.Equal(t, `attachment; filename="_____-1.pdf"; filename*=utf-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%201.pdf`, a.Header.Get("Content-Disposition"))
	assert.Equal(t, "10", a.Header.Get("Content-Length"))
	assert.Empty(t, a.Header.Get("ETag"))
	assert.Empty(t, a.Header.Get("Accept-Ranges"))
	assert.Equal(t, 1, p.Executed("download"))
	assert.Equal(t, map[string]any{"id": num(f.ID)}, seen(t, p).Params)
}

// The secret of a webhook is in its links twice: in the path, and in base64 in the signature.
func TestLinkHoldsTheSecret(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	u, err := url.Parse(link(t, p, p.SeedFile(b24test.File{Name: "a", Content: []byte("x")})))
	require.NoError(t, err)
	parts := strings.Split(u.Query().Get("token"), "|")
	require.Len(t, parts, 3)
	state, _, _ := strings.Cut(parts[2], ".")
	plain, err := base64.StdEncoding.DecodeString(state)
	require.NoError(t, err)
	assert.Equal(t, `"download|disk|`+strings.ReplaceAll(parts[1], "/", `\/`)+`|1|`+p.Secret()+`"`, string(plain))
}

func TestRanges(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	address := link(t, p, p.SeedFile(b24test.File{Name: "a.bin", Content: []byte("0123456789")}))
	for _, tt := range []struct {
		header, body, contentRange string
		status                     int
	}{
		{"bytes=4-", "456789", "bytes 4-9/10", 206},
		{"bytes=2-3", "23", "bytes 2-3/10", 206},
		{"bytes=2-99", "23456789", "bytes 2-9/10", 206},
		{"bytes=-3", "789", "bytes 7-9/10", 206},
		{"Bytes = 0-0", "0", "bytes 0-0/10", 206},
		{"bytes=10-", "", "bytes */10", 416},
		{"bytes=3-2", "", "bytes */10", 416},
		{"bytes=0-1,4-5", "", "bytes */10", 416},
		{"lines=1-2", "", "bytes */10", 416},
		{"bytes", "", "bytes */10", 416},
	} {
		a := get(t, p, address, "Range", tt.header, "If-Range", `"nothing that matches"`)
		assert.Equal(t, tt.status, a.Status, tt.header)
		assert.Equal(t, tt.body, a.Body, tt.header)
		assert.Equal(t, tt.contentRange, a.Header.Get("Content-Range"), tt.header)
	}
	whole := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithoutRanges())
	a := get(t, whole, link(t, whole, whole.SeedFile(b24test.File{Name: "a.bin", Content: []byte("0123456789")})), "Range", "bytes=4-")
	assert.Equal(t, 200, a.Status)
	assert.Equal(t, "0123456789", a.Body)
}

// Only the portal's own signature opens a link, for its method and its webhook.
func TestLinksAreChecked(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	address := link(t, p, p.SeedFile(b24test.File{Name: "a", Content: []byte("x")}))
	base, query, _ := strings.Cut(address, "?")
	for name, other := range map[string]string{
		"no token":       base,
		"empty token":    base + "?token=",
		"altered":        base + "?" + strings.Replace(query, "token=disk%7C", "token=disk%7CA", 1),
		"other scope":    base + "?" + strings.Replace(query, "token=disk", "token=crm", 1),
		"other method":   strings.Replace(base, "/download/", "/upload/", 1) + "?" + query,
		"not a transfer": strings.Replace(base, "/download/", "/profile/", 1) + "?" + query,
	} {
		a := get(t, p, other)
		assert.Equal(t, http.StatusForbidden, a.Status, name)
		assert.Equal(t, "ACCESS_DENIED: Access denied! Link check failed", a.errorText(t), name)
	}
	a := get(t, p, strings.Replace(address, p.Secret(), "wrongwrongwrong1", 1))
	assert.Equal(t, http.StatusUnauthorized, a.Status)
	assert.Equal(t, "x", get(t, p, strings.Replace(address, "/download/", "/download.json", 1)).Body)
	other := strings.Replace(p.WebhookURL(), "http://", "https://", 1)
	other = strings.Replace(other, strings.Split(other, "/")[2], "renamed.bitrix24.com", 1)
	b, err := send(t, p.HTTPClient(), wire{http.MethodPost, other + "disk.folder.getchildren", "application/json", `{"id":` + num(p.SeedFolder("")) + `}`})
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(b.field(t, "result", 0, "DOWNLOAD_URL").(string), "https://renamed.bitrix24.com/rest/"), "a link has the host of its request")
}

func TestLinksExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithLinkLife(time.Hour))
		f := p.SeedFile(b24test.File{Name: "a", Content: []byte("x")})
		address := link(t, p, f)
		time.Sleep(time.Hour - time.Millisecond)
		assert.Equal(t, 200, get(t, p, address).Status)
		time.Sleep(time.Millisecond)
		a := get(t, p, address)
		assert.Equal(t, http.StatusUnauthorized, a.Status)
		assert.Equal(t, "expired_token", a.field(t, "error"))
		address = link(t, p, f)
		assert.Equal(t, 200, get(t, p, address).Status)
		p.ExpireLinks()
		assert.Equal(t, http.StatusUnauthorized, get(t, p, address).Status)
		assert.Equal(t, 200, get(t, p, link(t, p, f)).Status)
	})
	_, err := b24test.Start(b24test.WithLinkLife(-1), b24test.WithKeptFiles(-1))
	require.ErrorContains(t, err, "link life")
	require.ErrorContains(t, err, "kept files")
}

// A signed link takes no operating time, but counts as a request.
func TestLimitsOfDownloads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithOperatingLimit(time.Second), b24test.WithOperatingCost(b24test.CostModel{PerCall: time.Second}),
			b24test.WithQueryLimit(1, 6))
		address := link(t, p, p.SeedFile(b24test.File{Name: "a", Content: []byte("x")}))
		statuses := []int{}
		for range 6 {
			statuses = append(statuses, get(t, p, address).Status)
		}
		assert.Equal(t, []int{200, 200, 200, 200, 200, 503}, statuses)
	})
}

// Faults act on a file as on any other answer, and in its middle.
func TestFaultsOfDownloads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		f := p.SeedFile(b24test.File{Name: "a.bin", Size: 300_000})
		address := link(t, p, f)
		p.Fault("download", b24test.CutBody(100_000))
		a, err := fetch(t, p, address)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Len(t, a.Body, 100_000)
		assert.Equal(t, "300000", a.Header.Get("Content-Length"))

		p.Fault("download", b24test.CutBody(5))
		a, err = fetch(t, p, address, "Range", "bytes=100000-")
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Equal(t, "bytes 100000-299999/300000", a.Header.Get("Content-Range"))

		start := time.Now()
		p.Fault("download", b24test.StallBody(100, 40*time.Second))
		a = get(t, p, address)
		assert.Equal(t, 40*time.Second, time.Since(start))
		assert.Len(t, a.Body, 300_000)

		p.Fault("download", b24test.Pass().Header("Content-Type", "text/html"), b24test.HTML(200),
			b24test.Refuse(&b24.Error{Code: "QUERY_LIMIT_EXCEEDED"}))
		a = get(t, p, address)
		assert.Equal(t, "text/html", a.Header.Get("Content-Type"))
		assert.Len(t, a.Body, 300_000)
		assert.Contains(t, get(t, p, address).Body, "<html>")
		assert.Equal(t, http.StatusServiceUnavailable, get(t, p, address).Status)
	})
}

// A redirect may lead to a cloud storage, over https or not: the portal plays that one too.
func TestBucket(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	f := p.SeedFile(b24test.File{Name: "a.bin", Content: []byte("0123456789")})
	for _, origin := range []string{"https://cdn.example.com", "http://cdn.example.com"} {
		p.Fault("download", b24test.Redirect(http.StatusFound, p.BucketURL(origin, f.FileID)))
		a := get(t, p, link(t, p, f))
		assert.Equal(t, http.StatusFound, a.Status)
		target := a.Header.Get("Location")
		assert.True(t, strings.HasPrefix(target, origin+"/"), target)
		a = get(t, p, target)
		assert.Equal(t, "0123456789", a.Body)
		assert.Empty(t, a.Header.Get("Content-Disposition"))
		assert.Equal(t, "cdn.example.com", seen(t, p).Host)
		tag := a.Header.Get("ETag")
		assert.Equal(t, byte('"'), tag[0])
		assert.Equal(t, "56789", get(t, p, target, "Range", "bytes=5-", "If-Range", tag).Body)
		assert.Equal(t, "0123456789", get(t, p, target, "Range", "bytes=5-", "If-Range", `"other"`).Body)
		assert.Equal(t, http.StatusForbidden, get(t, p, target+"x").Status)
	}
	p.Fault("", b24test.CutBody(4))
	_, err := fetch(t, p, p.BucketURL("https://cdn.example.com", f.FileID))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// Addresses for a browser are of no use to a program.
func TestPagesNeedASession(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	f := p.SeedFile(b24test.File{Name: "a.bin", Content: []byte("x")})
	detail := call(t, p, "disk.file.get", `{"id":`+num(f.ID)+`}`).field(t, "result", "DETAIL_URL").(string)
	a := get(t, p, detail)
	assert.Equal(t, http.StatusFound, a.Status)
	origin, _, _ := strings.Cut(p.WebhookURL(), "/rest/")
	a = get(t, p, origin+a.Header.Get("Location"))
	assert.Equal(t, 200, a.Status)
	assert.Contains(t, a.Body, "USER_PASSWORD")
	assert.Contains(t, get(t, p, call(t, p, "disk.file.getexternallink", `{"id":`+num(f.ID)+`}`).field(t, "result").(string)).Body, "<html>")
	assert.Equal(t, http.StatusNotFound, get(t, p, origin+"/nowhere").Status)
}

func TestFileContent(t *testing.T) {
	t.Parallel()
	whole, err := io.ReadAll(b24test.FileContent(1000))
	require.NoError(t, err)
	require.Len(t, whole, 1000)
	for _, at := range []int64{0, 1, 7, 8, 500, 993} {
		part := make([]byte, 7)
		_, err := b24test.FileContent(1000).ReadAt(part, at)
		require.NoError(t, err)
		assert.True(t, bytes.Equal(whole[at:at+7], part), "%d", at)
	}
	none, err := io.ReadAll(b24test.FileContent(-1))
	require.NoError(t, err)
	assert.Empty(t, none)
}
