package file_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

// drive answers the steps of an upload; step 2 is up to second.
func drive(second func(r *http.Request, n int) *answer) *portal {
	var p *portal
	p = newPortal(func(r *http.Request, n int) *answer {
		switch {
		case strings.Contains(r.URL.Path, "/disk.folder.uploadFile"):
			return jsonReply(200, `{"result":{"field":"file","uploadUrl":"`+p.address("upload")+`"}}`)
		case strings.Contains(r.URL.Path, "/disk.storage.get"):
			return jsonReply(200, `{"result":{"ID":"3","ROOT_OBJECT_ID":"8875"}}`)
		case strings.Contains(r.URL.Path, "/telephony.externalCall.attachRecord"):
			return jsonReply(200, `{"result":{"uploadUrl":"`+p.address("upload")+`","fieldName":"file"}}`)
		default:
			return second(r, n)
		}
	})
	return p
}

func storedReply(size int) *answer {
	return jsonReply(200, fmt.Sprintf(`{"result":{"ID":9011,"NAME":"a.bin","TYPE":"file","PARENT_ID":"8930","SIZE":"%d","DOWNLOAD_URL":"https://x.bitrix24.com/rest/1/%s/download/?token=%s"},"time":{}}`, size, secret, token))
}

func stores(size int) func(*http.Request, int) *answer {
	return func(*http.Request, int) *answer { return storedReply(size) }
}

// formIn reads the form that a portal gets.
func formIn(t *testing.T, s seen) (field, name string, content []byte) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(s.header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/form-data", kind)
	require.Equal(t, int64(len(s.body)), s.length, "Content-Length")
	r := multipart.NewReader(bytes.NewReader(s.body), params["boundary"])
	part, err := r.NextPart()
	require.NoError(t, err)
	content, err = io.ReadAll(part)
	require.NoError(t, err)
	_, end := r.NextPart()
	require.Equal(t, io.EOF, end)
	return part.FormName(), part.FileName(), content
}

// plain hides what a reader can do besides reading.
type plain struct{ io.Reader }

func TestUpload(t *testing.T) { //nolint:tparallel // the rows read one file
	t.Parallel()
	small, large := noise(5000), noise(3<<20)
	path := filepath.Join(t.TempDir(), "x")
	require.NoError(t, os.WriteFile(path, large, 0o600))
	disk, err := os.Open(path)
	require.NoError(t, err)
	defer disk.Close()
	for name, row := range map[string]struct { //nolint:paralleltest // see above
		f       file.File
		content []byte
	}{
		"in memory":      {file.File{Name: "отчёт 1.pdf", Body: bytes.NewReader(small)}, small},
		"size given":     {file.File{Name: `a "b".bin`, Size: 5000, Body: plain{bytes.NewReader(small)}}, small},
		"size unknown":   {file.File{Name: "a;b.bin", Size: -1, Body: plain{bytes.NewReader(small)}}, small},
		"large, unknown": {file.File{Name: "a.bin", Body: plain{bytes.NewReader(large)}}, large},
		"a file":         {file.File{Name: "a.bin", Body: disk}, large},
	} {
		t.Run(name, func(t *testing.T) {
			p := drive(stores(len(row.content)))
			var steps []file.Progress
			h := p.hook(t)
			s, err := file.Upload(t.Context(), h, file.Folder("8930"), row.f, file.WithProgress(func(p file.Progress) { steps = append(steps, p) }))
			require.NoError(t, err)
			assert.Equal(t, b24.ID("9011"), s.ID)
			assert.Equal(t, b24.ID("8930"), s.FolderID)
			assert.False(t, s.Link.IsZero())
			assert.NotContains(t, fmt.Sprintf("%v %+v %#v", s, s, s), signature)
			size := int64(len(row.content))
			assert.Equal(t, file.Progress{Done: size, Total: size}, steps[len(steps)-1])
			requests := p.requests()
			require.Len(t, requests, 2)
			assert.JSONEq(t, `{"id":"8930"}`, string(requests[0].body))
			assert.Equal(t, p.address("upload"), requests[1].url)
			field, as, content := formIn(t, requests[1])
			assert.Equal(t, "file", field)
			assert.Equal(t, row.f.Name, as)
			assert.True(t, bytes.Equal(row.content, content))
			assert.Equal(t, int64(1), h.Stats().Methods["upload"].Calls)
		})
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "b24-upload-*"))
	require.NoError(t, err)
	assert.Empty(t, left, "temporary files are removed")
}

