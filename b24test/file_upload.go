package b24test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// breach is what goes wrong with the body of a request while the portal reads it.
type breach struct {
	after int64 // bytes that arrive before
	stall time.Duration
	reset bool
}

// errBroken ends the body of a request that a fault cuts.
var errBroken = errors.New("the connection was reset")

// streams reports whether the body of a request is a file that is not held in memory.
func (c *call) streams(hr *http.Request) bool {
	mediaType, _, err := mime.ParseMediaType(hr.Header.Get("Content-Type"))
	return c.Version == 2 && strings.EqualFold(c.Method, methodUpload) && err == nil && mediaType == "multipart/form-data"
}

// receive reads the form of an upload. An error means that it did not arrive completely.
func (p *Portal) receive(req *call, hurt *breach) error {
	_, params, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	body := io.Reader(req.body)
	if hurt != nil {
		body = &fragile{from: body, breach: *hurt, c: req}
	}
	files := map[string]*received{}
	mr := multipart.NewReader(body, params["boundary"])
	for {
		part, err := mr.NextPart()
		if err != nil {
			break // at the end, or at the first malformed part, as PHP does
		}
		if part.FileName() == "" || len(files) > 0 && files[part.FormName()] != nil {
			continue
		}
		one := &received{name: fileName(part), kind: part.Header.Get("Content-Type"), sink: newSink(p.cfg.keptFile)}
		if _, err := io.Copy(one.sink, part); err == nil {
			files[part.FormName()] = one
		}
	}
	req.files = files
	_, err := io.Copy(io.Discard, body) // what follows the form, and whether all of it arrived
	return err
}

// fileName returns the name of an uploaded file as PHP reads it: without a path.
func fileName(part *multipart.Part) string {
	_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	return baseName(params["filename"])
}

// fragile is a body that a fault interrupts.
type fragile struct {
	breach

	from io.Reader
	c    *call
	done bool
}

func (f *fragile) Read(b []byte) (int, error) {
	if f.after == 0 && !f.done {
		f.done = true
		if f.reset || !f.c.pause(f.stall) {
			f.done, f.reset = false, true
			return 0, errBroken
		}
	}
	if !f.done {
		b = b[:min(int64(len(b)), f.after)]
	}
	n, err := f.from.Read(b)
	if !f.done {
		f.after -= int64(n)
	}
	return n, err
}

// uploaded returns the file of a request that has a signed link, as stored; nil if there is none.
func (r *room) uploaded(req Request) *blob {
	one := req.files["file"]
	if one == nil || one.name == "" {
		return nil
	}
	return r.store(one.name, one.kind, one.sink.content(), one.sink.hash())
}

// upload answers the second step of an upload.
func upload(p *Portal, req Request) (any, error) {
	if req.scope == "telephony" {
		return p.uploadRecord(req)
	}
	return p.uploadToFolder(req)
}

// uploadSlot returns the answer to the first step of an upload.
func (r *room) uploadSlot(req Request, scope, query, field string) any {
	return php.Object("uploadUrl", r.sign(req, methodUpload, scope, query), field, "file")
}
