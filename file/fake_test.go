package file_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/file"
)

// fake starts a portal that does what a real one does, and a client for it.
func fake(t *testing.T, opts ...b24test.Option) (*b24test.Portal, *b24.Hook) {
	t.Helper()
	p := b24test.NewPortal(t, append(opts, b24test.WithMemory())...)
	h, err := b24.FromWebhookURL(p.WebhookURL(), b24.WithHTTPClient(p.HTTPClient()), b24.WithRetry(b24.RetryPolicy{BaseDelay: 1, MaxDelay: 1}))
	require.NoError(t, err)
	t.Cleanup(func() { _ = h.Close() })
	return p, h
}

// driveFile returns a file of Drive as disk.file.get returns it.
func driveFile(t *testing.T, h *b24.Hook, id b24.ID) file.Stored {
	t.Helper()
	s, err := b24.Call[file.Stored](t.Context(), h, "disk.file.get", b24.Params{"id": id})
	require.NoError(t, err)
	return s
}

// secretsOf returns what of a link must appear nowhere.
func secretsOf(p *b24test.Portal, link b24.FileURL) []string {
	_, token, _ := strings.Cut(link.Reveal(), "token=")
	return []string{p.Secret(), token}
}

func down(t *testing.T, h *b24.Hook, link b24.FileURL, opts ...file.DownloadOption) (string, error) {
	t.Helper()
	var w bytes.Buffer
	info, err := file.Download(t.Context(), h, link, &w, opts...)
	assert.Equal(t, int64(w.Len()), info.Size)
	return w.String(), err
}

func TestFakeDrive(t *testing.T) {
	t.Parallel()
	p, h := fake(t)
	folder := file.Folder(b24.IDOf(p.SeedFolder("Reports/2026")))

	s, err := file.Upload(t.Context(), h, folder, text("Отчёт 1.txt", "hello"))
	require.NoError(t, err)
	assert.Equal(t, "Отчёт 1.txt", s.Name)
	assert.EqualValues(t, 5, s.Size)
	assert.Equal(t, "file", s.Type)

	for _, link := range []b24.FileURL{s.Link, driveFile(t, h, s.ID).Link} {
		var w bytes.Buffer
		info, err := file.Download(t.Context(), h, link, &w, file.WithSize(5))
		require.NoError(t, err)
		assert.Equal(t, "hello", w.String())
		assert.Equal(t, "Отчёт 1.txt", info.Name)
		assert.Contains(t, info.ContentType, "text/plain")
	}

	_, err = file.Upload(t.Context(), h, folder, text("отчёт 1.TXT", "other"))
	require.ErrorIs(t, err, file.ErrNameTaken, "the portal ignores the letter case")
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
	s, err = file.Upload(t.Context(), h, folder, text("Отчёт 1.txt", "second"), file.WithUniqueName())
	require.NoError(t, err)
	assert.Equal(t, "Отчёт 1 (1).txt", s.Name)

	s, err = file.Upload(t.Context(), h, file.Storage("1"), text("root.txt", "at the root"))
	require.NoError(t, err)
	assert.Equal(t, b24.IDOf(p.SeedFolder("")), s.FolderID)
	_, err = file.Upload(t.Context(), h, file.Storage("99"), text("a", "b"))
	require.ErrorIs(t, err, b24.ErrNotFound)
	_, err = file.Upload(t.Context(), h, file.Folder("99"), text("a", "b"))
	require.ErrorIs(t, err, b24.ErrNotFound)
	assert.Len(t, p.Files(), 3)
}

// A name comes back as the portal stores it, and is found under the one that was sent.
func TestFakeNames(t *testing.T) {
	t.Parallel()
	for sent, kept := range map[string]string{
		`say "hi"?.txt`: "say _hi__.txt", "a:b;c|d.txt": "a_b;c_d.txt", "100% [1] {2}.txt": "100% [1] {2}.txt", "tilde~#&.txt": "tilde~#&.txt",
		" blank .txt ": "blank .txt", "quote'.txt": "quote'.txt", "plus+minus-.tar.gz": "plus+minus-.tar.gz", "*.txt": "_.txt", `%22.txt`: `%22.txt`,
		"1<2>3.txt": "1_2_3.txt", "файл.txt": "файл.txt", "emoji 😀.txt": "emoji _.txt",
	} {
		p, h := fake(t)
		folder := file.Folder(b24.IDOf(p.SeedFolder("")))
		p.Fault("upload", b24test.ResetAfter())
		_, err := file.Upload(t.Context(), h, folder, text(sent, "hello"))
		require.Error(t, err)
		assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err))
		require.Len(t, p.Files(), 1, sent)
		assert.Equal(t, kept, p.Files()[0].Name, sent)
		assert.Equal(t, 1, p.Calls("upload"))

		s, found, err := file.FindUploaded(t.Context(), h, folder, sent, 5)
		require.NoError(t, err)
		assert.True(t, found, sent)
		assert.Equal(t, kept, s.Name, sent)
		var w bytes.Buffer
		_, err = file.Download(t.Context(), h, s.Link, &w)
		require.NoError(t, err, sent)
		assert.Equal(t, "hello", w.String())
		_, found, err = file.FindUploaded(t.Context(), h, folder, sent, 6)
		require.NoError(t, err)
		assert.False(t, found)
	}
}