func TestTargets(t *testing.T) {
	t.Parallel()
	body := func() file.File { return file.File{Name: "a.mp3", Body: strings.NewReader("abc")} }
	p := drive(stores(3))
	_, err := file.Upload(t.Context(), p.hook(t), file.Storage("3"), body(), file.WithUniqueName())
	require.NoError(t, err)
	require.Len(t, p.requests(), 3)
	assert.JSONEq(t, `{"id":"8875","generateUniqueName":true}`, string(p.requests()[1].body))

	p = drive(func(*http.Request, int) *answer { return jsonReply(200, `{"result":{"FILE_ID":77}}`) })
	s, err := file.Upload(t.Context(), p.hook(t), file.CallRecord("externalCall.1.2"), body())
	require.NoError(t, err)
	assert.Equal(t, b24.ID("77"), s.ID)
	assert.JSONEq(t, `{"CALL_ID":"externalCall.1.2","FILENAME":"a.mp3"}`, string(p.requests()[0].body))
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	p := drive(stores(3))
	h := p.hook(t)
	abc := func(name string) file.File { return file.File{Name: name, Body: strings.NewReader("abc")} }
	for name, row := range map[string]struct {
		to   file.Target
		f    file.File
		opts []file.UploadOption
		want error
	}{
		"no name":            {file.Folder("1"), abc(" "), nil, nil},
		"a path":             {file.Folder("1"), abc("a/b"), nil, nil},
		"a Windows path":     {file.Folder("1"), abc(`a\b`), nil, nil},
		"two dots":           {file.Folder("1"), abc(".."), nil, nil},
		"a line break":       {file.Folder("1"), abc("a\r\nX: y"), nil, nil},
		"NUL":                {file.Folder("1"), abc("a\x00"), nil, nil},
		"no UTF-8":           {file.Folder("1"), abc("a\xff"), nil, nil},
		"long":               {file.Folder("1"), abc(strings.Repeat("я", 128)), nil, nil},
		"no folder":          {file.Folder(""), abc("a"), nil, nil},
		"folder 0":           {file.Folder("0"), abc("a"), nil, nil},
		"no number":          {file.Storage("x"), abc("a"), nil, nil},
		"no target":          {file.Target{}, abc("a"), nil, nil},
		"no call":            {file.CallRecord(""), abc("a.mp3"), nil, nil},
		"a record of text":   {file.CallRecord("x"), abc("a.txt"), nil, nil},
		"MP3":                {file.CallRecord("x"), abc("a.MP3"), nil, nil},
		"a unique record":    {file.CallRecord("x"), abc("a.mp3"), []file.UploadOption{file.WithUniqueName()}, nil},
		"no body":            {file.Folder("1"), file.File{Name: "a"}, nil, file.ErrEmpty},
		"empty":              {file.Folder("1"), file.File{Name: "a", Body: strings.NewReader("")}, nil, file.ErrEmpty},
		"empty, unknown":     {file.Folder("1"), file.File{Name: "a", Body: plain{strings.NewReader("")}}, nil, file.ErrEmpty},
		"another size":       {file.Folder("1"), file.File{Name: "a", Size: 4, Body: strings.NewReader("abc")}, nil, file.ErrSize},
		"unknown, and fails": {file.Folder("1"), file.File{Name: "a", Body: failing{io.ErrClosedPipe}}, nil, io.ErrClosedPipe},
		"bad option":         {file.Folder("1"), abc("a"), []file.UploadOption{file.WithStallTimeout(-1)}, nil},
	} {
		_, err := file.Upload(t.Context(), h, row.to, row.f, row.opts...)
		require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err), name)
		if row.want != nil {
			require.ErrorIs(t, err, row.want, name)
		}
	}
	assert.Empty(t, p.requests())
}

