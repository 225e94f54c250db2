package b24

import (
	"errors"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/methods"
	"github.com/b24go/b24/internal/params"
	"github.com/b24go/b24/internal/phpquery"
	"github.com/b24go/b24/internal/scan"
)

// classic is the API under /rest/. The commands of a batch are texts, which PHP reads as a query
// string (docs/protocol.md 4).
type classic struct{}

func (classic) name() string { return "classic" }

func (classic) path() string { return "" }

func (classic) encode(method string, v any) ([]byte, error) {
	body, err := params.Encode(method, v)
	if err == nil { // a value with a JSON form does not contain itself
		err = checkValues(method, v)
	}
	return body, err
}

func (classic) turns() bool { return true }

func (classic) reads(method string) bool { return methods.Reads(method, false) }

func (classic) keyed(string) bool { return false }

func (classic) heedsKeys() bool { return false }

func (classic) budget(method string) string { return method }

func (classic) unheeded(method string, body []byte) *scan.Problem {
	return scan.Check(method, false, body)
}

func (classic) changes(method string) (writes, list bool) {
	return methods.Writes(method, false), scan.Known(method, false)
}

func (classic) reading(*scan.Options) {}

func (classic) into(path []any) []any { return path }

func (classic) past(*Error) bool { return false }

func (classic) checkRef(ref *reference) error {
	if ref.all {
		return errors.New("RefAll is for REST 3.0 only")
	}
	return nil
}

func (classic) lead(ref reference, _ *answer) reference { return ref }

func (classic) write(c *client, j *job, all []*job) error {
	text, err := phpquery.Encode(j.params, func(s string) (string, bool, error) {
		for _, ref := range j.refs {
			if ref.mark == s {
				return ref.text(all[ref.to].label), true, nil
			}
		}
		return "", false, nil
	})
	j.command, j.alone = j.method, nil
	if text != "" {
		j.command += "?" + text
	}
	pe, ok := errors.AsType[*phpquery.Error](err)
	switch {
	case err == nil:
		return nil
	case ok && pe.Alone():
		j.alone = c.paramsError(j.method, pe.Path, "a batch cannot carry it: "+pe.Problem, err)
		return nil
	case ok:
		return c.paramsError(j.method, pe.Path, pe.Problem, err)
	default:
		return c.paramsError(j.method, "", err.Error(), nil)
	}
}

func (classic) batch(q *query, b *batchRun, jobs []*job) {
	const around = len(`"":"",`)
	size := len(`{"halt":0,"cmd":{}}`)
	for _, j := range jobs {
		size += len(j.label) + len(j.command) + around
	}
	q.body = append(make([]byte, 0, size), `{"halt":0,"cmd":`...)
	if b.halts(jobs) {
		q.body[len(`{"halt":`)] = '1'
	}
	q.body = append(appendCommands(q.body, jobs), '}')
	q.jobs = jobs
	q.keys = append(q.keys, q.method)
	for _, j := range jobs {
		q.keys = append(q.keys, j.method)
	}
}

// appendCommands writes the commands: a list if none has a name, otherwise an object.
func appendCommands(b []byte, jobs []*job) []byte {
	opening, closing := byte('{'), byte('}')
	if jobs[0].label == "" {
		opening, closing = '[', ']'
	}
	b = append(b, opening)
	for i, j := range jobs {
		if i > 0 {
			b = append(b, ',')
		}
		if j.label != "" {
			b = append(quote(b, j.label), ':')
		}
		b = quote(b, j.command)
	}
	return append(b, closing)
}

func (classic) rows(r *answer, _ []*job) (map[string]envelope.Envelope, error) {
	if r.env.Rows == nil {
		return nil, errors.New("a batch's result is not an object")
	}
	return r.env.Rows, nil
}

func (classic) proves() bool { return false }
