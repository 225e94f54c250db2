package b24

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/transport"
)

// requestV3 sends jobs as one batch of REST 3.0.
func (b *batchRun) requestV3(ctx context.Context, jobs []*job) {
	q := b.query("batch", b.bodyV3(jobs), allRead(jobs))
	q.keys = []string{apiV3.budget("batch")}
	q.hides = !allRead(jobs[:len(jobs)-1]) // a refusal of the last one says what it says
	r, err := b.do(ctx, q)
	if err != nil {
		b.lost(jobs, err)
		return
	}
	b.took(r)
	rows, err := envelope.Rows(r.env.Result)
	if err != nil {
		b.lost(jobs, b.c.unreadable(q, transport.Answer{Status: r.status, Body: r.body}, err))
		return
	}
	for i, j := range jobs {
		if i >= len(rows) {
			j.answer = b.answer(r, j, envelope.Envelope{}, &methodError{method: j.method, err: ErrNoAnswer})
			continue
		}
		j.answer = b.answer(r, j, envelope.Envelope{Result: rows[i]}, nil)
	}
}

func allRead(jobs []*job) bool {
	for _, j := range jobs {
		if !j.reads {
			return false
		}
	}
	return true
}

// bodyV3 writes a batch of REST 3.0: a bare list of commands.
func (b *batchRun) bodyV3(jobs []*job) []byte {
	body, halts := []byte{'['}, b.halts(jobs)
	for i, j := range jobs {
		if i > 0 {
			body = append(body, ',')
		}
		body = quote(append(body, `{"method":`...), j.method)
		body = append(append(body, `,"query":`...), j.withRefsV3(b.all)...)
		if j.label != "" {
			body = quote(append(body, `,"as":`...), j.label)
		}
		if !halts {
			body = append(body, `,"parallel":true`...)
		}
		body = append(body, '}')
	}
	return append(body, ']')
}

// withRefsV3 returns the parameters with references as the portal reads them.
func (j *job) withRefsV3(all []*job) []byte {
	body := j.params
	for _, ref := range j.refs {
		path := strings.Join(append([]string{all[ref.to].label}, ref.path...), ".")
		body = bytes.ReplaceAll(body, []byte(`"`+ref.mark+`"`), append(quote([]byte(ref.keyV3()), path), '}'))
	}
	return body
}

func (r reference) keyV3() string {
	if r.all {
		return `{"$refArray":`
	}
	return `{"$ref":`
}

// checkRefV3 refuses what the dotted path of a reference cannot say.
func checkRefV3(ref *reference) error {
	if len(ref.path) == 0 {
		return errors.New("a reference of REST 3.0 needs a path into item or items: Ref(\"id\")")
	}
	for _, step := range ref.path {
		if step == "" || strings.Contains(step, ".") {
			return errors.New("a step of a reference is empty or has a dot: " + strconv.Quote(step))
		}
	}
	return nil
}

// unwrapped takes off the name of what references of REST 3.0 lead into anyway, so that
// the path that is right for the classic API is for this one, too.
func unwrapped(path []string) []string {
	if len(path) > 0 && (path[0] == "item" || path[0] == "items") {
		return path[1:]
	}
	return path
}

// literalRefV3 finds an object of the caller's in which the portal would see a
// reference.
func literalRefV3(j *job) error {
	dec := jsontext.NewDecoder(bytes.NewReader(j.params), jsontext.AllowDuplicateNames(true))
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil //nolint:nilerr // the end of what was encoded here
		}
		inside, n := dec.StackIndex(dec.StackDepth())
		if name := tok.Kind() == jsontext.KindString && inside == jsontext.KindBeginObject && n%2 == 1; !name {
			continue
		}
		if text := tok.String(); text == "$ref" || text == "$refArray" {
			return &ParamsError{Method: j.method, Param: text, Problem: "a batch cannot carry it: the portal would take it for a reference"}
		}
	}
}
