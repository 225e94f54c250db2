package b24test

import (
	"strings"
	"time"
)

// splitCommand takes a command apart as PHP's parse_url does: the method before the first question mark, the parameters after it, nothing from # on.
// What looks like a scheme or a host takes the method away, and control characters become underscores.
func splitCommand(cmd string) (method, query string) {
	cmd, _, _ = strings.Cut(cmd, "#")
	method, query, _ = strings.Cut(cmd, "?")
	if strings.Contains(method, ":") || strings.HasPrefix(method, "//") {
		method = ""
	}
	return strings.Map(noControl, method), strings.Map(noControl, query)
}

func noControl(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '_'
	}
	return r
}

// newCommand makes a command a call of its own. It is done in the name of the caller of the batch, whatever stands in it.
func (b *batch) newCommand(key, cmd string) *call {
	method, query := splitCommand(cmd)
	outer := b.req.Request
	c := &call{secret: b.req.secret, batch: b, Request: Request{
		Time:      time.Now(),
		Verb:      outer.Verb,
		Host:      outer.Host,
		Method:    method,
		Version:   2,
		User:      outer.User,
		Header:    outer.Header,
		RawBody:   []byte(cmd),
		RequestID: outer.RequestID,
		InBatch:   true,
		Command:   key,
		ctx:       outer.ctx,
	}}
	c.pageSize = b.p.cfg.pageSizeOf(method)
	c.setParams(substitute(parseQuery(query), b.sections))
	return c
}