// Wherever an upload breaks, no half is stored, and the error says whether to look.
func TestFakeUploadBreaks(t *testing.T) {
	t.Parallel()
	const size = 400_000
	for name, row := range map[string]struct {
		fault   b24test.Fault
		outcome b24.Outcome
		stored  int
	}{
		"at the beginning": {b24test.CutUpload(0), b24.OutcomeRefused, 0},
		"in the middle":    {b24test.CutUpload(size / 2), b24.OutcomeRefused, 0},
		"at the end":       {b24test.CutUpload(size + 100), b24.OutcomeUnknown, 0},
		"unheard":          {b24test.ResetBefore(), b24.OutcomeUnknown, 0},
		"lost answer":      {b24test.ResetAfter(), b24.OutcomeUnknown, 1},
		"half an answer":   {b24test.CutBody(10), b24.OutcomeUnknown, 1},
		"too large":        {b24test.HTML(http.StatusRequestEntityTooLarge), b24.OutcomeUnknown, 0},
		"a slow proxy":     {b24test.HTML(http.StatusGatewayTimeout).Executed(), b24.OutcomeUnknown, 1},
		"other page":       {b24test.HTML(200), b24.OutcomeUnknown, 0},
		"moved":            {b24test.Redirect(http.StatusTemporaryRedirect, "https://other.example.com/"), b24.OutcomeRefused, 0},
	} {
		p, h := fake(t)
		folder := file.Folder(b24.IDOf(p.SeedFolder("")))
		p.Fault("upload", row.fault)
		_, err := file.Upload(t.Context(), h, folder, file.File{Name: "a.bin", Body: b24test.FileContent(size)})
		harmless(t, err, p.Secret())
		assert.Equal(t, row.outcome, b24.OutcomeOf(err), "%s: %v", name, err)
		assert.Len(t, p.Files(), row.stored, name)
		assert.Equal(t, 1, p.Calls("upload"), name)
		_, found, err := file.FindUploaded(t.Context(), h, folder, "a.bin", size)
		require.NoError(t, err)
		assert.Equal(t, row.stored == 1, found, name)
	}
}

// What the portal refused unseen is sent again from the beginning.
func TestFakeUploadIsSentAgain(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]b24test.Fault{
		"too fast": b24test.QueryLimitExceeded(), "expired": b24test.Refuse(&b24.Error{Code: "expired_token"}),
	} {
		p, h := fake(t)
		p.Fault("upload", fault)
		_, err := file.Upload(t.Context(), h, file.Folder(b24.IDOf(p.SeedFolder(""))), text("a.txt", "hello"))
		require.NoError(t, err, name)
		require.Len(t, p.Files(), 1)
		assert.Equal(t, "hello", string(p.Files()[0].Content))
		assert.Equal(t, 2, p.Calls("upload"))
	}
}

func TestFakeCallRecord(t *testing.T) {
	t.Parallel()
	_, h := fake(t)
	id, err := b24.Call[string](t.Context(), h, "telephony.externalCall.register", b24.Params{
		"USER_ID": 1, "PHONE_NUMBER": "+49301", "TYPE": 1, "CALL_START_DATE": time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC).Format(time.RFC3339),
	}, b24.WithResultKey("CALL_ID"))
	require.NoError(t, err)
	_, err = file.Upload(t.Context(), h, file.CallRecord(id), text("a.mp3", "sound"))
	require.ErrorContains(t, err, "not finished yet")
	_, err = h.CallMethod(t.Context(), "telephony.externalCall.finish", b24.Params{"CALL_ID": id, "USER_ID": 1, "DURATION": 5})
	require.NoError(t, err)

	s, err := file.Upload(t.Context(), h, file.CallRecord(id), text("a.mp3", "sound"))
	require.NoError(t, err)
	got, err := down(t, h, driveFile(t, h, s.ID).Link)
	require.NoError(t, err)
	assert.Equal(t, "sound", got)

	_, err = file.Upload(t.Context(), h, file.CallRecord(id), text("a.mp3", "again"))
	require.ErrorContains(t, err, "already exists")
	second, err := file.Upload(t.Context(), h, file.CallRecord(id), text("b.wav", "again"))
	require.NoError(t, err)
	assert.NotEqual(t, s.ID, second.ID)
}

