package scan_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/b24go/b24/internal/scan"
)

// model is one random reading: a list that changes, a portal that fails, a
// consumer that stops and comes back.
type model struct {
	rng     *rand.Rand
	p       *portal
	o       scan.Options
	start   []uint64
	deleted map[uint64]bool
	grown   map[uint64]bool
	faulty  bool // requests may fail
	garbage bool // answers may be spoiled
	changes bool // rows come and go
	deletes bool
	inserts bool
	got     []uint64
}

// TestModel reads random lists in every way, stops anywhere and goes on from
// the cursor: all rows that were there all the time come exactly once, or there is an error.
func TestModel(t *testing.T) {
	t.Parallel()
	const shards = 8
	for shard := range shards {
		t.Run(strconv.Itoa(shard), func(t *testing.T) {
			t.Parallel()
			for seed := shard; seed < modelCases && !t.Failed(); seed += shards {
				m := newModel(uint64(seed))
				if problem := m.run(t); problem != "" {
					t.Errorf("seed %d: %s\noptions %+v params %s\nrows %v\ngot %v\nlast requests %v",
						seed, problem, m.o, m.o.Params, m.start[:min(len(m.start), 300)], m.got[:min(len(m.got), 300)], m.p.requests[max(0, len(m.p.requests)-4):])
				}
			}
		})
	}
}

func newModel(seed uint64) *model {
	rng := rand.New(rand.NewPCG(seed, 24))
	m := &model{rng: rng, deleted: map[uint64]bool{}, grown: map[uint64]bool{}}
	m.p = newPortal(0)
	m.p.size = []int{1, 2, 3, 7, 50}[rng.IntN(5)]
	m.p.v3 = rng.IntN(4) == 0
	m.p.textIDs = rng.IntN(2) == 0
	m.method()
	m.rows()
	m.options()
	m.trouble()
	return m
}

// rows fills the list: mostly some pages, now and then a long one or ids beyond what a
// float64 can tell apart, with gaps.
func (m *model) rows() {
	rng, p := m.rng, m.p
	id, most := uint64(0), 5*p.size+20
	if rng.IntN(8) == 0 {
		id = 1 << (53 + rng.IntN(10))
	}
	if rng.IntN(100) == 0 && p.size == 50 && !p.own {
		most = 20_000
	}
	for range rng.IntN(most) {
		id += 1 + uint64(rng.IntN(1+rng.IntN(20)))
		if rng.IntN(30) == 0 {
			id += uint64(rng.IntN(100000))
		}
		p.ids = append(p.ids, id)
	}
	m.start = slices.Clone(p.ids)
}

// method gives the portal the face of a method that is known, or of one that is not.
func (m *model) method() {
	m.o.V3 = m.p.v3
	switch {
	case m.p.v3 && m.rng.IntN(3) == 0:
		m.p.turnOwn()
		m.p.hides = m.rng.IntN(3) == 0
		m.o.Method = "note.collection.list"
		if m.rng.IntN(2) == 0 {
			m.o.Method, m.o.Next = "partner.thing.list", &scan.Next{Param: "pagination.afterCursor", Key: "nextCursor"}
		}
	case m.p.v3:
		m.p.container, m.p.idKey, m.p.key = "items", "id", "id"
		m.p.textIDs = false
		m.o.Method = "tasks.task.list"
	case m.p.size == 50 && m.rng.IntN(2) == 0:
		m.p.container, m.p.idKey, m.p.key = "tasks", "id", "ID"
		m.o.Method = "tasks.task.list"
	case m.p.size == 50:
		m.o.Method = "crm.deal.list"
	default:
		m.o.Method = "partner.thing.list"
		m.p.container = []string{"", "things"}[m.rng.IntN(2)]
		if m.rng.IntN(2) == 0 {
			m.o.IDKey = "id"
			m.o.CursorKey = "ID"
		}
	}
}

