//go:build !race

package proof_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/b24go/b24"
	"github.com/b24go/b24/file"
)

// signed is the signature of a link: whoever has it can read the file.
const signed = "sgn4turemarker5k"

// linkTo is a link of the portal of an exhibition.
func linkTo(what string) string {
	return "https://exhibition.bitrix24.com/rest/1/" + marker + "/" + what + "/?token=" + url.QueryEscape("disk|aWQ9OTAxMSZfPXg=|"+signed)
}

// tellingFiles answer requests for files, and show the link and the secret wherever they can.
func tellingFiles() []roundTripper {
	fill := func(r *http.Request, text string) string {
		return strings.NewReplacer("{S}", marker, "{URL}", r.URL.String(), "{Q}", r.URL.RawQuery, "{T}", signed).Replace(text)
	}
	says := func(status int, kind, disposition, body string) roundTripper {
		return func(r *http.Request) (*http.Response, error) {
			return answered(status, http.Header{"Content-Type": {fill(r, kind)}, "Content-Disposition": {fill(r, disposition)}, "Retry-After": {"{T}"}}, fill(r, body)), nil
		}
	}
	moved := func(to string) roundTripper {
		return func(r *http.Request) (*http.Response, error) {
			return answered(http.StatusFound, http.Header{"Location": {fill(r, to)}}, fill(r, "{URL}")), nil
		}
	}
	return []roundTripper{
		says(200, "text/html; x={URL}", "", "<html>{URL} {T} {Q}</html>"),
		says(404, "text/html; x={T}", "attachment; filename={T}", "{URL} {T} &#115;&#103;n4turemarker5k"),
		says(500, "application/json", "", `{"error":"{T}","error_description":"{URL} {Q}","argument":"{T}"}`),
		says(401, "application/json", "", `{"error":"expired_token","error_description":"{URL}","validation":[{"field":"{T}","message":"{T}"}]}`),
		says(503, "application/json", "", `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"{T}"}`),
		says(200, "{URL}", "", `{"result":{"field":"{T}","uploadUrl":"{T}"}}`),
		says(206, "{URL}", "attachment", "{T}"),
		moved("http://new.example/{Q}"), moved("https://{S}:{T}@new.example/"), moved("https://new.example:{T}/"), moved("https://new.example/?x={Q}&t={T}"), moved("/rest/1/{S}/x?{T}"), moved("{URL}"),
		func(r *http.Request) (*http.Response, error) {
			return nil, &url.Error{Op: r.Method, URL: r.URL.String(), Err: errors.New("no way to " + signed)}
		},
		func(r *http.Request) (*http.Response, error) { return nil, &hiddenError{request: r} },
		func(r *http.Request) (*http.Response, error) {
			answer := answered(http.StatusOK, http.Header{"Content-Type": {r.URL.RawQuery}, "Content-Disposition": {"attachment"}}, "")
			answer.ContentLength = 1000
			answer.Body = brokenBody{errors.New("read " + r.URL.String())}
			return answer, nil
		},
		func(*http.Request) (*http.Response, error) {
			return answered(http.StatusOK, http.Header{"Content-Encoding": {"gzip"}, "Content-Disposition": {"attachment"}}, signed+"no gzip"), nil
		},
	}
}

// firstStep answers the first step of an upload, and leaves the rest to then.
func firstStep(then roundTripper) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.Path, "/disk.folder.uploadFile") {
			return answered(http.StatusOK, nil, `{"result":{"field":"file","uploadUrl":"`+linkTo("upload")+`"}}`), nil
		}
		return then(r)
	}
}

// files moves files with a client, and shows what comes of it.
func (e *exhibition) files(t *testing.T, h *b24.Hook) {
	t.Helper()
	clear(e.seen)
	link := b24.NewFileURL(linkTo("download"))
	e.show(t, link, &link)
	renew := file.WithRenew(func(context.Context) (b24.FileURL, error) {
		return b24.FileURL{}, errors.New("no link beside " + link.Reveal())
	})
	for _, link := range []b24.FileURL{
		link, b24.NewFileURL("https://new.example/" + signed + "?x=" + signed), b24.NewFileURL("https://10.0.0.1/" + signed),
		b24.NewFileURL("/rest/1/" + marker + "/crm.deal.delete?" + signed), b24.NewFileURL("https://" + signed + ":" + marker + "@x.example/%zz"),
	} {
		for _, opts := range [][]file.DownloadOption{nil, {renew}, {file.WithSize(3)}} {
			info, err := file.Download(t.Context(), h, link, io.Discard, opts...)
			e.show(t, err)
			e.add(t, info.Size)
		}
		body, err := file.Open(t.Context(), h, link)
		e.show(t, err)
		if err == nil {
			e.add(t, body)
			_, err = io.ReadAll(body)
			e.show(t, err, body.Close())
		}
	}
	for _, body := range []io.Reader{strings.NewReader("abc"), brokenBody{errors.New("no file beside " + link.Reveal())}} {
		stored, err := file.Upload(t.Context(), h, file.Folder("1"), file.File{Name: "a", Size: 3, Body: body})
		e.show(t, err)
		e.add(t, stored.Link)
	}
	over, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("asked by " + link.Reveal()))
	_, err := file.Download(over, h, link, io.Discard)
	e.show(t, err)
	_, err = file.Upload(over, h, file.Folder("1"), file.File{Name: "a", Size: 3, Body: strings.NewReader("abc")})
	e.show(t, err)
	_, err = h.CallMethod(t.Context(), "crm.deal.add", b24.Params{"COMMENTS": link, "list": []any{&link, struct{ L b24.FileURL }{link}}})
	e.show(t, err)
}
