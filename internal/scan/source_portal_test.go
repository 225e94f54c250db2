package scan_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/b24go/b24/internal/scan"
)

var (
	errPortal  = errors.New("portal said no")
	errTimeout = errors.New("timeout")
)

// portal is a list method in memory with the ways of a real one.
type portal struct {
	mu        sync.Mutex
	ids       []uint64 // sorted
	container string
	idKey     string // in rows
	key       string // in filter and order
	size      int
	v3        bool
	textIDs   bool // "12"
	noTotal   bool
	hash      bool // ids are no numbers
	scalars   bool // sort and order are plain parameters
	own       bool // goes on by a cursor of its own, see ownPage
	hides     bool // rows are missing from their pages, see hidden

	ignoreFilter, ignoreUpper, ignoreOrder, ignoreStart, ignoreLists, counts bool

	between func(p *portal)                // before each call
	fault   func(request, call int) error  // of one call
	refuse  func(request, calls int) error // of a request
	spoil   func(request, call int, result string) string
	took    func(calls []string) time.Duration // of a request
	takes   time.Duration                      // of a page, as the answer says

	requests [][]string // params of the calls, by request
	active   int
	peak     int
	counted  int // calls that had the rows counted
}

func newPortal(n int) *portal {
	p := &portal{container: "", idKey: "ID", key: "ID", size: 50, textIDs: true}
	for i := range n {
		p.ids = append(p.ids, uint64(i+1))
	}
	return p
}

// turnV3 gives the portal the face of REST 3.0.
func (p *portal) turnV3() {
	p.v3, p.container, p.idKey, p.key, p.textIDs = true, "items", "id", "id", false
}

func (p *portal) Page(ctx context.Context, params []byte) (scan.Answer, error) {
	answers, err := p.request(ctx, [][]byte{params})
	if err != nil {
		return scan.Answer{}, err
	}
	if answers[0].Err != nil {
		return scan.Answer{}, answers[0].Err
	}
	return answers[0], nil
}

func (p *portal) Chain(ctx context.Context, calls [][]byte) ([]scan.Answer, error) {
	return p.request(ctx, calls)
}

func (p *portal) Ref(call int, path ...any) []byte {
	var b strings.Builder
	if p.v3 {
		fmt.Fprintf(&b, `{"$ref":"%d`, call)
		for _, part := range path[1:] {
			fmt.Fprintf(&b, ".%v", part)
		}
		b.WriteString(`"}`)
		return []byte(b.String())
	}
	fmt.Fprintf(&b, `"$result[%d]`, call)
	for _, part := range path {
		fmt.Fprintf(&b, "[%v]", part)
	}
	b.WriteString(`"`)
	return []byte(b.String())
}

func (p *portal) Shorter(err error) bool { return errors.Is(err, errTimeout) }

// busy is the number of requests under way.
func (p *portal) busy() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.active
}

func (p *portal) request(ctx context.Context, calls [][]byte) ([]scan.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var texts []string
	for _, c := range calls {
		texts = append(texts, string(c))
	}
	p.requests = append(p.requests, texts)
	number := len(p.requests)
	if p.took != nil {
		p.active++
		p.peak = max(p.peak, p.active)
		p.mu.Unlock()
		select {
		case <-time.After(p.took(texts)):
		case <-ctx.Done():
		}
		p.mu.Lock()
		p.active--
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if p.refuse != nil {
		if err := p.refuse(number, len(calls)); err != nil {
			return nil, err
		}
	}
	return p.run(number, calls)
}

func (p *portal) run(number int, calls [][]byte) ([]scan.Answer, error) {
	answers := make([]scan.Answer, len(calls))
	results := make([]any, 0, len(calls)) // texts, decoded by the first reference to them
	failed := false
	for i, c := range calls {
		if p.between != nil {
			p.between(p)
		}
		if failed {
			answers[i].Err = errors.New("not executed")
			continue
		}
		if p.fault != nil {
			if err := p.fault(number, i); err != nil {
				answers[i].Err = err
				failed = true
				continue
			}
		}
		answer := p.call
		if p.own {
			answer = p.ownPage
		}
		a, err := answer(c, results)
		if err != nil {
			return nil, err
		}
		if p.spoil != nil {
			a.Result = []byte(p.spoil(number, i, string(a.Result)))
		}
		results = append(results, a.Result)
		answers[i] = a
	}
	return answers, nil
}

type query struct {
	above, below *uint64
	even         bool
	only         []uint64 // these ids; nil: all
	desc         bool
	ordered      bool
	start        int
	size         int
}

// call answers one call; an error fails the whole request, as a reference that finds nothing does in REST 3.0.
func (p *portal) call(params []byte, results []any) (scan.Answer, error) {
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(params))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		return scan.Answer{}, fmt.Errorf("params %s: %w", params, err)
	}
	q := query{size: p.size}
	if err := p.read(m, results, &q); err != nil {
		return scan.Answer{}, err
	}
	rows := p.matching(&q)
	a := scan.Answer{Duration: p.takes}
	from := min(max(q.start, 0), len(rows))
	to := min(from+q.size, len(rows))
	if !p.v3 && (q.start >= 0 || p.counts) {
		p.counted++
		if !p.noTotal {
			a.Total, a.HasTotal = len(rows), true
		}
		if to < len(rows) {
			a.Next, a.HasNext = to, true
		}
	}
	a.Result = p.render(rows[from:to])
	return a, nil
}

