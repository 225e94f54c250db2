package b24

import (
	"context"
	"fmt"
	"strings"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/redact"
)

// answer is how a query ended.
type answer struct {
	client *client
	query  *query
	env    envelope.Envelope
	body   []byte
	status int
	err    error // of a batch's command

	shown AjaxResult // what the caller gets
}

// answered keeps the answer to q, in the memory of q.
func (q *query) answered(a answer) *answer {
	a.query = q
	q.answer = a
	return &q.answer
}

// result is what the caller gets.
func (a *answer) result() *AjaxResult {
	a.shown.of = func() *answer { return a }
	return &a.shown
}

func result(a *answer, err error) (*AjaxResult, error) {
	if err != nil {
		return nil, err
	}
	return a.result(), nil
}

func (a *answer) time() Timing { return parseTiming(a.env.Time) }

// fetchNext is AjaxResult.FetchNext.
func (a *answer) fetchNext(ctx context.Context) (*AjaxResult, error) {
	if !a.env.Next.OK {
		return nil, &methodError{method: a.query.method, err: ErrNoMorePages}
	}
	if hasRef(a.query.body) {
		return nil, strayRef(a.query.method)
	}
	if !a.query.dialect.turns() {
		return nil, &methodError{method: a.query.method, err: ErrNoMorePages}
	}
	q, err := a.client.next(a.query, a.env.Next.N)
	if err != nil {
		return nil, err
	}
	return result(a.client.do(ctx, q))
}

func (a *answer) decode(v any, path []string) error {
	if a.err != nil {
		return a.err
	}
	raw, err := a.part(path)
	if err != nil {
		return &methodError{method: a.query.method, err: err}
	}
	if err := decodeInto(raw, v); err != nil {
		return &methodError{
			method: a.query.method,
			err:    fmt.Errorf("decode %s: %w", a.place(append([]string{"result"}, path...)), a.secrets().Error(err)),
		}
	}
	return nil
}

// part returns what path leads to.
func (a *answer) part(path []string) ([]byte, error) {
	if a.env.Result == nil {
		return nil, detailed(ErrNoResult, ": there is no member result, see Body")
	}
	raw := a.env.Result
	for i, name := range path {
		inner, names, err := envelope.Member(raw, name)
		if err != nil {
			return nil, err
		}
		if inner == nil {
			return nil, detailed(ErrNoResult, ": "+a.place(path[:i+1])+" is not in it, only "+listed(names, a.secrets()))
		}
		raw = inner
	}
	return raw, nil
}

// place names a part of the result for an error.
func (a *answer) place(path []string) string {
	return a.secrets().Text(strings.Join(path, "."))
}

// secrets are what the answer is masked by; nil without a client.
func (a *answer) secrets() *redact.Secrets {
	if a.client == nil {
		return nil
	}
	return a.client.secrets
}

// listed names the members that are there, for an error.
func listed(names []string, secrets *redact.Secrets) string {
	const most, longest = 10, 60
	if len(names) == 0 {
		return "nothing"
	}
	shown := make([]string, 0, most+1)
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, secrets.Snippet([]byte(name), longest))
	}
	if len(names) > most {
		shown = append(shown, "...")
	}
	return strings.Join(shown, ", ")
}
