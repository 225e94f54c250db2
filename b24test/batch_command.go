package b24test

import (
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// newCommand turns a command into a call. It runs with the credentials of the batch, whatever the
// command contains.
func (b *batch) newCommand(key, cmd string) *call {
	method, query := php.SplitURL(cmd)
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
	c.setParams(substitute(php.ParseQuery(query), b.sections))
	return c
}
