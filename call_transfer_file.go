package b24

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/b24go/b24/internal/door"
	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/transport"
)

// maxRedirects is how many redirects a download follows.
const maxRedirects = 5

// walk asks for a file and follows redirects, without the key.
func (t *transfer) walk(ctx context.Context, watch *door.Watch, link door.Link, g door.Get) (*http.Response, error) {
	for n := 0; ; n++ {
		resp, err := t.ask(ctx, watch, hop{link, n == 0}, g)
		if err != nil {
			return nil, err
		}
		to := resp.Header.Get("Location")
		if resp.StatusCode/100 != http.StatusMultipleChoices/100 || to == "" {
			return resp, nil
		}
		closeBody(resp)
		if n == maxRedirects {
			return nil, t.redirect(resp, errors.New("there are more than 5 redirects"))
		}
		next, problem := t.c().onward(link, to, g.Hosts)
		if problem != door.Fine {
			return nil, t.redirect(resp, detailed(ErrFileURL, ": "+string(problem)))
		}
		link = next
		t.learn(link)
		if err := t.admit(ctx, link); err != nil {
			return nil, err
		}
	}
}

// onward checks where a redirect leads. A portal that was renamed sends its own path on, with the
// key in it; any other redirect must not carry the key to another host.
func (c *client) onward(from door.Link, location string, hosts []string) (door.Link, door.Problem) {
	to, problem := c.site().Follow(from, location, hosts)
	if problem == door.Fine && !to.Own && to.URL.Path != from.URL.Path && c.secrets.Holds(to.URL.String()) {
		return door.Link{}, door.ProblemSecret
	}
	return to, problem
}

// redirect returns the error of a redirect that is not followed.
func (t *transfer) redirect(resp *http.Response, why error) error {
	e := t.failed("redirect", why)
	e.known, e.Status = OutcomeRefused, resp.StatusCode
	return e
}

// hop is one address on the way to a file.
type hop struct {
	link  door.Link
	first bool
}

// ask sends one request for a file.
func (t *transfer) ask(ctx context.Context, watch *door.Watch, to hop, g door.Get) (*http.Response, error) {
	var way road
	req, err := http.NewRequestWithContext(way.trace(ctx), http.MethodGet, to.link.URL.String(), http.NoBody)
	if err != nil {
		return nil, t.failed("send", err)
	}
	req.Header = t.header(to)
	if g.From > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(g.From, 10)+"-")
		if g.IfRange != "" {
			req.Header.Set("If-Range", g.IfRange)
		}
	}
	watch.Begin()
	resp, err := t.c().roundTrip(req, to.link, &way)
	watch.Rest()
	switch {
	case err == nil:
		return resp, nil
	case way.refused.Load():
		return nil, t.refused(door.ProblemAddress)
	case way.unused():
		e := t.failed("connect", ended(ctx, err))
		e.known = OutcomeNotSent
		return nil, e
	default:
		return nil, t.failed("send", ended(ctx, err))
	}
}

// file returns the file of an answer. Anything else is an error: a page, or the error of a portal,
// is never taken for a file.
func (t *transfer) file(ctx context.Context, watch *door.Watch, resp *http.Response, g door.Get) (*door.Stream, error) {
	s := &door.Stream{
		Length: -1, Total: -1, Partial: resp.StatusCode == http.StatusPartialContent, Sealed: sealedBody(resp),
		ContentType: resp.Header.Get("Content-Type"), Disposition: resp.Header.Get("Content-Disposition"), ETag: resp.Header.Get("ETag"),
	}
	in := &received{of: func() arrival { return arrival{t, ctx, resp} }, watch: watch}
	s.Body = in
	switch {
	case resp.StatusCode != http.StatusOK && (!s.Partial || g.From == 0), !in.isFile(s):
		return nil, t.noFile(in, resp)
	case s.Partial && !readRange(resp.Header.Get("Content-Range"), s):
		return nil, t.strange(resp, "the answer is a part of the file, but does not say which")
	}
	switch strings.ToLower(resp.Header.Get("Content-Encoding")) {
	case "", "identity":
		if !resp.Uncompressed {
			s.Plain, s.Length = true, resp.ContentLength
		}
	case "gzip", "x-gzip":
		s.Body = &unzipped{received: in}
	default:
		return nil, t.strange(resp, "the file is encoded in a way that was not asked for")
	}
	return s, nil
}

// sealedBody reports whether the body ends with an error if it is cut. Without a length, and
// without chunks, the end of the connection is the end of the file, wherever it comes.
func sealedBody(resp *http.Response) bool {
	return resp.ProtoMajor != 1 || resp.ContentLength >= 0 || len(resp.TransferEncoding) > 0 || resp.Uncompressed
}

// readRange reads the header Content-Range: bytes 5-9/10.
func readRange(header string, s *door.Stream) bool {
	rest, ok := strings.CutPrefix(strings.TrimSpace(header), "bytes ")
	span, total, ok2 := strings.Cut(rest, "/")
	from, to, ok3 := strings.Cut(span, "-")
	if !ok || !ok2 || !ok3 {
		return false
	}
	first, err := strconv.ParseUint(from, 10, 63)
	last, err2 := strconv.ParseUint(to, 10, 63)
	if err != nil || err2 != nil || last < first {
		return false
	}
	s.From = int64(first)
	if total == "*" {
		return true
	}
	all, err := strconv.ParseUint(total, 10, 63)
	s.Total = int64(all)
	return err == nil && last == all-1 // a range without an end goes to the end
}

