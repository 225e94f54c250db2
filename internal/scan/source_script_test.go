package scan_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/b24go/b24/internal/scan"
)

// source answers with texts in turn, the last one again and again.
type source struct {
	portal

	answers []scan.Answer
	n       int
}

func said(results ...string) *source {
	s := &source{}
	for _, r := range results {
		s.answers = append(s.answers, scan.Answer{Result: []byte(r)})
	}
	return s
}

func (s *source) total(i, total int) *source {
	s.answers[i].Total, s.answers[i].HasTotal = total, true
	return s
}

func (s *source) next(i, next int) *source {
	s.answers[i].Next, s.answers[i].HasNext = next, true
	return s
}

func (s *source) Page(context.Context, []byte) (scan.Answer, error) {
	a := s.answers[min(s.n, len(s.answers)-1)]
	s.n++
	return a, nil
}

// readAll reads what a source says, one call a request.
func readAll(t *testing.T, src scan.Source, o scan.Options) (rows []string, report scan.Report, err error) {
	t.Helper()
	o.Alone = "a source of single calls"
	for page, bad := range scan.Pages(t.Context(), src, o, &report) {
		err = bad
		for _, row := range page.Rows {
			rows = append(rows, string(row))
		}
	}
	return rows, report, err
}

func pageOf(from, to uint64) string { return string(appendRows(nil, from, to)) }

// lines are the rows of a method that has no id for them.
func lines(n int) string {
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf(`{"NUMBER":"%d"}`, i))
	}
	return "[" + strings.Join(rows, ",") + "]"
}

// script answers with one result after the other, the last one for ever.
type script struct {
	portal

	results []string
	calls   []string
}

func (s *script) Page(_ context.Context, params []byte) (scan.Answer, error) {
	s.calls = append(s.calls, string(params))
	result := s.results[min(len(s.calls), len(s.results))-1]
	if result == "" {
		return scan.Answer{}, errPortal
	}
	return scan.Answer{Result: []byte(result)}, nil
}

// notes is a page of note.collection.list with rows of these ids.
func notes(next string, ids ...int) string {
	rows := make([]string, len(ids))
	for i, id := range ids {
		rows[i] = fmt.Sprintf(`{"name":"N","id":%d}`, id)
	}
	return `{"nextCursor":` + next + `,"items":[` + strings.Join(rows, ",") + `]}`
}

func readScript(tb testing.TB, s *script, o scan.Options) outcome {
	tb.Helper()
	var out outcome
	for page, err := range scan.Pages(tb.Context(), s, o, &out.report) {
		out.err = err
		for _, row := range page.Rows {
			out.ids = append(out.ids, rowID(tb, row))
		}
		out.pages = append(out.pages, page)
	}
	out.requests = len(s.calls)
	return out
}

// caught notes the parameters of the last call.
type caught struct {
	scan.Source

	call *string
}

func (c caught) Page(ctx context.Context, params []byte) (scan.Answer, error) {
	*c.call = string(params)
	return c.Source.Page(ctx, params) //nolint:wrapcheck // as it is
}