func (p *portal) matching(q *query) []uint64 {
	var rows []uint64
	for _, id := range p.ids {
		switch {
		case q.even && id%2 == 1:
		case q.only != nil && !slices.Contains(q.only, id):
		case q.above != nil && id <= *q.above:
		case q.below != nil && id >= *q.below:
		default:
			rows = append(rows, id)
		}
	}
	if q.desc {
		slices.Reverse(rows)
	}
	return rows
}

func (p *portal) render(ids []uint64) []byte {
	rows := make([]string, 0, len(ids))
	for _, id := range ids {
		text := strconv.FormatUint(id, 10)
		switch {
		case p.hash:
			text = `"5f` + text + `ab"`
		case p.textIDs:
			text = `"` + text + `"`
		}
		rows = append(rows, fmt.Sprintf(`{"TITLE":"Deal \"%d\" [x}","%s":%s,"SUM":%d}`, id, p.idKey, text, id*10))
	}
	list := "[" + strings.Join(rows, ",") + "]"
	if p.container == "" {
		return []byte(list)
	}
	return fmt.Appendf(nil, `{"beside":{"a":[1]},"%s":%s}`, p.container, list)
}

func (p *portal) read(m map[string]any, results []any, q *query) error {
	if start, ok := m["start"].(json.Number); ok && !p.ignoreStart {
		n, _ := start.Int64()
		q.start = int(n)
		if n > 0 {
			q.start = int(n) / p.size * p.size
		}
	}
	if pagination, ok := m["pagination"].(map[string]any); ok {
		p.readPagination(pagination, q)
	}
	if order, ok := m["order"].(map[string]any); ok && !p.ignoreOrder {
		dir, found := order[p.key].(string)
		q.ordered = found
		q.desc = dir == "DESC"
	}
	if dir, ok := m["order"].(string); ok && p.scalars && m["sort"] == p.key {
		q.ordered, q.desc = true, dir == "DESC"
	}
	if p.ignoreFilter {
		return nil
	}
	switch filter := m["filter"].(type) {
	case map[string]any:
		for k, v := range filter {
			if err := p.condition(k, v, results, q); err != nil {
				return err
			}
		}
	case []any:
		for _, node := range filter {
			triple, _ := node.([]any)
			if len(triple) == 3 {
				if err := p.condition(fmt.Sprint(triple[1], triple[0]), triple[2], results, q); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (p *portal) readPagination(pagination map[string]any, q *query) {
	if n, ok := pagination["offset"].(json.Number); ok && !p.ignoreStart {
		i, _ := n.Int64()
		q.start = int(i)
	}
	if n, ok := pagination["limit"].(json.Number); ok {
		i, _ := n.Int64()
		q.size = min(int(i), p.size)
	}
}

func (p *portal) condition(k string, v any, results []any, q *query) error {
	bound := func(to **uint64) error {
		n, ok, err := p.value(v, results)
		if err != nil {
			return err
		}
		if ok {
			*to = &n
		}
		return nil
	}
	if list, ok := v.([]any); ok && !p.ignoreLists && (k == p.key || k == "in"+p.key) {
		q.only = []uint64{}
		for _, v := range list {
			id, _, _ := p.value(v, results)
			q.only = append(q.only, id)
		}
		return nil
	}
	switch k {
	case "EVEN", "=EVEN":
		q.even = true
	case ">=" + p.key:
		if err := bound(&q.above); err != nil || q.above == nil || *q.above == 0 {
			q.above = nil
			return err
		}
		*q.above--
	case ">" + p.key:
		if s, ok := v.(json.Number); ok && s == "-1" {
			return nil
		}
		return bound(&q.above)
	case "<" + p.key:
		if p.ignoreUpper {
			return nil
		}
		return bound(&q.below)
	}
	return nil
}

// value resolves a bound. One that is no number has no effect.
func (p *portal) value(v any, results []any) (uint64, bool, error) {
	var text string
	switch v := v.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
		if rest, ok := strings.CutPrefix(v, "$result["); ok {
			text = fmt.Sprint(walk(results, strings.Split(strings.TrimSuffix(rest, "]"), "][")))
		}
	case map[string]any:
		ref, _ := v["$ref"].(string)
		parts := strings.Split(ref, ".")
		if len(parts) > 1 {
			parts = append([]string{parts[0], p.container}, parts[1:]...)
		}
		found := walk(results, parts)
		if _, ok := found.(json.Number); !ok {
			return 0, false, fmt.Errorf("reference %s finds nothing: %w", ref, errTimeout)
		}
		text = fmt.Sprint(found)
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n, err == nil, nil
}

// walk stops at the deepest node, as the portal does (docs/protocol.md 4.6).
func walk(results []any, path []string) any {
	for i, r := range results {
		text, ok := r.([]byte)
		if !ok || strconv.Itoa(i) != path[0] {
			continue
		}
		results[i] = nil
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		var v any
		if dec.Decode(&v) == nil {
			results[i] = v
		}
	}
	var node any = results
	for _, part := range path {
		switch n := node.(type) {
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(n) {
				return node
			}
			node = n[i]
		case map[string]any:
			v, ok := n[part]
			if !ok {
				return node
			}
			node = v
		default:
			return node
		}
	}
	return node
}

// outcome is what a reading gave.
type outcome struct {
	ids    []uint64
	pages  []scan.Page
	report scan.Report
	err    error

	requests int // that were sent
}

// read reads until the end, an error, or stop pages.
func read(tb testing.TB, p *portal, o scan.Options, stop int) (out outcome) {
	tb.Helper()
	before := len(p.requests)
	defer func() { out.requests = len(p.requests) - before }()
	for page, err := range scan.Pages(tb.Context(), p, o, &out.report) {
		if err != nil {
			out.err = err
			continue
		}
		out.pages = append(out.pages, page)
		for _, row := range page.Rows {
			out.ids = append(out.ids, rowID(tb, row))
		}
		if len(out.pages) == stop {
			break
		}
	}
	return out
}

func rowID(tb testing.TB, row []byte) uint64 {
	tb.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal(row, &m); err != nil {
		tb.Errorf("row %s: %v", row, err)
		return 0
	}
	for k, v := range m {
		if strings.EqualFold(k, "id") {
			n, _ := strconv.ParseUint(strings.Trim(string(v), `"fab`), 10, 64)
			return n
		}
	}
	tb.Errorf("row %s has no id", row)
	return 0
}

func upTo(n int) []uint64 {
	ids := make([]uint64, n)
	for i := range ids {
		ids[i] = uint64(i + 1)
	}
	return ids
}

// sameIDs compares without filling the screen.
func sameIDs(tb testing.TB, want, got []uint64) {
	tb.Helper()
	if slices.Equal(want, got) {
		return
	}
	i := 0
	for i < min(len(want), len(got)) && want[i] == got[i] {
		i++
	}
	tb.Errorf("%d rows, want %d; they differ from row %d on: %v, want %v",
		len(got), len(want), i, got[i:min(i+5, len(got))], want[i:min(i+5, len(want))])
}