// isFile reports whether a success answer is a file. A portal names the file in
// Content-Disposition; storages of others may not, but they say its type.
func (r *received) isFile(s *door.Stream) bool {
	if s.Disposition != "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(s.ContentType)
	if err != nil || kind == "" {
		kind, _, _ = mime.ParseMediaType(http.DetectContentType(r.peek()))
		if kind == "text/plain" && strings.HasPrefix(strings.TrimLeft(string(r.peek()), "\ufeff \t\r\n"), `{"`) {
			return false
		}
	}
	return kind != "application/json" && kind != "text/html" && kind != "application/xhtml+xml"
}

// noFile returns the error of an answer that is not a file.
func (t *transfer) noFile(body io.Reader, resp *http.Response) error {
	const most = 1 << 20 // an error is small
	text, err := io.ReadAll(io.LimitReader(body, most))
	closeBody(resp)
	if err != nil && len(text) == 0 {
		return err
	}
	a := transport.Answer{Status: resp.StatusCode, Header: resp.Header, Body: text}
	if env, bad := envelope.Parse(text); bad == nil && env.Failure != nil {
		return t.mask(t.c().failure(t.q, a, env.Failure))
	}
	reason := "the answer is not a file"
	if success(resp.StatusCode) && strings.Contains(resp.Header.Get("Content-Type"), "html") {
		reason = "the answer is a page, not a file: the link is for a browser, which has a session; use DOWNLOAD_URL of disk.file.get, or urlMachine of crm.item.get"
	}
	e, ok := errors.AsType[*TransportError](t.mask(t.c().unreadable(t.q, a, errors.New(reason))))
	if ok && success(resp.StatusCode) || resp.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		e.known = OutcomeRefused // a repeat would bring the same
	}
	return e
}

// strange returns the error of a file that cannot be read, and abandons it.
func (t *transfer) strange(resp *http.Response, why string) error {
	closeBody(resp)
	e := t.failed("read", errors.New(why))
	e.known, e.Status, e.ContentType = OutcomeRefused, resp.StatusCode, t.masks.text(t.c().contentType(resp.Header))
	return e
}

// arrival is what a body belongs to.
type arrival struct {
	t    *transfer
	ctx  context.Context // of the request, which the body is a part of
	resp *http.Response
}

// received is the body of an answer. What it needs is in closures, because net/http keeps the
// request, with the link, in its buffers.
type received struct {
	of    func() arrival
	watch *door.Watch
	ahead []byte // read, but not handed out
	n     int64
	err   error // ends the body behind what was read ahead
}

// Read implements io.Reader.
func (r *received) Read(p []byte) (int, error) {
	if len(r.ahead) > 0 {
		n := copy(p, r.ahead)
		r.ahead = r.ahead[n:]
		return n, nil
	}
	return r.read(p)
}

func (r *received) read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	a := r.of()
	r.watch.Begin()
	n, err := a.resp.Body.Read(p)
	r.watch.Rest()
	r.n += int64(n)
	if err == io.EOF && !a.resp.Uncompressed && a.resp.ContentLength > r.n { //nolint:errorlint // readers return it as it is
		err = io.ErrUnexpectedEOF // a RoundTripper of the caller's may not check it
	}
	if err != nil && err != io.EOF { //nolint:errorlint // as above
		e := a.t.failed("read", ended(a.ctx, err))
		e.Status, e.ContentType = a.resp.StatusCode, a.t.masks.text(a.t.c().contentType(a.resp.Header))
		err = e
	}
	r.err = err
	return n, err
}

// peek returns the beginning of the body.
func (r *received) peek() []byte {
	const enough = 512 // http.DetectContentType looks at no more
	buf := make([]byte, enough)
	for len(r.ahead) < enough && r.err == nil {
		n, _ := r.read(buf[:enough-len(r.ahead)]) // the error stays in r
		r.ahead = append(r.ahead, buf[:n]...)
	}
	return r.ahead
}

// Close abandons the rest.
func (r *received) Close() error {
	r.watch.End()
	return r.of().resp.Body.Close()
}

// unzipped is a body that is compressed although nobody asked for it.
type unzipped struct {
	*received

	zip *gzip.Reader
}

// Read implements io.Reader.
func (u *unzipped) Read(p []byte) (n int, err error) {
	if u.zip == nil {
		if u.zip, err = gzip.NewReader(u.received); err != nil {
			return 0, u.why(err)
		}
	}
	n, err = u.zip.Read(p)
	return n, u.why(err)
}

func (u *unzipped) why(err error) error {
	if _, own := errors.AsType[*TransportError](err); err == nil || own || err == io.EOF { //nolint:errorlint // readers return it as it is
		return err
	}
	return u.of().t.failed("read", err)
}

func closeBody(resp *http.Response) {
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
}
