package b24test_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test"
)

// form streams a form with one file.
func form(field, name string, content io.Reader) (body io.Reader, contentType string) {
	var head, tail bytes.Buffer
	w := multipart.NewWriter(&head)
	_, _ = w.CreateFormFile(field, name)
	tail.WriteString("\r\n--" + w.Boundary() + "--\r\n")
	return io.MultiReader(&head, content, &tail), w.FormDataContentType()
}

func postFile(t *testing.T, p *b24test.Portal, address string, part [2]string, content io.Reader) (answer, error) {
	t.Helper()
	body, contentType := form(part[0], part[1], content)
	return postBody(t, p, address, contentType, body)
}

func postBody(t *testing.T, p *b24test.Portal, address, contentType string, body io.Reader) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, body)
	require.NoError(t, err)
	req.Header.Set("Content-Type", contentType)
	return do(p.HTTPClient(), req)
}

func do(c *http.Client, req *http.Request) (answer, error) {
	resp, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(data)}, err
}

// slot asks for an address to upload to.
func slot(t *testing.T, p *b24test.Portal, folder int64, more string) string {
	t.Helper()
	a := call(t, p, "disk.folder.uploadfile", `{"id":`+num(folder)+more+`}`)
	assert.Equal(t, "file", a.field(t, "result", "field"))
	return a.field(t, "result", "uploadUrl").(string)
}

func TestUploadInTwoSteps(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	folder := p.SeedFolder("In/Deep")
	address := slot(t, p, folder, "")
	assert.Contains(t, address, "/rest/1/"+p.Secret()+"/upload/?token=disk%7C")
	a, err := postFile(t, p, address, [2]string{"file", `C:\dir\a.txt`}, strings.NewReader("hello"))
	require.NoError(t, err)
	assert.Equal(t, "a.txt", a.field(t, "result", "NAME"), a.Body)
	assert.Equal(t, "5", a.field(t, "result", "SIZE"))
	assert.Nil(t, seen(t, p).RawBody)
	files := p.Files()
	require.Len(t, files, 1)
	assert.Equal(t, "hello", string(files[0].Content))
	assert.Equal(t, folder, files[0].Folder)
	assert.Equal(t, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", files[0].SHA256())

	// A portal does not forget the address: what is sent twice is refused for its name, or is there twice.
	a, err = postFile(t, p, address, [2]string{"file", "a.txt"}, strings.NewReader("hello"))
	require.NoError(t, err)
	assert.Equal(t, "DISK_OBJ_22000: A file with this name already exists (DISK_OBJ_22000).", a.errorText(t))
	address = slot(t, p, folder, `,"generateUniqueName":true`)
	for _, want := range []string{"a (1).txt", "a (2).txt"} {
		a, err = postFile(t, p, address, [2]string{"file", "a.txt"}, strings.NewReader("hello"))
		require.NoError(t, err)
		assert.Equal(t, want, a.field(t, "result", "NAME"))
	}
	assert.Len(t, p.Files(), 3)
}

func TestUploadRefusals(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	address := slot(t, p, p.SeedFolder(""), "")
	for _, tt := range []struct{ address, field, want string }{
		{address, "other", "DISK_BASE_SERVICE_22001: Error: required parameter file (DISK_BASE_SERVICE_22001)."},
		{slot(t, p, 77, ""), "file", "ERROR_NOT_FOUND: Could not find entity with id '77'."},
		{p.WebhookURL() + "upload", "file", "ACCESS_DENIED: Access denied! Link check failed"},
	} {
		a, err := postFile(t, p, tt.address, [2]string{tt.field, "a"}, strings.NewReader("x"))
		require.NoError(t, err)
		assert.Equal(t, tt.want, a.errorText(t))
	}
	p.ExpireLinks()
	a, err := postFile(t, p, address, [2]string{"file", "a"}, strings.NewReader("x"))
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, a.Status)
	a, err = postBody(t, p, slot(t, p, p.SeedFolder(""), ""), "application/json", strings.NewReader(`{"file":"x"}`))
	require.NoError(t, err)
	assert.Contains(t, a.Body, "DISK_BASE_SERVICE_22001")
	assert.Empty(t, p.Files())
}