func TestAnswersToTheFirstStep(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		answer string
		want   string // of the error; empty: uploaded
	}{
		"other names":    {`{"result":{"fieldName":"file","UploadUrl":"{URL}"}}`, ""},
		"nothing":        {`{"result":{"field":"file"}}`, "no address"},
		"no field":       {`{"result":{"uploadUrl":"{URL}"}}`, "no address"},
		"a forged field": {`{"result":{"field":"a\"\r\nX: y","uploadUrl":"{URL}"}}`, "no address"},
		"another host":   {`{"result":{"field":"file","uploadUrl":"https://evil.example/rest/1/` + secret + `/upload/?token=` + token + `"}}`, "does not lead to the portal"},
		"plain http":     {`{"result":{"field":"file","uploadUrl":"http://evil.example/upload?token=` + token + `"}}`, "not https"},
		"userinfo":       {`{"result":{"field":"file","uploadUrl":"https://u@evil.example/upload?token=` + token + `"}}`, "user name"},
		"a plain method": {`{"result":{"field":"file","uploadUrl":"/rest/1/` + secret + `/crm.deal.delete?id=5"}}`, "calls a method"},
		"an error":       {`{"error":"ACCESS_DENIED"}`, "ACCESS_DENIED"},
	} {
		p := newPortal(nil)
		p.answer = func(_ *http.Request, n int) *answer {
			if n == 1 {
				return jsonReply(200, strings.ReplaceAll(row.answer, "{URL}", p.address("upload")))
			}
			return storedReply(3)
		}
		_, err := file.Upload(t.Context(), p.hook(t), file.Folder("1"), file.File{Name: "a", Body: strings.NewReader("abc")})
		if row.want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, row.want, name)
		assert.False(t, b24.MayHaveExecuted(err), name)
		harmless(t, err)
		assert.Len(t, p.requests(), 1, name)
	}
}

// Nothing is sent twice that may have arrived.
func TestAnswersToTheSecondStep(t *testing.T) {
	t.Parallel()
	html := func(status int) func() *answer {
		return func() *answer {
			return reply(status, strings.NewReader("<html>"+signature+"</html>"), "Content-Type", "text/html")
		}
	}
	for name, row := range map[string]struct {
		resp    func() *answer
		is      error
		outcome b24.Outcome
		sent    int
	}{
		"lost": {func() *answer { return nil }, io.ErrUnexpectedEOF, b24.OutcomeUnknown, 1},
		"cut":  {func() *answer { return reply(200, cutAfter([]byte(`{"result":{}}`), 5)) }, io.ErrUnexpectedEOF, b24.OutcomeUnknown, 1},
		"504":  {html(504), b24.ErrBadResponse, b24.OutcomeUnknown, 1},
		"502":  {html(502), b24.ErrBadResponse, b24.OutcomeUnknown, 1},
		"413":  {html(413), b24.ErrBadResponse, b24.OutcomeUnknown, 1},
		"redirect": {func() *answer {
			return reply(307, strings.NewReader(""), "Location", "https://evil.example/"+secret)
		}, nil, b24.OutcomeRefused, 1},
		"name taken": {func() *answer {
			return jsonReply(400, `{"error":"DISK_OBJ_22000","error_description":"`+signature+`"}`)
		}, file.ErrNameTaken, b24.OutcomeRefused, 1},
		"no result":       {func() *answer { return jsonReply(200, `{"result":null}`) }, nil, b24.OutcomeUnknown, 1},
		"a list":          {func() *answer { return jsonReply(200, `{"result":[]}`) }, nil, b24.OutcomeUnknown, 1},
		"less was stored": {func() *answer { return storedReply(2) }, file.ErrSize, b24.OutcomeUnknown, 1},
		"expired":         {func() *answer { return jsonReply(401, `{"error":"expired_token"}`) }, b24.ErrExpiredToken, b24.OutcomeRefused, 2},
		"limits":          {func() *answer { return jsonReply(503, `{"error":"QUERY_LIMIT_EXCEEDED"}`) }, b24.ErrQueryLimitExceeded, b24.OutcomeRefused, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, body := range []io.Reader{strings.NewReader("abc"), plain{strings.NewReader("abc")}} {
				p := drive(func(*http.Request, int) *answer { return row.resp() })
				h := p.hook(t, b24.WithRetry(b24.RetryPolicy{MaxRefusals: 3, BaseDelay: 1, MaxDelay: 1}))
				sent := row.sent
				if _, once := body.(plain); once {
					sent = 1
				}
				_, err := file.Upload(t.Context(), h, file.Folder("1"), file.File{Name: "a", Size: 3, Body: body})
				if row.is != nil {
					require.ErrorIs(t, err, row.is)
				}
				assert.Equal(t, row.outcome, b24.OutcomeOf(err), err)
				harmless(t, err)
				assert.Len(t, p.requests(), 2*sent)
			}
		})
	}
}

func TestUploadThatIsSentAgain(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]*answer{
		"expired": jsonReply(401, `{"error":"expired_token"}`), "limits": jsonReply(503, `{"error":"QUERY_LIMIT_EXCEEDED"}`),
	} {
		p := drive(func(_ *http.Request, n int) *answer {
			if n == 2 {
				return refusal
			}
			return storedReply(3)
		})
		r := strings.NewReader("..abc")
		_, _ = r.Seek(2, io.SeekStart) // the body begins where it stands
		_, err := file.Upload(t.Context(), p.hook(t), file.Folder("1"), file.File{Name: "a", Body: r})
		require.NoError(t, err, name)
		require.Len(t, p.requests(), 4)
		_, _, content := formIn(t, p.requests()[3])
		assert.Equal(t, "abc", string(content))
	}
}