func (m *model) options() {
	o, rng := &m.o, m.rng
	o.Paging = []scan.Paging{"", scan.PagingKeyset, scan.PagingChained, scan.PagingOffset}[rng.IntN(4)]
	if o.Paging == scan.PagingOffset && o.V3 {
		m.p.size = max(m.p.size, 2) // pages of one row are refused, they cannot overlap
	}
	o.Descending = rng.IntN(5) == 0
	if o.Method == "partner.thing.list" && o.Paging == scan.PagingOffset && o.IDKey == "" {
		o.Descending = false // by nothing that is known
	}
	o.Concurrency = []int{0, 1, 2, 3, 5}[rng.IntN(5)]
	m.chains([]int{50, 50, 1, 2, 7}[rng.IntN(5)])
	o.WantTotal = rng.IntN(3) == 0
	o.UntilEmpty = rng.IntN(6) == 0
	if rng.IntN(5) == 0 {
		o.Limit = 1 + rng.IntN(60)
	}
	if !o.V3 && rng.IntN(3) == 0 && len(m.p.ids) > 0 {
		o.Params = fmt.Appendf(nil, `{"filter":{"EVEN":1,">=ID":%d},"select":["TITLE"]}`, m.p.ids[rng.IntN(len(m.p.ids))]/2)
	}
	if o.V3 && rng.IntN(3) == 0 {
		o.Params = []byte(`{"filter":["EVEN","=",1],"pagination":{"limit":1000}}`)
	}
	m.p.ignoreUpper = !o.Descending && rng.IntN(8) == 0
	if m.p.own {
		m.ownOptions()
	}
}

// chains bounds the pages of a request: the portal takes so long for a page that no more of them
// fit into the time of a batch, or no batch carries the parameters.
func (m *model) chains(most int) {
	const longBatch = 25 * time.Second
	m.o.Alone, m.p.takes = "", longBatch/time.Duration(most)
	if most == 1 {
		m.o.Alone = "no batch carries it"
	}
}

// ownOptions takes away what a method with a cursor of its own refuses.
func (m *model) ownOptions() {
	m.o.Paging, m.o.Descending, m.o.Concurrency, m.o.UntilEmpty = scan.PagingAuto, false, 0, false
	if m.o.Params != nil {
		m.o.Params = fmt.Appendf(nil, `{"filter":["EVEN","=",1],"pagination":{"limit":%d}}`, 1+m.rng.IntN(60))
	}
}

// trouble has requests fail, answers spoiled and rows come and go.
func (m *model) trouble() {
	rng, p := m.rng, m.p
	m.faulty, m.garbage, m.changes = rng.IntN(3) == 0, rng.IntN(6) == 0, rng.IntN(3) == 0
	if m.o.UntilEmpty && m.o.Paging == scan.PagingOffset {
		m.faulty = false // each go begins with the first page, and would seldom come to the last
	}
	if m.faulty {
		p.fault = func(int, int) error { return m.sometimes(15, errPortal) }
		p.refuse = func(_, calls int) error {
			if calls > 10 {
				return m.sometimes(2, errTimeout)
			}
			return m.sometimes(15, errTimeout)
		}
	}
	if m.garbage {
		p.spoil = func(_, _ int, result string) string {
			if rng.IntN(12) > 0 {
				return result
			}
			spoiled := []string{"null", "{}", result[:len(result)/2], `{"x":[],"y":[]}`, `[{"a":1}]`}
			if m.o.Paging == scan.PagingOffset && m.o.IDKey == "" || m.o.Paging == scan.PagingAuto {
				spoiled = spoiled[:4] // nothing tells such a row from another
			}
			return spoiled[rng.IntN(len(spoiled))]
		}
	}
	if m.changes {
		deletes, inserts := true, true
		if m.o.Paging == scan.PagingOffset {
			// Offset paging cannot tell both at a time.
			deletes = rng.IntN(2) == 0
			inserts = !deletes
		}
		m.deletes, m.inserts = deletes, inserts
		p.between = m.change
	}
}

func (m *model) sometimes(in int, err error) error {
	if m.rng.IntN(in) == 0 {
		return err
	}
	return nil
}

func (m *model) change(p *portal) {
	if m.deletes && len(p.ids) > 0 && m.rng.IntN(4) == 0 {
		i := m.rng.IntN(len(p.ids))
		m.deleted[p.ids[i]] = true
		p.ids = slices.Delete(p.ids, i, i+1)
	}
	if m.inserts && len(p.ids) > 0 && len(m.grown) < 50 && m.rng.IntN(4) == 0 {
		id := p.ids[len(p.ids)-1] + uint64(m.rng.IntN(5)) + 1
		m.grown[id] = true
		p.ids = append(p.ids, id)
	}
}