// What breaks in the middle leaves nothing; what breaks afterwards leaves the file.
func TestFaultsOfUploads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		folder := p.SeedFolder("")
		address := slot(t, p, folder, "")
		p.Fault("upload", b24test.CutUpload(150_000))
		_, err := postFile(t, p, address, [2]string{"file", "a"}, b24test.FileContent(4_000_000))
		require.ErrorContains(t, err, "reset")
		p.Fault("upload", b24test.CutUpload(0))
		_, err = postFile(t, p, address, [2]string{"file", "a"}, b24test.FileContent(400_000))
		require.Error(t, err)
		assert.Empty(t, p.Files())
		assert.Zero(t, p.Executed("upload"))
		assert.Equal(t, 2, p.Calls("upload"))

		start := time.Now()
		p.Fault("upload", b24test.StallUpload(1000, 30*time.Second))
		a, err := postFile(t, p, address, [2]string{"file", "stalled"}, b24test.FileContent(400_000))
		require.NoError(t, err)
		assert.Equal(t, 200, a.Status)
		assert.Equal(t, 30*time.Second, time.Since(start))

		for name, fault := range map[string]b24test.Fault{"before": b24test.ResetBefore(), "after": b24test.ResetAfter(), "cut": b24test.CutBody(10)} {
			p.Fault("upload", fault)
			_, err := postFile(t, p, address, [2]string{"file", name}, strings.NewReader("x"))
			require.Error(t, err, name)
		}
		p.Fault("upload", b24test.HTML(http.StatusRequestEntityTooLarge))
		a, err = postFile(t, p, address, [2]string{"file", "large"}, strings.NewReader("x"))
		require.NoError(t, err)
		assert.Equal(t, http.StatusRequestEntityTooLarge, a.Status)
		var names []string
		for _, f := range p.Files() {
			names = append(names, f.Name)
		}
		assert.ElementsMatch(t, []string{"stalled", "after", "cut"}, names)
	})
}

// A caller that disconnects in the middle has uploaded nothing.
func TestUploadThatTheCallerEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t)
		address := slot(t, p, p.SeedFolder(""), "")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		p.Fault("upload", b24test.StallUpload(1000, time.Minute))
		body, contentType := form("file", "a", b24test.FileContent(400_000))
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body)
		require.NoError(t, err)
		req.Header.Set("Content-Type", contentType)
		_, err = do(p.HTTPClient(), req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(2 * time.Minute)
		assert.Empty(t, p.Files())
		assert.Zero(t, p.Executed("upload"))
	})
}

// Large files need no memory, up and down.
//
//nolint:paralleltest // it measures what is allocated
func TestLargeFiles(t *testing.T) {
	const size = 64 << 20
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithKeptFiles(1<<20))
	address := slot(t, p, p.SeedFolder(""), "")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	a, err := postFile(t, p, address, [2]string{"file", "big.bin"}, b24test.FileContent(size))
	require.NoError(t, err)
	resp, err := p.HTTPClient().Get(a.field(t, "result", "DOWNLOAD_URL").(string))
	require.NoError(t, err)
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	assert.Equal(t, int64(size), n)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
	f := p.Files()[0]
	assert.Nil(t, f.Content)
	assert.Equal(t, int64(size), f.Size)
	assert.Equal(t, b24test.File{Size: size}.SHA256(), f.SHA256())
}

// What begins as [b24test.FileContent] does and goes on in another way is kept as it is.
func TestUploadThatBeginsRegularly(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	want, err := io.ReadAll(b24test.FileContent(200_000))
	require.NoError(t, err)
	want = append(want, "and more"...)
	_, err = postFile(t, p, slot(t, p, p.SeedFolder(""), ""), [2]string{"file", "a"}, bytes.NewReader(want))
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, p.Files()[0].Content))
}

