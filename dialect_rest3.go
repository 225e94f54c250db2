package b24

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/methods"
	"github.com/b24go/b24/internal/params"
	"github.com/b24go/b24/internal/scan"
)

// rest3 is REST 3.0, under /rest/api/. A batch is a bare list of commands and fails as a whole
// (docs/protocol.md 9.7).
type rest3 struct{}

func (rest3) name() string { return "rest3" }

func (rest3) path() string { return "api/" }

func (rest3) encode(method string, v any) ([]byte, error) {
	body, err := params.EncodeV3(v)
	if err == nil { // a value with a JSON form does not contain itself
		err = checkValues(method, v)
	}
	return body, err
}

func (rest3) turns() bool { return false }

func (rest3) reads(method string) bool { return methods.Reads(method, true) }

func (d rest3) keyed(method string) bool { return !d.reads(method) }

func (rest3) heedsKeys() bool { return true }

func (rest3) budget(method string) string { return "v3 " + method }

func (rest3) unheeded(method string, body []byte) *scan.Problem {
	return scan.Check(method, true, body)
}

func (rest3) changes(method string) (writes, list bool) {
	return methods.Writes(method, true), scan.Known(method, true)
}

func (rest3) reading(o *scan.Options) { o.V3 = true }

// into drops the name, because references start inside items.
func (rest3) into(path []any) []any { return path[1:] }

// past: the error of a reference into an empty page.
func (rest3) past(e *Error) bool { return e.Code.Is(errInvalidSelect) }

// checkRef refuses what the dotted path of a reference cannot express. It removes the name of the
// member that references start in, so that a path for the classic API works here, too.
func (rest3) checkRef(ref *reference) error {
	if len(ref.path) > 0 && (ref.path[0] == "item" || ref.path[0] == "items") {
		ref.path = ref.path[1:]
	}
	if len(ref.path) == 0 {
		return errors.New("a reference of REST 3.0 needs a path inside item or items: Ref(\"id\")")
	}
	for _, step := range ref.path {
		if step == "" || strings.Contains(step, ".") {
			return errors.New("a step of a reference is empty or contains a dot: " + strconv.Quote(step))
		}
	}
	return nil
}

// lead prepends item or items, in which references start.
func (rest3) lead(ref reference, of *answer) reference {
	for _, name := range []string{"item", "items"} {
		if raw, err := of.part([]string{name}); err == nil && len(raw) > 0 {
			ref.path = slices.Concat([]string{name}, ref.path)
			break
		}
	}
	return ref
}

// write marks a command to be sent alone if it contains an object that the portal would take for a
// reference.
func (rest3) write(_ *client, j *job, _ []*job) error {
	j.alone = nil
	dec := jsontext.NewDecoder(bytes.NewReader(j.params), jsontext.AllowDuplicateNames(true))
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil //nolint:nilerr // the error is the end of the input, which was encoded here
		}
		inside, n := dec.StackIndex(dec.StackDepth())
		if name := tok.Kind() == jsontext.KindString && inside == jsontext.KindBeginObject && n%2 == 1; !name {
			continue
		}
		if text := tok.String(); text == "$ref" || text == "$refArray" {
			j.alone = &ParamsError{Method: j.method, Param: text, Problem: "a batch cannot carry it: the portal would take it for a reference"}
			return nil
		}
	}
}

func (d rest3) batch(q *query, b *batchRun, jobs []*job) {
	body, halts := []byte{'['}, b.halts(jobs)
	for i, j := range jobs {
		if i > 0 {
			body = append(body, ',')
		}
		body = quote(append(body, `{"method":`...), j.method)
		body = append(append(body, `,"query":`...), withRefs(j, b.all)...)
		if j.label != "" {
			body = quote(append(body, `,"as":`...), j.label)
		}
		if !halts {
			body = append(body, `,"parallel":true`...)
		}
		body = append(body, '}')
	}
	q.body = append(body, ']')
	q.keys = []string{d.budget(q.method)}
	q.hides = !allRead(jobs[:len(jobs)-1]) // a refusal of the last command hides nothing
}

// withRefs returns the parameters, with references in the portal's form.
func withRefs(j *job, all []*job) []byte {
	body := j.params
	for _, ref := range j.refs {
		opening := `{"$ref":`
		if ref.all {
			opening = `{"$refArray":`
		}
		path := strings.Join(append([]string{all[ref.to].label}, ref.path...), ".")
		body = bytes.ReplaceAll(body, []byte(`"`+ref.mark+`"`), append(quote([]byte(opening), path), '}'))
	}
	return body
}

// rows: each row is a plain result.
func (rest3) rows(r *answer, jobs []*job) (map[string]envelope.Envelope, error) {
	list, err := envelope.Rows(r.env.Result)
	if err != nil {
		return nil, err
	}
	rows := make(map[string]envelope.Envelope, len(list))
	for i, j := range jobs[:min(len(jobs), len(list))] {
		rows[j.key(i)] = envelope.Envelope{Result: list[i]}
	}
	return rows, nil
}

func (rest3) proves() bool { return true }