// Wherever a download breaks, it ends whole.
func TestFakeDownloadBreaks(t *testing.T) {
	t.Parallel()
	const size = 300_000
	for _, opts := range [][]b24test.Option{nil, {b24test.WithoutRanges()}} {
		p, h := fake(t, opts...)
		f := p.SeedFile(b24test.File{Name: "a.bin", Size: size})
		want := f.SHA256()
		for _, cuts := range [][]int{{0}, {1}, {size - 1}, {size / 3, size / 2, size - 1}, {1, 2, 3, 5000, 10000}} {
			for _, cut := range cuts {
				p.Fault("download", b24test.CutBody(cut))
			}
			got, err := down(t, h, driveFile(t, h, b24.IDOf(f.ID)).Link, file.WithSize(size))
			require.NoError(t, err, "%v", cuts)
			assert.Equal(t, want, b24test.File{Content: []byte(got)}.SHA256(), "%v", cuts)
		}
	}
}

func TestFakeExpiredLink(t *testing.T) {
	t.Parallel()
	const size = 300_000
	p, h := fake(t)
	f := p.SeedFile(b24test.File{Name: "a.bin", Size: size})
	link := driveFile(t, h, b24.IDOf(f.ID)).Link
	p.ExpireLinks()
	_, err := down(t, h, link)
	require.ErrorIs(t, err, b24.ErrExpiredToken)
	harmless(t, err, secretsOf(p, link)...)

	renewed := 0
	renew := file.WithRenew(func(ctx context.Context) (b24.FileURL, error) {
		renewed++
		s, err := b24.Call[file.Stored](ctx, h, "disk.file.get", b24.Params{"id": f.ID})
		return s.Link, err
	})
	got, err := down(t, h, link, renew)
	require.NoError(t, err)
	assert.Len(t, got, size)
	assert.Equal(t, 1, renewed)

	// It expires in the middle, and the connection breaks.
	link = driveFile(t, h, b24.IDOf(f.ID)).Link
	p.Fault("download", b24test.CutBody(size/2))
	got, err = down(t, h, link, renew, file.WithProgress(func(pr file.Progress) {
		if pr.Done < size/2 {
			p.ExpireLinks()
		}
	}))
	require.NoError(t, err)
	assert.Equal(t, f.SHA256(), b24test.File{Content: []byte(got)}.SHA256())
	assert.Equal(t, 2, renewed)
}

// A storage on another host gives the file to whoever has the address, and gets no key.
func TestFakeRedirect(t *testing.T) {
	t.Parallel()
	p, h := fake(t)
	f := p.SeedFile(b24test.File{Name: "a.bin", Size: 300_000})
	link := driveFile(t, h, b24.IDOf(f.ID)).Link
	bucket := p.BucketURL("https://cdn.example.com", f.FileID)
	p.Fault("download", b24test.Redirect(http.StatusFound, bucket), b24test.Redirect(http.StatusFound, bucket))
	p.Fault("", b24test.CutBody(100_000))

	got, err := down(t, h, link, file.WithFileHosts("cdn.example.com"))

	require.NoError(t, err)
	assert.Equal(t, f.SHA256(), b24test.File{Content: []byte(got)}.SHA256())
	at := 0
	for _, r := range p.HTTPRequests() {
		if r.Host == "cdn.example.com" {
			at++
			assert.NotContains(t, r.Header.Get("Referer")+r.Header.Get("Authorization")+r.Header.Get("Cookie"), p.Secret())
			assert.Empty(t, r.Header.Get("Referer"))
		}
	}
	assert.Equal(t, 2, at)

	p.Fault("download", b24test.Redirect(http.StatusFound, p.BucketURL("http://cdn.example.com", f.FileID)))
	_, err = down(t, h, link, file.WithFileHosts("cdn.example.com"))
	require.ErrorContains(t, err, "not https")
	harmless(t, err, secretsOf(p, link)...)
}

// Pages and errors are never the file.
func TestFakeAnswersThatAreNoFile(t *testing.T) {
	t.Parallel()
	p, h := fake(t)
	f := p.SeedFile(b24test.File{Name: "a.html", Content: []byte("<html>stored</html>")})
	link := driveFile(t, h, b24.IDOf(f.ID)).Link
	got, err := down(t, h, link)
	require.NoError(t, err, "a page that is stored is a file")
	assert.Equal(t, "<html>stored</html>", got)

	p.Fault("download", b24test.Pass().Header("Content-Type", "application/json"))
	got, err = down(t, h, link)
	require.NoError(t, err, "a wrong type does not matter")
	assert.Equal(t, "<html>stored</html>", got)

	for _, fault := range []b24test.Fault{
		b24test.HTML(200), b24test.HTML(404), b24test.HTML(404).Header("Content-Disposition", `attachment; filename="a.html"`), b24test.Status(200, `{"result":null}`),
		b24test.Status(200, `{"error":"ACCESS_DENIED"}`), b24test.Empty(204),
	} {
		p.Fault("download", fault)
		got, err = down(t, h, link)
		harmless(t, err, secretsOf(p, link)...)
		assert.Empty(t, got)
	}
	row, err := b24.Call[struct {
		Detail b24.FileURL `json:"DETAIL_URL"`
	}](t.Context(), h, "disk.file.get", b24.Params{"id": f.ID})
	require.NoError(t, err)
	got, err = down(t, h, row.Detail)
	require.ErrorContains(t, err, "DOWNLOAD_URL")
	assert.Empty(t, got)
}
