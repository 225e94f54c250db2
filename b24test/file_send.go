package b24test

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// download returns the answer that is a file, as PHP sends it: it honours one range and no other
// condition.
func (r *room) download(req Request, b *blob, name string) any {
	if _, gone := b.content.(lost); gone {
		r.p.report("b24test: file " + strconv.Itoa(b.id) + ", " + b.name + ": " + errLost.Error())
		return htmlReply(http.StatusInternalServerError).raw()
	}
	header := http.Header{}
	header.Set("Content-Type", b.kind)
	header.Set("Content-Disposition", disposition(cmp.Or(name, b.name)))
	header.Set("Content-Transfer-Encoding", "binary")
	header.Set("Cache-Control", "no-cache, must-revalidate, post-check=0, pre-check=0")
	header.Set("Expires", "0")
	header.Set("Pragma", "public")
	size := b.content.Size()
	wanted := req.Header.Get("Range")
	if wanted == "" || r.p.cfg.rangeless {
		return Result{file: &reply{status: http.StatusOK, header: header, content: io.NewSectionReader(b.content, 0, size)}}
	}
	from, n, ok := rangeOf(wanted, size)
	if !ok {
		return Result{file: &reply{
			status: http.StatusRequestedRangeNotSatisfiable,
			header: http.Header{"Content-Range": {"bytes */" + strconv.FormatInt(size, 10)}, "Content-Type": {"text/html; charset=UTF-8"}},
		}}
	}
	header.Set("Accept-Ranges", "bytes")
	header.Set("Content-Range", "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(from+n-1, 10)+"/"+strconv.FormatInt(size, 10))
	return Result{file: &reply{status: http.StatusPartialContent, header: header, content: io.NewSectionReader(b.content, from, n)}}
}

// disposition returns a Content-Disposition with a name in ASCII and the real one.
func disposition(name string) string {
	ascii := strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case c == '.' || c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			return c
		}
		return '_'
	}, name)
	return `attachment; filename="` + ascii + `"; filename*=utf-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// rangeOf reads a header Range as PHP does. False means that it is refused: several ranges are, too.
func rangeOf(header string, size int64) (from, n int64, ok bool) {
	unit, value, ok := strings.Cut(header, "=")
	if !ok || !strings.EqualFold(strings.TrimSpace(unit), "bytes") || strings.Contains(value, ",") {
		return 0, 0, false
	}
	first, last, ok := strings.Cut(value, "-")
	if !ok {
		return 0, 0, false
	}
	start, noStart := strconv.ParseInt(strings.TrimSpace(first), 10, 64)
	end, noEnd := strconv.ParseInt(strings.TrimSpace(last), 10, 64)
	switch {
	case noStart != nil && noEnd != nil:
		start, end = 0, 0 // PHP takes what is no number for 0
	case noStart != nil:
		start, end = max(0, size-end), size-1
	case noEnd != nil:
		end = size - 1
	}
	if start > end || start >= size {
		return 0, 0, false
	}
	return start, min(end, size-1) - start + 1, true
}

// page answers a request to an address outside the REST API; false means that there is nothing.
func (p *Portal) page(req *call, path string) (reply, bool) {
	p.data.mu.Lock()
	defer p.data.mu.Unlock()
	r := p.data.files
	switch {
	case strings.HasPrefix(path, bucketPath):
		return r.bucket(req, path)
	case path == "bitrix/tools/disk/uf.php":
		return r.attachedFile(req), true
	case path == "bitrix/services/main/ajax.php":
		return jsonReply(http.StatusUnauthorized, php.Object("status", "error", "data", nil, "errors", php.List(
			php.Object("message", "User is not authorized", "code", "invalid_authentication", "customData", nil),
		))), true
	case strings.HasPrefix(path, "bitrix/components/"), strings.HasPrefix(path, "~"), path == "auth":
		return loginPage(), true
	case strings.HasPrefix(path, "company/"), strings.HasPrefix(path, "docs/"), strings.HasPrefix(path, "workgroups/"):
		return reply{
			status: http.StatusFound,
			header: http.Header{"Location": {p.cfg.prefix + "/auth/?backurl=" + url.QueryEscape("/"+path)}, "Content-Type": {"text/html; charset=UTF-8"}},
		}, true
	}
	return reply{}, false
}

// loginPage is what a portal shows to a visitor that has no session: a page, with status 200.
func loginPage() reply {
	rep := htmlReply(http.StatusOK)
	rep.body = []byte("<!DOCTYPE html>\n<html><head><title>Authorization</title></head><body><form method=\"post\" action=\"/auth/\">" +
		"<input name=\"USER_LOGIN\"><input type=\"password\" name=\"USER_PASSWORD\"></form></body></html>\n")
	return rep
}

// attachedFile answers an address of a file that is attached to a record, which has the credentials
// in its query.
func (r *room) attachedFile(req *call) reply {
	query := php.ParseQuery(req.rawQuery)
	auth := query.Inner("auth")
	denied := jsonReply(http.StatusOK, php.Object("status", "denied", "message", ""))
	a := r.attached[query.Int("attachedId")]
	if auth.Text("aplogin") != strconv.FormatInt(r.p.cfg.userID, 10) || auth.Text("ap") != r.p.cfg.secret || a == nil {
		return denied
	}
	file := r.p.driveObject(a.object)
	if file == nil {
		return denied
	}
	b := r.blob(file.fields["FILE_ID"])
	if b == nil {
		return denied
	}
	rep := resultOf(r.download(req.Request, b, php.Text(file.fields["NAME"])))
	if rep.file == nil {
		return rep.raw.reply()
	}
	if rep.file.content != nil {
		rep.file.header.Set("ETag", etag(b)) // PHP sends it without quotation marks
		rep.file.header.Set("Cache-Control", "private, max-age=10800, pre-check=10800")
	}
	return *rep.file
}

func etag(b *blob) string {
	return hashOf(strings.NewReader(b.name + strconv.Itoa(b.id)))[:nonceSize]
}

// bucketPath begins the addresses of files in a cloud storage.
const bucketPath = "b24test-bucket/"

// BucketURL returns the address of a stored file in a cloud storage, at an origin such as
// "https://cdn.example.com": a target for [Redirect]. The portal answers it for every host that
// [Portal.HTTPClient] dials, to whoever knows the address, as a storage does: with an ETag, a range
// and If-Range, and without Content-Disposition. id is a [File.FileID].
func (p *Portal) BucketURL(origin string, id int64) string {
	p.data.mu.Lock()
	defer p.data.mu.Unlock()
	file := strconv.FormatInt(id, 10)
	return origin + p.cfg.prefix + "/" + bucketPath + file + "?sign=" + p.data.files.bucketKey(file)
}

func (r *room) bucketKey(id string) string {
	return hashOf(strings.NewReader(string(r.key) + id))[:nonceSize]
}

func (r *room) bucket(req *call, path string) (reply, bool) {
	id := strings.TrimPrefix(path, bucketPath)
	b := r.blob(id)
	if b == nil || req.Query.Get("sign") != r.bucketKey(id) {
		return reply{status: http.StatusForbidden, header: http.Header{"Content-Type": {"application/xml"}}, body: []byte("<Error><Code>AccessDenied</Code></Error>")}, true
	}
	tag := `"` + etag(b) + `"`
	if condition := req.Header.Get("If-Range"); condition != "" && condition != tag {
		req.Header = req.Header.Clone()
		req.Header.Del("Range")
	}
	rep := resultOf(r.download(req.Request, b, b.name))
	if rep.file == nil {
		return rep.raw.reply(), true
	}
	if rep.file.content != nil {
		kept := rep.file.header
		rep.file.header = http.Header{"Content-Type": kept["Content-Type"], "Accept-Ranges": {"bytes"}, "Etag": {tag}}
		if part, ok := kept["Content-Range"]; ok {
			rep.file.header["Content-Range"] = part
		}
	}
	return *rep.file, true
}