// run reads in several goes and returns what is wrong.
func (m *model) run(t *testing.T) string {
	t.Helper()
	var report scan.Report
	ended := false
	for range 2000 {
		stop := 0
		if m.rng.IntN(3) == 0 {
			stop = 1 + m.rng.IntN(4)
		}
		got := read(t, m.p, m.o, stop)
		m.got = append(m.got, got.ids...)
		report = got.report
		if problem := m.judge(&got); problem != "" {
			return problem
		}
		if ended = m.isEnd(&got, stop); ended {
			break
		}
		m.o.Resume = m.place(&got)
		if m.o.Concurrency = m.rng.IntN(4); m.p.own {
			m.o.Concurrency = 0
		}
		m.chains([]int{50, 1, 2, 3, 4, 5, 6, 7}[m.rng.IntN(8)])
	}
	if !ended {
		return "it never comes to an end"
	}
	if report.Complete { // from there only what was added since is found
		m.o.Resume = report.Cursor
		m.got = append(m.got, read(t, m.p, m.o, 0).ids...)
	}
	return m.verdict(&report)
}

// place is where the next go begins: behind the last page in one way or another.
func (m *model) place(got *outcome) string {
	if len(got.pages) > 0 && m.rng.IntN(2) == 0 {
		return got.pages[len(got.pages)-1].Cursor()
	}
	return got.report.Cursor
}

// isEnd reports whether there is no more to read, or no way to.
func (m *model) isEnd(got *outcome, stop int) bool {
	final := got.report.Complete || m.o.Limit > 0 && got.err == nil && len(got.pages) != stop
	return final || errors.Is(got.err, scan.ErrChanged) || errors.Is(got.err, scan.ErrIncomplete) || errors.Is(got.err, scan.ErrStalled)
}

func (m *model) judge(got *outcome) string {
	var e *scan.Error
	switch {
	case got.err != nil && !errors.As(got.err, &e):
		return fmt.Sprintf("untyped error %v", got.err)
	case got.err != nil && got.report.Complete:
		return "complete with an error"
	case got.err != nil && !m.faulty && !m.garbage && !m.moved(got.err):
		return fmt.Sprintf("error %v", got.err)
	case got.report.Rows != len(got.ids), got.report.Pages != len(got.pages):
		return fmt.Sprintf("report %+v for %d rows", got.report, len(got.ids))
	case m.o.Limit > 0 && len(got.ids) > m.o.Limit:
		return "more rows than the limit"
	}
	byID := got.report.Paging == scan.PagingKeyset || got.report.Paging == scan.PagingChained
	if byID && !slices.IsSortedFunc(got.ids, m.compare) {
		return fmt.Sprintf("the rows are not in order: %v", got.ids)
	}
	for i, page := range got.pages {
		if page.Total >= 0 && page.Total < page.Done || i > 0 && page.Done <= got.pages[i-1].Done {
			return fmt.Sprintf("page %d: %d of %d", i, page.Done, page.Total)
		}
	}
	return ""
}

func (m *model) compare(a, b uint64) int {
	if m.o.Descending {
		a, b = b, a
	}
	return cmp.Compare(a, b)
}

// moved reports whether err is what rows that come and go make of a reading.
func (m *model) moved(err error) bool {
	return m.changes && (m.o.Paging == scan.PagingOffset || m.p.own && errors.Is(err, scan.ErrChanged))
}

// verdict compares what came with what was there.
func (m *model) verdict(report *scan.Report) string {
	came, there := map[uint64]bool{}, map[uint64]bool{}
	for _, id := range m.start {
		there[id] = true
	}
	for _, id := range m.got {
		if came[id] {
			return fmt.Sprintf("row %d came twice", id)
		}
		came[id] = true
		if !there[id] && !m.grown[id] {
			return fmt.Sprintf("row %d is none", id)
		}
	}
	if !report.Complete {
		return ""
	}
	for _, id := range m.start {
		if m.wanted(id) && !came[id] {
			return fmt.Sprintf("row %d is missing", id)
		}
	}
	return ""
}

func (m *model) wanted(id uint64) bool {
	if m.deleted[id] || m.p.hidden(id) {
		return false
	}
	if m.o.Params == nil {
		return true
	}
	var from uint64
	if _, err := fmt.Sscanf(string(m.o.Params), `{"filter":{"EVEN":1,">=ID":%d`, &from); err != nil {
		from = 0
	}
	return id%2 == 0 && id >= from
}