// Of another large file only the size and the hash are kept.
func TestLargeFileIsNotKept(t *testing.T) {
	t.Parallel()
	tb := &recorder{TB: t}
	p := b24test.NewPortal(tb, b24test.WithMemory(), b24test.WithKeptFiles(4))
	address := slot(t, p, p.SeedFolder(""), "")
	a, err := postFile(t, p, address, [2]string{"file", "a.txt"}, strings.NewReader("hello"))
	require.NoError(t, err)
	assert.Equal(t, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", p.Files()[0].SHA256())
	assert.Equal(t, http.StatusInternalServerError, get(t, p, a.field(t, "result", "DOWNLOAD_URL").(string)).Status)
	require.Len(t, tb.texts, 1)
	assert.Contains(t, tb.texts[0], "WithKeptFiles")
}

// The record of a finished call comes in one step, or in two, and replaces another one unless that
// has its name.
func TestCallRecords(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	id := call(t, p, "telephony.externalcall.register", `{"USER_ID":1,"PHONE_NUMBER":"+49301","TYPE":1,"CALL_START_DATE":"2026-03-04T10:00:00+00:00"}`).
		field(t, "result", "CALL_ID").(string)
	record := func(more string) answer {
		return call(t, p, "telephony.externalcall.attachrecord", `{"CALL_ID":"`+id+`"`+more+`}`)
	}
	assert.Equal(t, ": Call is not found in the statistic table. Looks like it is not finished yet.", record(`,"FILENAME":"a.mp3"`).errorText(t))
	call(t, p, "telephony.externalcall.finish", `{"CALL_ID":"`+id+`","USER_ID":1,"DURATION":5}`)
	assert.Equal(t, ": Required parameters are not set. Request should contain or URL or FILENAME parameter", record("").errorText(t))
	assert.Equal(t, ": Wrong file extension. Only wav and mp3 are allowed", record(`,"FILENAME":"a.MP3","FILE_CONTENT":"eA=="`).errorText(t))
	assert.Equal(t, ": File content is empty.", record(`,"FILENAME":"a.mp3","FILE_CONTENT":""`).errorText(t))
	assert.Equal(t, ": File content is not properly encoded. Base64 encoding is expected.", record(`,"FILENAME":"a.mp3","FILE_CONTENT":"-"`).errorText(t))

	a := record(`,"FILENAME":"a.mp3"`)
	assert.Equal(t, "file", a.field(t, "result", "fieldName"))
	address := a.field(t, "result", "uploadUrl").(string)
	a, err := postFile(t, p, address, [2]string{"file", "a.mp3"}, strings.NewReader("sound"))
	require.NoError(t, err)
	file := p.Files()[0]
	assert.Equal(t, num(file.ID), a2json(t, a.field(t, "result", "FILE_ID")))
	assert.Equal(t, "audio/mpeg", file.ContentType)
	assert.Equal(t, p.SeedFolder("Telephony - call recordings/2026-03"), file.Folder)
	assert.Equal(t, num(file.ID), call(t, p, "voximplant.statistic.get", `{}`).field(t, "result", 0, "RECORD_FILE_ID"))

	a, err = postFile(t, p, address, [2]string{"file", "a.mp3"}, strings.NewReader("sound"))
	require.NoError(t, err)
	assert.Equal(t, ": A file with this name already exists", a.errorText(t), "a repeat is refused")
	a, err = postFile(t, p, address, [2]string{"file", "a.ogg"}, strings.NewReader("sound"))
	require.NoError(t, err)
	assert.Equal(t, ": Wrong file extension. Only wav and mp3 are allowed", a.errorText(t))
	a = record(`,"FILENAME":"b.wav","FILE_CONTENT":"eA=="`)
	assert.Equal(t, a2json(t, a.field(t, "result", "FILE_ID")), call(t, p, "voximplant.statistic.get", `{}`).field(t, "result", 0, "RECORD_FILE_ID"))
}