// A body that is not what was announced never arrives as a whole.
func TestBodiesThatAreNotTheirSize(t *testing.T) {
	t.Parallel()
	broken := errors.New("the tape is torn at " + secret)
	for name, row := range map[string]struct {
		body io.Reader
		want error
	}{
		"shorter":       {plain{strings.NewReader("ab")}, file.ErrSize},
		"longer":        {plain{strings.NewReader("abcd")}, file.ErrSize},
		"fails":         {plain{io.MultiReader(strings.NewReader("ab"), failing{broken})}, broken},
		"fails at once": {plain{failing{broken}}, broken},
	} {
		p := drive(stores(3))
		_, err := file.Upload(t.Context(), p.hook(t), file.Folder("1"), file.File{Name: "a", Size: 3, Body: row.body})
		require.ErrorIs(t, err, row.want, name)
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err), name)
		harmless(t, err)
		assert.Len(t, p.requests(), 1, name)
	}
}

func TestStallsAndContextsEndAnUpload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := drive(func(r *http.Request, _ int) *answer { <-r.Context().Done(); return nil })
		start := time.Now()
		_, err := file.Upload(t.Context(), p.hook(t), file.Folder("1"), file.File{Name: "a", Body: strings.NewReader("abc")})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 75*time.Second, time.Since(start))
		assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err))
		harmless(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = file.Upload(ctx, p.hook(t), file.Folder("1"), file.File{Name: "a", Body: strings.NewReader("abc")})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 76*time.Second, time.Since(start))

		slow := drive(stores(3)) // a producer may take its time
		_, err = file.Upload(t.Context(), slow.hook(t), file.Folder("1"), file.File{Name: "a", Size: 3, Body: plain{&sleepy{"abc"}}}, file.WithStallTimeout(time.Second))
		require.NoError(t, err)
	})
}

type sleepy struct{ rest string }

func (s *sleepy) Read(p []byte) (int, error) {
	if s.rest == "" {
		return 0, io.EOF
	}
	time.Sleep(time.Hour)
	n := copy(p[:1], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func TestFindUploaded(t *testing.T) {
	t.Parallel()
	p := newPortal(func(r *http.Request, _ int) *answer {
		if strings.Contains(r.URL.Path, "disk.storage.get") {
			return jsonReply(200, `{"result":{"ROOT_OBJECT_ID":"8875"}}`)
		}
		return jsonReply(200, `{"result":[{"ID":"1","NAME":"a","TYPE":"folder","SIZE":null},{"ID":"2","NAME":"a","TYPE":"file","SIZE":"5"}],"total":2}`)
	})
	h := p.hook(t)
	s, found, err := file.FindUploaded(t.Context(), h, file.Storage("3"), "a", 5)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, b24.ID("2"), s.ID)
	assert.JSONEq(t, `{"id":"8875","filter":{"NAME":"a"}}`, string(p.requests()[1].body))
	_, found, err = file.FindUploaded(t.Context(), h, file.Folder("3"), "a", 6)
	require.NoError(t, err)
	assert.False(t, found)
	_, _, err = file.FindUploaded(t.Context(), h, file.CallRecord("3"), "a.mp3", 6)
	require.ErrorIs(t, err, b24.ErrInvalidParams)
}

// The name is looked for as Drive stores it, and as it was sent, in case a portal allows more.
func TestFindUploadedUnderItsOtherName(t *testing.T) {
	t.Parallel()
	for _, kept := range []string{"a_b.txt", "a?b.txt", "c.txt"} {
		p := newPortal(func(*http.Request, int) *answer { return nil })
		p.answer = func(_ *http.Request, n int) *answer {
			if asked := string(p.requests()[n-1].body); !strings.Contains(asked, kept) {
				return jsonReply(200, `{"result":[],"total":0}`)
			}
			return jsonReply(200, `{"result":[{"ID":"2","NAME":"`+kept+`","TYPE":"file","SIZE":"5"}],"total":1}`)
		}
		s, found, err := file.FindUploaded(t.Context(), p.hook(t), file.Folder("3"), "a?b.txt", 5)
		require.NoError(t, err)
		assert.Equal(t, kept != "c.txt", found, kept)
		if found {
			assert.Equal(t, kept, s.Name)
		}
	}
}
