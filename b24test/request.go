package b24test

import (
	"cmp"
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test/internal/php"
)

// Request is a request as it arrived and as the portal understood it. Its maps and slices are
// shared: do not modify them.
type Request struct {
	// Time is when the request arrived.
	Time time.Time
	// Verb is the HTTP method, POST for nearly all calls.
	Verb string
	// Host is the host the request was sent to.
	Host string
	// Method is the called REST method as in the path, without .json and without a trailing slash.
	Method string
	// Version is the API version of the address, 2 or 3; 0 for an address outside the REST API.
	Version int
	// User is the user id in the address, unchanged; empty if the address has none.
	User string
	// Header holds the HTTP headers.
	Header http.Header
	// Query holds the parameters of the address, decoded as Go does it.
	Query url.Values
	// RawBody is the body as it arrived; nil for the form of an upload, which is not held in memory.
	RawBody []byte
	// Params holds the parameters as the method sees them, by PHP's rules and without the reserved
	// names. Numbers of a JSON body are json.Number, everything in a query string or form is text;
	// what had the keys 0 to n-1 there is []any. Params is never nil.
	Params map[string]any
	// Args holds the values of Params in order of arrival, for the methods that take their
	// arguments by position (task.commentitem, task.checklistitem, task.elapseditem, task.item);
	// nil for all others.
	Args []any
	// RequestID is the query parameter bx24_request_id, or else the header X-Request-Id.
	RequestID string
	// InBatch reports whether this is a command of a batch, recorded when its turn came. The batch
	// itself is another Request, with the method batch. A command shares the header of its batch,
	// has no Query, and its RawBody is the text of the command.
	InBatch bool
	// Command is the key of a command in its batch: its name, or its position counted from 0.
	Command string
	// Executed reports whether the method ran. It is false if the request was refused or broke
	// before, and inside a handler.
	Executed bool
	// Refused is the code with which a limit of the portal refused the request, see
	// [WithQueryLimit] and [WithOperatingLimit]; empty if none did. Refusals of [Portal.Fault] do
	// not set it.
	Refused b24.Code

	ctx      context.Context
	params   *php.Array
	lies     lies
	pageSize int // of the method, if the portal has an unusual one
	start    int
	hasStart bool
	scope    string               // of a signed link
	files    map[string]*received // of an upload, by the name of the field
}

// call is a request with what only the portal needs to know about it.
type call struct {
	Request

	secret   string // of the address
	signed   bool   // there was a parameter token
	token    string
	rawQuery string
	page     string        // the path of an address outside the REST API
	body     io.ReadCloser // an upload that has not arrived yet
	batch    *batch        // the batch, if this is a command
}

// Context returns the context of the request, which ends when the caller disconnects or the portal
// closes. It is never nil in a handler.
func (r Request) Context() context.Context { return r.ctx }

// Start returns the parameter start, the offset of the page. ok is false if there was none. A value
// that is not a number counts as 0.
func (r Request) Start() (int, bool) { return r.start, r.hasStart }

// newCall reads a request. An error means that the body did not arrive completely.
func (p *Portal) newCall(hr *http.Request) (*call, error) {
	c := &call{rawQuery: hr.URL.RawQuery, Request: Request{
		Time:      time.Now(),
		Verb:      hr.Method,
		Host:      hr.Host,
		Header:    hr.Header,
		Query:     hr.URL.Query(),
		RequestID: cmp.Or(hr.URL.Query().Get("bx24_request_id"), hr.Header.Get("X-Request-Id")),
		Params:    map[string]any{},
		ctx:       hr.Context(),
	}}
	if path, ok := strings.CutPrefix(hr.URL.EscapedPath(), p.cfg.prefix+"/"); ok {
		c.route(path)
	}
	var err error
	if c.streams(hr) {
		c.body = hr.Body
	} else {
		c.RawBody, err = io.ReadAll(hr.Body)
	}
	c.buildParams(hr.URL.RawQuery)
	c.pageSize = p.cfg.pageSizeOf(c.Method)
	return c, err
}

// route parses the path: /rest/{user}/{secret}/{method}, /rest/{method}, and both behind
// /rest/api/.
func (c *call) route(path string) {
	segs := strings.Split(strings.Trim(path, "/"), "/")
	for i, s := range segs {
		if u, err := url.PathUnescape(s); err == nil {
			segs[i] = u
		}
	}
	if len(segs) < 2 || segs[0] != "rest" {
		c.page = strings.Join(segs, "/")
		return
	}
	version, segs := 2, segs[1:]
	if segs[0] == "api" && len(segs) > 1 {
		version, segs = 3, segs[1:]
	}
	switch len(segs) {
	case 1:
		c.Method = segs[0]
	case 3:
		c.User, c.secret, c.Method = segs[0], segs[1], segs[2]
	default:
		return
	}
	c.Version = version
	if version == 2 {
		c.Method = strings.TrimSuffix(strings.TrimSuffix(c.Method, ".json"), ".xml")
	}
}

// buildParams builds the parameters from the query string and the body, and removes those that no
// method sees.
func (c *call) buildParams(query string) {
	all := php.NewArray()
	if c.Version != 3 {
		all = php.ParseQuery(query)
	}
	if c.Verb == http.MethodPost {
		for k, v := range c.bodyParams().All() {
			all.Set(k, v)
		}
	}
	c.setParams(all)
}

// setParams sets all the parameters of the call.
func (c *call) setParams(all *php.Array) {
	all.Object = true
	if c.Version != 3 {
		c.takeReserved(all)
	}
	c.params = all
	c.Params = all.PlainMap()
	if c.positional() {
		c.Args = c.arguments()
	}
}

func (c *call) bodyParams() *php.Array {
	mediaType, params, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	switch {
	case err != nil && mediaType == "":
		return php.ParseQuery(string(c.RawBody))
	case mediaType == "application/json" || strings.Contains(mediaType, "+json"):
		v, err := php.Decode(c.RawBody)
		if a, ok := v.(*php.Array); ok && err == nil {
			return a
		}
		return php.NewArray() // PHP swallows the exception: the method runs without the body
	case c.Version == 3:
		return php.NewArray()
	case mediaType == "multipart/form-data":
		return php.ParseMultipart(c.RawBody, params["boundary"])
	default:
		return php.ParseQuery(string(c.RawBody))
	}
}

// takeReserved removes the top-level names that never reach a method.
func (c *call) takeReserved(all *php.Array) {
	if token, ok := all.Get("token"); ok && token != nil {
		c.signed, c.token = true, php.Text(token)
	}
	if start, ok := all.Get("start"); ok && start != nil {
		c.start, c.hasStart = php.Int(start), true
	}
	for _, name := range []string{
		"auth", "access_token", "auth_connector", "ap", "aplogin", "sessid", "state", "method", "start", "token",
	} {
		all.Remove(name)
	}
}

// bodyIsJSON reports whether REST 3.0 accepts the body: a POST must have a JSON object or list.
func (c *call) bodyIsJSON() bool {
	if c.Verb != http.MethodPost {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" && !strings.Contains(mediaType, "+json") {
		return false
	}
	v, err := php.Decode(c.RawBody)
	_, ok := v.(*php.Array)
	return ok && err == nil
}
