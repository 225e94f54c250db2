package b24

import (
	"slices"
	"sync"

	"github.com/b24go/b24/internal/redact"
)

// masks are the secrets of the clients that a call went to, whoever wraps them: what comes back from a
// Client is masked by them where only the code above it can, as the rows of List.
type masks struct {
	mu    sync.Mutex
	known []*redact.Secrets
}

// option has the clients tell what they know.
func (m *masks) option() CallOption {
	return callOption(func(o *callOptions) { o.masks = m })
}

// learn notes the secrets of one client. It is for a nil m, too.
func (m *masks) learn(s *redact.Secrets) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(m.known, s) {
		m.known = append(m.known, s)
	}
}

// all returns what is known, and what secrets look like: that is the nil.
func (m *masks) all() []*redact.Secrets {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*redact.Secrets{nil}, m.known...)
}

// error returns err without secrets.
func (m *masks) error(err error) error {
	for _, s := range m.all() {
		err = s.Error(err)
	}
	return err
}

// text returns text without secrets.
func (m *masks) text(text string) string {
	for _, s := range m.all() {
		text = s.Text(text)
	}
	return text
}

// wouldShow is the problem with a name, an id or a key of the caller's that would be printed.
const wouldShow = "it holds a webhook's secret"

// checkMethod refuses what is no name of a method. The name is not repeated: it may be a whole address.
func (c *client) checkMethod(method string) error {
	switch {
	case !validMethod(method), hasFormat(method):
		return badMethod(method)
	case c.secrets.Holds(method):
		return &ParamsError{Param: "method", Problem: wouldShow}
	default:
		return nil
	}
}

// checkRequestID refuses an id of the caller's that no request can have, or none should.
func (c *client) checkRequestID(method string, o *callOptions) error {
	switch {
	case !o.hasRequestID:
		return nil
	case !validRequestID(o.requestID):
		return badRequestID(method)
	case c.secrets.InName(o.requestID):
		return &ParamsError{Method: method, Param: "request id", Problem: wouldShow}
	default:
		return nil
	}
}

// paramsError says what is wrong with the caller's parameters: names of theirs may hold a secret.
func (c *client) paramsError(method, param, problem string, err error) error {
	return &ParamsError{Method: method, Param: c.secrets.Text(param), Problem: c.secrets.Text(problem), Err: c.secrets.Error(err)}
}
